"""The nominations store: opened, compared with, written, read out."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from scan_ingest.central import carrying, duplicates, pairs, removing, withholding
from scan_ingest.central.carrying import CentralTransaction
from scan_ingest.central.kind import KIND
from scan_ingest.central.removing import (
    among,
    counted_by_organisation,
    let_go,
    of_before,
)
from scan_ingest.central.rows import nomination_of
from scan_ingest.central.selecting import Selection, unknown
from scan_ingest.central.tables import COPIES, HOLDS, LEDGER, nominations
from scan_ingest.domain.audit import Act, AuditFilter, AuditRow, Head
from scan_ingest.domain.duplicates import Answer, PossibleDuplicate
from scan_ingest.domain.keeping import Copy, CopyKind, Hold, HoldOn
from scan_ingest.domain.merging import Entry, Standing
from scan_ingest.domain.nomination import Nomination
from scan_ingest.domain.selection import Wanted
from scan_ingest.errors import InputError
from scan_ingest.ports.leaving import Remark
from scan_ingest.sql import open_store, place_of, private_folder, reading, scrub, store_address, writing

ROWS_AT_A_TIME = 1000  # held in memory while reading the whole store


def open_central(url: str | None, data: Path, *, create: bool, person: str = "") -> "Central":
    """The nominations store at `url`, by default `central/central.db` in the data folder. `person` is who works with
    it, for the audit.

    Raises `StoreError`, naming the place looked in and no password, where there is none and `create` is false, where it
    is newer than the program, or cannot be reached.
    """
    if create and url is None:
        private_folder(data / KIND.folder)
    return Central(open_store(store_address(url, data, KIND), KIND, create=create), person)


class Central:
    """An open nominations store; `place` says where it is, for people. Every method may raise `StoreError`."""

    def __init__(self, engine: Engine, person: str = "") -> None:
        self._engine = engine
        self._person = person
        self.place = place_of(engine.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def merging(self) -> AbstractContextManager["CentralTransaction"]:
        """One transaction that a batch is carried in: kept at the end, taken back where anything is raised."""
        return self._carrying(Act.MERGE)

    def importing(self) -> AbstractContextManager["CentralTransaction"]:
        """The same for a portion of the website's nominations."""
        return self._carrying(Act.IMPORT_ONLINE)

    @contextmanager
    def _carrying(self, act: Act) -> Iterator["CentralTransaction"]:
        with writing(self._engine) as connection:
            transaction = CentralTransaction(connection, self._person, act)
            yield transaction
            transaction.tell()

    def standing(self, ids: Collection[str]) -> Standing:
        """What the store has under the nominations' ids, without keeping a writer waiting."""
        with reading(self._engine) as connection:
            return carrying.standing(connection, ids)

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Those of the ids that there is a nomination of."""
        with reading(self._engine) as connection:
            return among(connection, nominations.c.nomination_id, ids)

    def nominations(self) -> Iterator[Nomination]:
        """Every nomination: by day, organisation and box, then in the order of files and pages."""
        with self.selection() as every:
            yield from every

    @contextmanager
    def selection(self, wanted: Wanted | None = None) -> Iterator[Selection]:
        """The nominations that are asked for, as they stand now, to be gone through as often as is wanted."""
        with reading(self._engine) as connection:
            yield Selection(connection, wanted or Wanted())

    def unknown(self, wanted: Wanted) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """What is asked for and nobody has: "organisation" or "ward", as it was asked for, and those there are."""
        with reading(self._engine) as connection:
            return unknown(connection, wanted)

    def count(self) -> int:
        """How many nominations there are."""
        with reading(self._engine) as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(nominations)).scalar_one()

    # -- possible duplicates -------------------------------------------------------------------------------------------

    def find_duplicates(self) -> int:
        """Compares what is new or changed since the last time with all there is; how many pairs were not proposed
        before."""
        return duplicates.find(self._engine)

    def would_find_duplicates(self, coming: Sequence[Entry], leaving: Collection[str] = ()) -> int:
        """How many `find_duplicates` would propose if these entries were in and those ids gone."""
        return duplicates.would_find(self._engine, coming, leaving)

    def possible_duplicates(self, *, answered: bool = True) -> tuple[PossibleDuplicate, ...]:
        """The pairs proposed, the likeliest first; only those that wait for an answer, if asked."""
        with reading(self._engine) as connection:
            return tuple(pairs.listed(connection, answered=answered))

    def possible_duplicate(self, pair_id: str) -> PossibleDuplicate:
        """The pair of that id, or of an id that begins so. Raises `InputError` where there is none, or several."""
        with reading(self._engine) as connection:
            return pairs.one(connection, pair_id)

    def answer_duplicate(self, pair_id: str, answer: Answer | None, person: str) -> PossibleDuplicate:
        """Keeps what a person said of a pair, or takes it back with None; the audit tells of both."""
        with writing(self._engine) as connection:
            return pairs.answer(connection, pair_id, answer, person)

    def audit(self, wanted: AuditFilter) -> Iterator[AuditRow]:
        """What was done here, by organisation and number."""
        with reading(self._engine) as connection:
            yield from LEDGER.read(connection, wanted)

    def audit_ends(self) -> tuple[Head, ...]:
        """The end of every organisation's chain."""
        with reading(self._engine) as connection:
            return LEDGER.ends(connection)

    def tell(self, act: Act, counts: Mapping[str, int], *, subject: str = "") -> None:
        """Writes into the audit what was done to so many nominations of each organisation."""
        with writing(self._engine) as connection:
            self._tell(connection, act, counts, subject)

    def tell_of_export(self, counts: Mapping[str, int], file: Path | None) -> None:
        """Writes down that so many nominations of each organisation go into that file; None where they go as
        pseudonyms, which no erasure has to look for."""
        with writing(self._engine) as connection:
            self._tell(connection, Act.EXPORT, counts, "" if file else "pseudonymised")
            if file is not None:
                for each in sorted(counts):
                    COPIES.note(connection, CopyKind.EXPORT, str(file.absolute()), self._person, each)

    def _tell(self, connection: Connection, act: Act, counts: Mapping[str, int], subject: str) -> None:
        for each in sorted(counts):
            detail = {"nominations": counts[each]}
            LEDGER.write(connection, act, organisation=each, person=self._person, subject=subject, detail=detail)

    # -- keeping and letting go ----------------------------------------------------------------------------------------

    def older_than(self, day: date, keep: Collection[str] = ()) -> Mapping[str, int]:
        """How many nominations of each organisation are from before that day, without those on hold or in `keep`."""
        with reading(self._engine) as connection:
            return counted_by_organisation(connection, of_before(connection, day, keep))

    def purge(self, day: date, keep: Collection[str] = ()) -> Mapping[str, int]:
        """Lets go of the nominations from before that day, those in `keep` left out; how many of each organisation
        went."""
        with writing(self._engine) as connection:
            gone = let_go(connection, of_before(connection, day, keep), Act.PURGE)
            removing.tell(connection, Act.PURGE, self._person, nominations=gone)
            return gone

    def erase(self, ids: Sequence[str], naming: Sequence[str] = (), name: Sequence[str] = ()) -> Mapping[str, int]:
        """Lets go of the nominations `ids` and takes a name (its plain words) out of those `naming` the person; no
        later merge or delivery brings either back. How many of each organisation went.

        Raises `StoreError`, and nothing is changed, where one of them is on hold.
        """
        with writing(self._engine) as connection:
            removing.refuse_held(connection, naming)
            gone = let_go(connection, ids, Act.ERASE)
            rewritten = withholding.take_out(connection, naming, name)
            remarks = Counter({"": HOLDS.take_out(connection, name) if name else 0})
            removing.tell(connection, Act.ERASE, self._person, nominations=gone, rewritten=rewritten, remarks=+remarks)
            return gone

    def certify(self, last: Mapping[str, int]) -> None:
        """Writes into the audit that a certificate accounts for each organisation's purges up to that row."""
        with writing(self._engine) as connection:
            for each in sorted(last):
                detail = {"up_to": last[each]}
                LEDGER.write(connection, Act.CERTIFICATE, organisation=each, person=self._person, detail=detail)

    def put_on_hold(self, on: HoldOn, what: str, reason: str) -> int:
        """The number of the new legal hold."""
        with writing(self._engine) as connection:
            number = HOLDS.add(connection, on, what, reason, self._person)
            organisation = removing.organisation_of_hold(connection, on, what)
            detail = {"hold": number}
            LEDGER.write(connection, Act.HOLD, organisation=organisation, person=self._person, detail=detail)
            return number

    def end_hold(self, number: int) -> Hold:
        """Raises `InputError` where none of that number stands."""
        with writing(self._engine) as connection:
            hold = HOLDS.end(connection, number, self._person)
            organisation = removing.organisation_of_hold(connection, hold.on, hold.what)
            detail = {"ended": number}
            LEDGER.write(connection, Act.HOLD, organisation=organisation, person=self._person, detail=detail)
            return hold

    def holds(self, *, ended: bool = False) -> tuple[Hold, ...]:
        """The legal holds that stand, oldest first; ended ones too, if asked."""
        with reading(self._engine) as connection:
            return HOLDS.standing(connection, ended=ended)

    def remarks(self) -> tuple[Remark, ...]:
        """Free words about holds and files."""
        with reading(self._engine) as connection:
            return (*HOLDS.remarks(connection), *COPIES.remarks(connection))

    def note_copy(self, kind: CopyKind, file: Path, organisation: str = "") -> None:
        """Remembers that nominations (of every organisation, or that one) were written to that file."""
        with writing(self._engine) as connection:
            COPIES.note(connection, kind, str(file.absolute()), self._person, organisation)

    def copies(self) -> tuple[Copy, ...]:
        """The files that nominations were written to, oldest first."""
        with reading(self._engine) as connection:
            return COPIES.all(connection)

    # -- where they came from ------------------------------------------------------------------------------------------

    def scrub(self) -> bool:
        """Makes the database forget what its rows no longer say; False where another program was in the way."""
        return scrub(self._engine)

    def one(self, beginning: str) -> tuple[Nomination, Mapping[str, Any]]:
        """The nomination whose id is or begins so, and where it came from. Raises `InputError` where there is none, or
        several."""
        which = nominations.c.nomination_id.startswith(beginning.strip().lower(), autoescape=True)
        with reading(self._engine) as connection:
            found = connection.execute(nominations.select().where(which).limit(2)).mappings().all()
        if not beginning.strip() or len(found) != 1:
            how_many = "several nominations" if beginning.strip() and found else "no nomination"
            raise InputError(f"{how_many} with an id that begins with {beginning!r} in {self.place}")
        return nomination_of(found[0]), found[0]["provenance"]

    def provenance(self, nomination_id: str) -> Mapping[str, Any]:
        """Where a nomination came from; empty where there is no such nomination."""
        question = sa.select(nominations.c.provenance).where(nominations.c.nomination_id == nomination_id)
        with reading(self._engine) as connection:
            return connection.execute(question).scalar_one_or_none() or {}


def rows_that_changed(connection: Connection) -> Iterator[str]:
    """The nominations that are not what their digests say, in words; see `sql.checking`."""
    every = connection.execute(nominations.select(), execution_options={"yield_per": ROWS_AT_A_TIME})
    for row in every.mappings():
        if Entry(nomination_of(row), row["provenance"]).digest != row["digest"]:
            yield f"nomination {row['nomination_id']} was changed by something else than this program"
