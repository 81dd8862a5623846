"""The chain of an audit: whatever is done to it afterwards shows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from scan_ingest.domain.audit import Act, AuditRow, Fault, Head, faults

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, UTC)


def chain(length: int, organisation: str = "Northgate") -> list[AuditRow]:
    rows: list[AuditRow] = []
    previous = ""
    for number in range(1, length + 1):
        row = AuditRow(organisation, number, AT, "ann", Act.CLAIM, f"b0001 card {number}", {"cards": number}, previous)
        rows.append(replace(row, hash=row.seal))
        previous = row.seal
    return rows


def head(rows: Sequence[AuditRow]) -> Head:
    return Head(rows[-1].organisation, rows[-1].number, rows[-1].hash)


def found(rows: Sequence[AuditRow], heads: Sequence[Head], kept: Sequence[Head] = ()) -> list[tuple[int, str]]:
    return [(fault.number, fault.why) for fault in faults(rows, heads, kept)]


def test_chains_as_they_were_written_have_no_faults() -> None:
    north, south = chain(4), chain(2, "Southgate")
    assert found([*north, *south], [head(north), head(south)], [head(north[:2])]) == []


def test_a_row_that_was_changed_shows_whatever_was_changed() -> None:
    rows = chain(3)
    for change in ({"person": "ben"}, {"act": "undo"}, {"detail": {"cards": 7}}, {"at": AT.replace(hour=8)}):
        changed = [rows[0], replace(rows[1], **change), rows[2]]  # type: ignore[arg-type]  # fields by name
        assert found(changed, [head(rows)]) == [(2, "it was changed after it was written")]


def test_a_row_that_was_changed_and_sealed_anew_no_longer_carries_the_next() -> None:
    rows = chain(3)
    forged = replace(rows[1], person="ben")
    forged = replace(forged, hash=forged.seal)
    assert found([rows[0], forged, rows[2]], [head(rows)]) == [(3, "it does not follow the row before it")]


def test_rows_taken_out_leave_a_gap() -> None:
    rows = chain(5)
    assert found([rows[0], *rows[3:]], [head(rows)]) == [(2, "rows are missing up to 3")]


def test_an_end_cut_off_shows_by_the_head_that_the_store_or_somebody_else_kept() -> None:
    rows = chain(5)
    assert found(rows[:3], [head(rows)]) == [(4, "the end is cut off: there was a row 5")]
    cut_with_its_head = found(rows[:3], [head(rows[:3])], [head(rows)])
    assert cut_with_its_head == [(4, "the end is cut off: there was a row 5")]
    assert list(faults([], [head(rows)])) == [Fault("Northgate", 1, "the end is cut off: there was a row 5")]


def test_a_chain_rewritten_as_a_whole_shows_by_a_head_kept_elsewhere() -> None:
    rows = chain(4)
    other = [replace(row, person="ben") for row in rows]
    previous = ""
    rewritten = []
    for row in other:
        row = replace(row, previous=previous)
        rewritten.append(replace(row, hash=row.seal))
        previous = rewritten[-1].hash
    assert found(rewritten, [head(rewritten)]) == []
    assert [number for number, _ in found(rewritten, [head(rewritten)], [head(rows)])] == [4]


def test_rows_written_while_the_chain_is_read_are_no_fault() -> None:
    rows = chain(5)
    assert found(rows, [head(rows[:3])]) == []
