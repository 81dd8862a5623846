"""Words and cards taken out for good."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from scan_ingest.domain.letter import Area, PageAnswer, UnreadPage
from scan_ingest.errors import CardRefusedError, StoreError
from scan_ingest.ports.leaving import Remark, Trail
from scan_ingest.ports.redaction import Choose, Forget, Locate, Redraw
from scan_ingest.sql import reading, scrub, writing
from scan_ingest.workspace import covering, erasing, leftovers, letters, redacting, rescans, trails
from scan_ingest.workspace.desk.opened import Opened
from scan_ingest.workspace.redacting import Unfinished

TRIES = 3  # while somebody types on the card


class Removing(Opened):
    """Redaction and erasure."""

    def redact(
        self,
        card_id: str,
        choose: Choose,
        person: str,
        redraw: Redraw,
        forget: Forget,
        typed: Mapping[str, str] | None = None,
        locate: Locate | None = None,
        words: Sequence[str] = (),
    ) -> tuple[str, ...]:
        """Takes words out of everything that is kept of a card and of other scans of it: texts, readings, drafts,
        history, pictures, originals.

        `choose` says which, by field; the same words go wherever else the card's answers have them, and on pages that
        belong to it where `locate` finds them: whether that is all, a person says (`unread_pages`). `typed` are texts
        that the person has before them and has not decided on, `words` go wherever they stand. Returns the fields that
        had any. Bytes of what went are left until `finish_redaction`. Raises `CardRefusedError` where somebody else
        holds or changes one of them or a legal hold stands on it, `StoreError` while an ingest is at work.
        """
        reads = letters.Letters(self.folder, locate)
        with self.ingest_lock():
            for _ in range(TRIES):
                with reading(self._engine) as connection:
                    planned = redacting.plan(connection, card_id, choose, typed or {}, words)
                    belonging = letters.pictures_of(connection, planned.numbers)
                if planned.is_empty:
                    self._note_nothing(planned, person)
                    return ()
                gone = planned.removal.words
                forget(gone, (planned.card_id, *planned.scans))
                covered = {**planned.covered, **reads.places(belonging, gone)}
                with reading(self._engine) as connection:
                    replaced = covering.draw(connection, self.folder, covered, redraw)
                with writing(self._engine) as connection:
                    leftovers.leave(connection, replaced.new)  # until a row names them
                with writing(self._engine) as connection:
                    if redacting.write(connection, planned, replaced, person):
                        return planned.fields
        raise CardRefusedError(f"card {card_id}: it is being changed; try again")

    def _note_nothing(self, planned: redacting.Redaction, person: str) -> None:
        if planned.scans:
            with writing(self._engine) as connection:
                redacting.write_nothing(connection, planned, person, datetime.now(UTC))

    def refuse_redacting(self, card_id: str, person: str) -> None:
        """Raises `CardRefusedError` where a legal hold stands on the card or another scan of it, or somebody else than
        `person` holds one of them, and `StoreError` while an ingest is at work: `redact` would."""
        with self.ingest_lock(), reading(self._engine) as connection:
            redacting.refuse(connection, card_id, person)

    def refuse_erasing(self, card_id: str) -> None:
        """Raises `CardRefusedError` where a legal hold stands on the card, or there never was one."""
        with reading(self._engine) as connection:
            erasing.plan(connection, card_id)

    def erase(self, card_id: str, person: str, redraw: Redraw) -> bool:
        """Takes a card out of the workspace with all that was read, typed and drawn of it; False where it is out
        already. What was in its pictures and in the scan is black.

        Raises `CardRefusedError` where a legal hold stands on it or somebody else holds it, `StoreError` while an
        ingest is at work.
        """
        with self.ingest_lock():
            with reading(self._engine) as connection:
                planned = erasing.plan(connection, card_id)
                if planned is None:
                    return False
                replaced = covering.draw(connection, self.folder, planned.covered, redraw)
            with writing(self._engine) as connection:
                leftovers.leave(connection, replaced.new)  # until a row names them
            with writing(self._engine) as connection:
                erasing.write(connection, planned, replaced, person)
            self._remove_leftovers()
        return True

    def unfinished_redactions(self) -> tuple[Unfinished, ...]:
        """Those whose words may still lie in old files, in the database's own, or in the nominations store."""
        with reading(self._engine) as connection:
            return redacting.unfinished(connection)

    def finish_redaction(self, redaction: Unfinished) -> None:
        """Deletes the files that still show the words, and makes the database forget them; run again, it does no harm.

        Raises `StoreError` where another program is in the way; it stays unfinished then.
        """
        with self.ingest_lock():
            leftovers.sweep(self._engine, self.folder)
        if not scrub(self._engine):
            raise StoreError(
                f"{self.folder}: another program reads the workspace, so that words taken out may still lie in "
                "its files; end it, then run `identity redact` again"
            )
        with writing(self._engine) as connection:
            redacting.close(connection, redaction.number)

    def trail(self, card_id: str) -> Trail:
        """What people typed on the card beside the text that stands."""
        with reading(self._engine) as connection:
            return trails.of_card(connection, card_id)

    def remarks(self) -> tuple[Remark, ...]:
        """Free words about boxes, holds and files."""
        with reading(self._engine) as connection:
            return trails.remarks(connection)

    def take_out_of_remarks(self, name: Sequence[str]) -> None:
        """Takes a name (its plain words) out of the reasons that people gave for boxes and holds."""
        with writing(self._engine) as connection:
            trails.take_out(connection, name, self._person)
        scrub(self._engine)

    def gone(self, card_ids: Collection[str]) -> frozenset[str]:
        """Those of the cards that were erased, or whose texts were purged."""
        with reading(self._engine) as connection:
            return erasing.gone(connection, card_ids)

    def unread_pages(self) -> tuple[UnreadPage, ...]:
        """The pages that belong to cards which words were taken out of, and that nobody has looked at since."""
        with reading(self._engine) as connection:
            return letters.unread(connection)

    def answer_page(self, key: int, answer: PageAnswer, areas: Sequence[Area], person: str, redraw: Redraw) -> None:
        """Keeps what a person says of a page (its key is from `find_page`); the areas are made black, wherever it is
        kept.

        Raises `InputError` where the page is attached to no card, `CardRefusedError` where a legal hold stands on the
        card or its box, or somebody else holds the card, `StoreError` while an ingest is at work.
        """
        with self.ingest_lock():
            with reading(self._engine) as connection:
                covered = letters.plan(connection, self.folder, key, areas, person)
                replaced = covering.draw(connection, self.folder, covered, redraw)
            with writing(self._engine) as connection:
                leftovers.leave(connection, replaced.new)  # until a row names them
            with writing(self._engine) as connection:
                letters.write(connection, key, answer, replaced, person, datetime.now(UTC))
            self._remove_leftovers()

    def scans_of(self, card_id: str) -> tuple[str, ...]:
        """The ids of the cards that a person called other scans of that card."""
        with reading(self._engine) as connection:
            return rescans.scans_of(connection, card_id)

    def redacted_before_another_scan(self) -> tuple[str, ...]:
        """The ids of cards that words were taken out of before somebody said that another card is a scan of it,
        which nobody has gone over since."""
        with reading(self._engine) as connection:
            return redacting.before_another_scan(connection)

    def perhaps_scans_of(self, card_id: str) -> tuple[str, ...]:
        """The ids of the cards that may be other scans of it, nobody having said."""
        with reading(self._engine) as connection:
            return rescans.perhaps_scans_of(connection, card_id)
