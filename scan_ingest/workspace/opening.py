"""Batches as `ingest` opens and continues them, and their files."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from scan_ingest.domain.batch import Batch, BatchState, BoxLabel, Collation, Original
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import InputError, UsageError
from scan_ingest.workspace import rows
from scan_ingest.workspace.tables import batch_files, batches


def batch_number(connection: Connection, batch_id: str) -> int:
    """The number of the batch with that id, in any case. Raises `InputError` where there is none."""
    digits = batch_id.strip().lower().removeprefix("b")
    # More digits than that are no batch, and more than a database's integer holds.
    if digits.isascii() and digits.isdigit() and len(digits) <= 9:
        found = connection.execute(sa.select(batches.c.number).where(batches.c.number == int(digits))).scalar()
        if found is not None:
            return int(found)
    last = connection.execute(sa.select(sa.func.max(batches.c.number))).scalar()
    hint = f"the last one is {rows.batch_id(last)}" if last else "there is none yet"
    raise InputError(f'no batch "{batch_id}" in this workspace; {hint}')


def batch_from(connection: Connection, folder: Path, row: Row[*tuple[object, ...]]) -> Batch:
    """The batch of a row of `batches`, with its files."""
    files = connection.execute(
        sa.select(batch_files).where(batch_files.c.batch == row.number).order_by(batch_files.c.position)
    )
    return Batch(
        rows.batch_id(row.number),
        rows.label_from(row),
        BatchState(row.state),
        row.created_at,
        tuple(Original(f.name, f.sha256, folder / f.original if f.original else None, f.reason) for f in files),
        row.expected_cards,
        row.discard_reason,
        Collation(row.collated),
    )


def open_batch(
    connection: Connection,
    folder: Path,
    label: BoxLabel,
    files: Sequence[Original],
    expected_cards: int | None,
    *,
    any_date: bool,
    collation: Collation | None,
) -> tuple[Batch, bool]:
    """See `IngestDesk.open_batch`."""
    number = _unfinished(connection, label, {file.sha256 for file in files}, any_date=any_date)
    continued = number is not None
    if number is None:
        made = connection.execute(
            sa.insert(batches).values(
                organisation=as_kept(label.organisation).strip(),
                ward=as_kept(label.ward).strip(),
                collected=label.collected,
                state=BatchState.UNFINISHED,
                created_at=datetime.now(UTC),
                expected_cards=expected_cards,
                collated=collation or Collation.DUPLEX,
            )
        )
        assert made.inserted_primary_key is not None  # an INSERT of one row has one
        number = int(made.inserted_primary_key[0])
    else:
        _same_collation(connection, number, collation)
    if continued and expected_cards is not None:
        connection.execute(sa.update(batches).where(batches.c.number == number).values(expected_cards=expected_cards))
    _add_files(connection, folder, number, files)
    row = connection.execute(sa.select(batches).where(batches.c.number == number)).one()
    return batch_from(connection, folder, row), continued


def _same_collation(connection: Connection, number: int, collation: Collation | None) -> None:
    began = connection.execute(sa.select(batches.c.collated).where(batches.c.number == number)).scalar_one()
    if collation not in (None, began):
        name = rows.batch_id(number)
        raise UsageError(
            f"batch {name} is unfinished and began with --collate {began}: continue it so, then "
            f"`batch amend {name} --collate {collation}`; or take it back with `batch discard {name}`"
        )


def _unfinished(connection: Connection, label: BoxLabel, hashes: set[str], *, any_date: bool) -> int | None:
    """The newest unfinished batch with that label and one of those files."""
    candidates = connection.execute(
        sa.select(batches).where(batches.c.state == BatchState.UNFINISHED).order_by(batches.c.number.desc())
    ).all()
    for row in candidates:
        same_box = _alike(row.organisation, label.organisation) and _alike(row.ward, label.ward)
        if not (same_box and (any_date or row.collected == label.collected)):
            continue
        known = connection.execute(sa.select(batch_files.c.sha256).where(batch_files.c.batch == row.number)).scalars()
        if hashes & set(known):
            return int(row.number)
    return None


def _alike(one: str, other: str) -> bool:
    return one.split() == other.split() or one.casefold().split() == other.casefold().split()


def _add_files(connection: Connection, folder: Path, number: int, files: Sequence[Original]) -> None:
    """Adds the files that the batch lacks. One that was handed in twice is in it twice."""
    known = Counter(
        connection.execute(sa.select(batch_files.c.sha256).where(batch_files.c.batch == number)).scalars().all()
    )
    position = known.total()
    for file in files:
        if known[file.sha256]:
            known[file.sha256] -= 1
            continue
        connection.execute(
            sa.insert(batch_files).values(
                batch=number,
                position=position,
                name=file.name,
                sha256=file.sha256,
                original=None if file.path is None else PurePath(file.path.relative_to(folder)).as_posix(),
                reason=file.reason,
            )
        )
        position += 1


def stand_in(connection: Connection, folder: Path, file: Original) -> Path | None:
    """What stands in for a file that words were taken out of; None where nothing was."""
    assert file.path is not None
    place = PurePath(file.path.relative_to(folder)).as_posix()
    same = sa.select(batch_files.c.original).where(batch_files.c.sha256 == file.sha256)
    found = set(connection.execute(same.where(batch_files.c.original.is_not(None))).scalars())
    return folder / found.pop() if len(found) == 1 and place not in found else None
