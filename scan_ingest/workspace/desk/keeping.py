"""What is kept, for how long, and what was told of it."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from scan_ingest.domain.audit import Act, AuditFilter, AuditRow, Head
from scan_ingest.domain.keeping import BatchAtRest, Copy, CopyKind, Hold, HoldOn, Kept
from scan_ingest.sql import reading, writing
from scan_ingest.workspace import audit, keeping, opening, rows
from scan_ingest.workspace.desk.opened import Opened
from scan_ingest.workspace.tables import COPIES, HOLDS


class Keeping(Opened):
    """Holds, copies, purges, and the audit."""

    def at_rest(self) -> tuple[BatchAtRest, ...]:
        """Every batch with what decides whether it may be let go of, oldest first."""
        with reading(self._engine) as connection:
            return keeping.at_rest(connection, self.folder)

    def purge(self, batch_id: str, what: Collection[Kept]) -> None:
        """Lets go of a batch's pictures, of its texts, or both, for good.

        Raises `StoreError` where something of it still waits for a person or is on hold, or an ingest is at work.
        """
        with self.ingest_lock():
            with writing(self._engine) as connection:
                number = opening.batch_number(connection, batch_id)
                keeping.refuse_unfinished(connection, self.folder, rows.batch_id(number))
                if Kept.PICTURES in what:
                    keeping.purge_pictures(connection, number, self._person)
                if Kept.WORKSPACE in what:
                    keeping.purge_texts(connection, number, self._person)
            self._remove_leftovers()

    def sweep(self) -> int:
        """Removes files that a purge, redaction or erasure left without use and could not remove; how many went."""
        with self.ingest_lock():
            return self._remove_leftovers()

    def certify(self, last: Mapping[str, int]) -> None:
        """Writes into the audit that a certificate accounts for each organisation's purges up to that row."""
        with writing(self._engine) as connection:
            for each in sorted(last):
                detail = {"up_to": last[each]}
                audit.of_organisation(connection, each, Act.CERTIFICATE, self._person, "", **detail)

    def put_on_hold(self, on: HoldOn, what: str, reason: str) -> int:
        """The number of the new legal hold. Raises `InputError` where there is no such batch, `CardRefusedError` where
        there is no such card."""
        with writing(self._engine) as connection:
            return keeping.put_on_hold(connection, on, what, reason, self._person)

    def end_hold(self, number: int) -> Hold:
        """Raises `InputError` where none of that number stands."""
        with writing(self._engine) as connection:
            return keeping.end_hold(connection, number, self._person)

    def holds(self, *, ended: bool = False) -> tuple[Hold, ...]:
        """The legal holds that stand, oldest first; ended ones too, if asked."""
        with reading(self._engine) as connection:
            return HOLDS.standing(connection, ended=ended)

    def note_copy(self, kind: CopyKind, file: Path, organisation: str = "", batch_id: str | None = None) -> None:
        """Remembers that cards were written to that file, and tells the audit: those of every batch, of an
        organisation, or of one batch."""
        with writing(self._engine) as connection:
            keeping.note_copy(connection, kind, file, organisation, batch_id, self._person)

    def copies(self) -> tuple[Copy, ...]:
        """The files that cards were written to, oldest first."""
        with reading(self._engine) as connection:
            return COPIES.all(connection)

    def audit(self, wanted: AuditFilter) -> Iterator[AuditRow]:
        """What was done here, by organisation and number."""
        with reading(self._engine) as connection:
            yield from audit.read(connection, wanted)

    def tell(self, act: Act, counts: Mapping[str, int]) -> None:
        """Writes into the audit what was done with so many cards of each organisation."""
        with writing(self._engine) as connection:
            for organisation in sorted(counts):
                audit.of_organisation(connection, organisation, act, self._person, "", cards=counts[organisation])

    def audit_ends(self) -> tuple[Head, ...]:
        """The end of every organisation's chain."""
        with reading(self._engine) as connection:
            return audit.ends(connection)
