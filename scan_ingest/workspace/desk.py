"""The workspace as the rest of the program sees it: each method is one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from scan_ingest.domain.audit import Act, AuditFilter, AuditRow, Head
from scan_ingest.domain.batch import Batch, BatchSummary, BoxLabel, Collation, OpenSide, Original, PageRow, StackPage
from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import Answer, CardFindings, IdentitySettlement
from scan_ingest.domain.keeping import BatchAtRest, Copy, CopyKind, Hold, HoldOn, Kept
from scan_ingest.domain.letter import Area, PageAnswer, UnreadPage
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.domain.rescan import Rescan, RescanAnswer
from scan_ingest.domain.review import AcceptedCard, MergedCard, PastDecision, Review, ReviewedCard
from scan_ingest.domain.second_look import SecondLook
from scan_ingest.errors import CardRefusedError, StoreError
from scan_ingest.ports.align import NearCard, PageAtHand, PageDecision, Settle
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.ingest import NOTHING_TO_SETTLE, PageRecord, Seen, Settlement
from scan_ingest.ports.leaving import Remark, Trail
from scan_ingest.ports.redaction import Choose, Forget, Locate, Redraw
from scan_ingest.ports.review import ANY_CARD, Draft, QueueCount, QueuedCard, Theirs, Wanted
from scan_ingest.sql import open_store, private_folder, reading, scrub, store_address, writing
from scan_ingest.workspace import (
    aligning,
    audit,
    covering,
    erasing,
    identities,
    keeping,
    leases,
    leftovers,
    letters,
    listing,
    locks,
    merging,
    opening,
    pictures,
    queued,
    recording,
    redacting,
    rescans,
    reviewed,
    reviewing,
    rows,
    second_looks,
    trails,
)
from scan_ingest.workspace.kind import KIND
from scan_ingest.workspace.redacting import Unfinished
from scan_ingest.workspace.tables import COPIES, HOLDS

TRIES = 3  # while somebody types on the card
CARDS_AT_ONCE = 200  # with all they hold about 2 MB


def open_workspace(
    url: str | None, data: Path, *, create: bool, person: str = "", second_look_percent: float = 0.0
) -> "Workspace":
    """The workspace in the data folder; `url` is its database, None for SQLite in that folder. `person` is who works
    with it, for the audit. Of the cards accepted in it, `second_look_percent` (0 to 100) are drawn for a second look.

    Only with `create` is a missing one made. Raises `StoreError` where there is none (naming the place), or it is
    locked, damaged, out of reach or newer than the program.
    """
    folder = (data / KIND.folder).absolute()
    if create and not folder.exists():
        private_folder(folder)
    engine = open_store(store_address(url, data, KIND), KIND, create=create)
    return Workspace(engine, folder, person, second_look_percent=second_look_percent)


class Workspace:
    """An `IngestDesk`, an `AlignDesk`, a `ReviewDesk`, a `ReviewedDesk` and a `MergeDesk`; see there."""

    def __init__(self, engine: Engine, folder: Path, person: str = "", *, second_look_percent: float = 0.0) -> None:
        self._engine = engine
        self.folder = folder
        self._person = person
        self._second_look_percent = second_look_percent

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- ingest --------------------------------------------------------------------------------------------------------

    def ingest_lock(self, organisation: str = "") -> AbstractContextManager[None]:
        """Held by an ingest of that organisation while it works; ends with its process. Raises `StoreError` that says
        who has it."""
        return locks.ingest_lock(self.folder, self._engine, organisation)

    def keep_original(self, path: Path) -> Original:
        kept = pictures.keep_original(self.folder, path)
        with reading(self._engine) as connection:
            stand_in = None if kept.path is None else opening.stand_in(connection, self.folder, kept)
        if stand_in is None or kept.path is None:
            return kept
        kept.path.unlink(missing_ok=True)  # words were taken out of it: it does not come back with another scan
        return replace(kept, path=stand_in)

    def open_batch(
        self,
        label: BoxLabel,
        files: Sequence[Original],
        expected_cards: int | None,
        *,
        any_date: bool,
        collation: Collation | None = None,
    ) -> tuple[Batch, bool]:
        with writing(self._engine) as connection:
            batch, continued = opening.open_batch(
                connection, self.folder, label, files, expected_cards, any_date=any_date, collation=collation
            )
            number = opening.batch_number(connection, batch.id)
            audit.of_batch(connection, number, Act.INGEST_BEGUN, self._person, files=len(batch.files))
            return batch, continued

    def recorded_pages(self, batch_id: str) -> frozenset[tuple[int, int]]:
        with reading(self._engine) as connection:
            return recording.recorded_pages(connection, opening.batch_number(connection, batch_id))

    def seen(self, ref: PageRef, picture_sha256: str | None) -> Seen | None:
        with reading(self._engine) as connection:
            return recording.seen(connection, ref, picture_sha256)

    def open_sides(self, batch_id: str) -> tuple[OpenSide, ...]:
        with reading(self._engine) as connection:
            return recording.open_sides(connection, opening.batch_number(connection, batch_id))

    def record(self, batch_id: str, page: PageRecord) -> int:
        # Pictures first: a row never names a picture that is not there; a picture without a row harms nobody.
        picture = None if page.picture is None else pictures.keep_picture(self.folder, page.picture)
        side_pictures = {side.place: pictures.keep_picture(self.folder, side.picture) for side in page.sides}
        try:
            with writing(self._engine) as connection:
                number = opening.batch_number(connection, batch_id)
                return recording.record(connection, number, page, picture, side_pictures)
        except recording.CardElsewhereError as elsewhere:
            again = PageRecord(
                page.file_position, page.ref, Outcome.DUPLICATE, str(elsewhere), page.dpi, page.picture_sha256
            )
            return self.record(batch_id, again)

    def stack(self, batch_id: str) -> tuple[StackPage, ...]:
        with reading(self._engine) as connection:
            return recording.stack(connection, opening.batch_number(connection, batch_id))

    def finish(self, batch_id: str, settlement: Settlement = NOTHING_TO_SETTLE) -> None:
        with writing(self._engine) as connection:
            number = opening.batch_number(connection, batch_id)
            recording.settle(connection, number, settlement)
            recording.finish(connection, number)
            rescans.propose(connection, number)
            found = {outcome.value: count for outcome, count in recording.outcomes(connection, number).items()}
            cards = recording.count_cards(connection, number)
            audit.of_batch(connection, number, Act.INGEST, self._person, cards=cards, **found)

    def collate(self, batch_id: str, collation: Collation, settlement: Settlement) -> None:
        with writing(self._engine) as connection:
            number = opening.batch_number(connection, batch_id)
            recording.collate(connection, number, collation)
            recording.settle(connection, number, settlement)
            rescans.propose(connection, number)
            audit.of_batch(connection, number, Act.COLLATE, self._person, collation=str(collation))

    def outcomes(self, batch_id: str) -> Mapping[Outcome, int]:
        with reading(self._engine) as connection:
            return recording.outcomes(connection, opening.batch_number(connection, batch_id))

    def count_cards(self, batch_id: str) -> int:
        with reading(self._engine) as connection:
            return recording.count_cards(connection, opening.batch_number(connection, batch_id))

    def count_cards_seen_before(self, batch_id: str) -> int:
        with reading(self._engine) as connection:
            number = opening.batch_number(connection, batch_id)
            return listing.cards_seen_before(connection, number).get(number, 0)

    # -- review --------------------------------------------------------------------------------------------------------

    def claim_next(
        self, reviewer: str, lease: timedelta, *, wanted: Wanted = ANY_CARD, skip: Collection[str] = ()
    ) -> QueuedCard | None:
        with writing(self._engine) as connection:
            number = leases.claim_next(connection, reviewer, lease, asked=wanted, skip=skip)
            return None if number is None else queued.claimed_card(connection, number)

    def claim(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        with writing(self._engine) as connection:
            return queued.claimed_card(connection, leases.claim(connection, card_id, reviewer, lease))

    def renew(self, card_id: str, reviewer: str, lease: timedelta) -> bool:
        with writing(self._engine) as connection:
            return leases.renew(connection, card_id, reviewer, lease)

    def give_back(self, card_id: str, reviewer: str) -> None:
        with writing(self._engine) as connection:
            leases.give_back(connection, card_id, reviewer)

    def save_draft(self, card_id: str, reviewer: str, draft: Draft) -> None:
        with writing(self._engine) as connection:
            reviewing.save_draft(connection, card_id, reviewer, draft)

    def draft(self, card_id: str, reviewer: str) -> Draft | None:
        with reading(self._engine) as connection:
            return reviewing.draft(connection, card_id, reviewer)

    def theirs(self, card_id: str, reviewer: str) -> Theirs | None:
        with reading(self._engine) as connection:
            return reviewing.theirs(connection, card_id, reviewer)

    def decide(self, review: Review, *, reopen: bool = False) -> None:
        """With `reopen`, in any state and without a lease; see `ReviewDesk.decide`."""
        with writing(self._engine) as connection:
            reviewing.decide(connection, review, reopen=reopen, second_look_percent=self._second_look_percent)

    def undo(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        with writing(self._engine) as connection:
            return queued.claimed_card(connection, reviewing.undo(connection, card_id, reviewer, lease))

    def field_notes(self, card_id: str) -> tuple[FieldNote, ...]:
        with reading(self._engine) as connection:
            return queued.field_notes(connection, card_id)

    def side_picture(self, card_id: str, side: str) -> bytes:
        with reading(self._engine) as connection:
            relative = queued.side_picture(connection, card_id, side)
        return pictures.read_picture(self.folder, relative)

    def attached_picture(self, card_id: str, ref: PageRef) -> bytes:
        with reading(self._engine) as connection:
            relative = queued.attached_picture(connection, card_id, ref)
        return pictures.read_picture(self.folder, relative)

    def count(self, reviewer: str, wanted: Wanted = ANY_CARD) -> QueueCount:
        with reading(self._engine) as connection:
            return leases.count(connection, reviewer, wanted)

    def history(self, card_id: str) -> tuple[PastDecision, ...]:
        """Every decision on the card and every undo, oldest first."""
        with reading(self._engine) as connection:
            return reviewing.history(connection, card_id)

    def release(self, reviewer: str | None) -> int:
        """Ends every lease, or those of one reviewer; how many were still running."""
        with writing(self._engine) as connection:
            return leases.release(connection, reviewer, self._person)

    # -- align ---------------------------------------------------------------------------------------------------------

    def pages_to_align(self, batch_id: str | None = None) -> tuple[int, ...]:
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            return aligning.waiting_pages(connection, batch)

    def find_page(self, name: str, batch_id: str | None = None) -> int:
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            return aligning.find_page(connection, name, batch)

    def page_at_hand(self, key: int) -> PageAtHand:
        with reading(self._engine) as connection:
            return aligning.page_at_hand(connection, self.folder, key)

    def cards_near(self, key: int) -> tuple[NearCard, ...]:
        with reading(self._engine) as connection:
            return aligning.cards_near(connection, key)

    def decide_page(self, decision: PageDecision, settle: Settle) -> PageAtHand:
        side_pictures = {side.place: pictures.keep_picture(self.folder, side.picture) for side in decision.sides}
        with writing(self._engine) as connection:
            page = aligning.decide(connection, self.folder, decision, side_pictures, settle)
            audit.of_page(connection, page.key, Act.ALIGN, decision.person, call=str(decision.call))
            return page

    def undo_page(self, page: PageAtHand, person: str, at: datetime, settle: Settle) -> PageAtHand:
        with writing(self._engine) as connection:
            after = aligning.undo(connection, self.folder, page, person, at, settle)
            audit.of_page(connection, page.key, Act.ALIGN, person, call="undo")
            return after

    # -- looking and putting right -------------------------------------------------------------------------------------

    def batches(self) -> tuple[BatchSummary, ...]:
        with reading(self._engine) as connection:
            return listing.summaries(connection, self.folder)

    def batch(self, batch_id: str) -> BatchSummary:
        """That batch. Raises `InputError` where there is none."""
        with reading(self._engine) as connection:
            name = rows.batch_id(opening.batch_number(connection, batch_id))
            return next(one for one in listing.summaries(connection, self.folder) if one.batch.id == name)

    def pages(self, batch_id: str) -> tuple[PageRow, ...]:
        """Every page of the batch, file by file."""
        with reading(self._engine) as connection:
            return listing.page_rows(connection, opening.batch_number(connection, batch_id))

    def page_picture(self, row: PageRow) -> bytes | None:
        """The page as it is kept (JPEG); None where nothing was. Raises `StoreError` where it is gone."""
        return None if row.picture is None else pictures.read_picture(self.folder, row.picture)

    def rescans(self, *, answered: bool = False) -> tuple[Rescan, ...]:
        """The cards that seem to have been scanned before and wait for a person; those settled too, if asked."""
        with reading(self._engine) as connection:
            return rescans.found(connection, answered=answered)

    def answer_rescan(self, later_id: str, earlier_id: str, given: RescanAnswer, person: str) -> None:
        """Settles it. Raises `CardRefusedError` where nobody proposed it, or somebody else holds the card that is to be
        rejected."""
        with writing(self._engine) as connection:
            later = rescans.answer(connection, later_id, earlier_id, given, person, datetime.now(UTC))
            audit.of_card(connection, later, Act.RESCAN, person, answer=str(given))

    def amend_batch(
        self,
        batch_id: str,
        *,
        organisation: str | None = None,
        ward: str | None = None,
        collected: date | None = None,
    ) -> Batch:
        """Puts the box's label right; what is None stays. Cards that were merged wait to be merged again.

        Raises `UsageError` for an empty name, `StoreError` where there is no such batch or it was discarded.
        """
        with writing(self._engine) as connection:
            number = opening.batch_number(connection, batch_id)
            before = audit.organisation_of(connection, number)
            batch = listing.amend(connection, self.folder, number, organisation, ward, collected)
            # A batch that changes hands is told of in the chains of both.
            for each in sorted({before, batch.label.organisation}):
                audit.of_organisation(connection, each, Act.AMEND, self._person, batch.id)
            return batch

    def discard_batch(self, batch_id: str, reason: str) -> str:
        """Takes the batch back: its cards leave the queue, its pages can be ingested again. Its id as we spell it.

        Raises `UsageError` without a reason, `StoreError` where a card of it was merged or is being reviewed, or an
        ingest is at work.
        """
        with (
            self.ingest_lock(self.batch(batch_id).batch.label.organisation),
            writing(self._engine) as connection,
        ):
            number = opening.batch_number(connection, batch_id)
            listing.discard(connection, number, reason)
            audit.of_batch(connection, number, Act.DISCARD, self._person)
            return rows.batch_id(number)

    def card(self, card_id: str) -> QueuedCard:
        """That card. Raises `CardRefusedError` where there is none."""
        with reading(self._engine) as connection:
            (card,) = queued.queued_cards(connection, [int(leases.find_card(connection, card_id).number)])
            return card

    def cards(self, states: Collection[CardState] = (), batch_id: str | None = None) -> Iterator[QueuedCard]:
        """The cards in those states (all, if none is named), oldest box first, some hundred in memory at a time."""
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            numbers = queued.numbers_of(connection, states, batch)
        for start in range(0, len(numbers), CARDS_AT_ONCE):
            with reading(self._engine) as connection:
                some = queued.queued_cards(connection, numbers[start : start + CARDS_AT_ONCE])
            yield from some

    # -- keeping and letting go ----------------------------------------------------------------------------------------

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
            leftovers.sweep(self._engine, self.folder)
        scrub(self._engine)

    def sweep(self) -> int:
        """Removes files that a purge, redaction or erasure left without use and could not remove; how many went."""
        with self.ingest_lock():
            gone = leftovers.sweep(self._engine, self.folder)
        scrub(self._engine)
        return gone

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

    # -- patients' identities ------------------------------------------------------------------------------------------

    def identities(
        self, staff: Collection[str] = (), *, card_id: str | None = None, batch_id: str | None = None
    ) -> Iterator[CardFindings]:
        """What was found on cards as they stand, rejected ones left out; `staff` are names that may stand."""
        states = [state for state in CardState if state is not CardState.REJECTED]
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            if card_id is None:
                numbers = queued.numbers_of(connection, states, batch)
            else:
                numbers = [int(leases.find_card(connection, card_id).number)]
        for start in range(0, len(numbers), CARDS_AT_ONCE):
            with reading(self._engine) as connection:
                some = queued.queued_cards(connection, numbers[start : start + CARDS_AT_ONCE])
                found = identities.found_on(connection, some, staff)
            yield from found

    def settlements(self, card_id: str) -> tuple[IdentitySettlement, ...]:
        """Every answer that was given to what was found on the card, oldest first."""
        with reading(self._engine) as connection:
            number = int(leases.find_card(connection, card_id).number)
            return tuple(identities.settlements(connection, [number])[number])

    def settle_identity(
        self, card_id: str, answers: Mapping[str, Answer], person: str, texts: Mapping[str, str] | None = None
    ) -> None:
        """Keeps what a person says to the findings of these fields; on `texts`, else on those that stand.

        Raises `CardRefusedError` where there is no such card or field.
        """
        with writing(self._engine) as connection:
            standing = queued.current_texts(connection, leases.find_card(connection, card_id))
            identities.settle(connection, card_id, standing | dict(texts or {}), answers, person, datetime.now(UTC))

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
        holds or changes the card, `StoreError` while an ingest is at work.
        """
        with self.ingest_lock():
            for _ in range(TRIES):
                with reading(self._engine) as connection:
                    planned = redacting.plan(connection, card_id, choose, typed or {}, words)
                    if planned.is_empty:
                        return ()
                    forget(planned.removal.words)
                    covered = dict(planned.covered)
                    if locate is not None:
                        gone = planned.removal.words
                        covered |= letters.located(connection, self.folder, planned.numbers, gone, locate)
                    replaced = covering.draw(connection, self.folder, covered, redraw)
                with writing(self._engine) as connection:
                    leftovers.leave(connection, replaced.new)  # until a row names them
                with writing(self._engine) as connection:
                    if redacting.write(connection, planned, replaced, person, datetime.now(UTC)):
                        return planned.fields
        raise CardRefusedError(f"card {card_id}: it is being changed; try again")

    def refuse_erasing(self, card_id: str) -> None:
        """Raises `StoreError` where a legal hold stands on the card, `CardRefusedError` where there never was one."""
        with reading(self._engine) as connection:
            erasing.plan(connection, card_id)

    def erase(self, card_id: str, person: str, redraw: Redraw) -> bool:
        """Takes a card out of the workspace with all that was read, typed and drawn of it; False where it is out
        already. What was in its pictures and in the scan is black.

        Raises `StoreError` where a legal hold stands on it or an ingest is at work, `CardRefusedError` where somebody
        else holds it.
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
            leftovers.sweep(self._engine, self.folder)
        scrub(self._engine)
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
        kept. Raises `StoreError` while an ingest is at work."""
        with self.ingest_lock():
            with reading(self._engine) as connection:
                covered = letters.plan(connection, self.folder, key, areas)
                replaced = covering.draw(connection, self.folder, covered, redraw)
            with writing(self._engine) as connection:
                leftovers.leave(connection, replaced.new)  # until a row names them
            with writing(self._engine) as connection:
                letters.write(connection, key, answer, replaced, person, datetime.now(UTC))
            leftovers.sweep(self._engine, self.folder)
        scrub(self._engine)

    def scans_of(self, card_id: str) -> tuple[str, ...]:
        """The ids of the cards that a person called other scans of that card."""
        with reading(self._engine) as connection:
            return rescans.scans_of(connection, card_id)

    def redacted_before_another_scan(self) -> tuple[str, ...]:
        """The ids of cards that words were taken out of before somebody said that another card is a scan of it."""
        with reading(self._engine) as connection:
            return redacting.before_another_scan(connection)

    def perhaps_scans_of(self, card_id: str) -> tuple[str, ...]:
        """The ids of the cards that may be other scans of it, nobody having said."""
        with reading(self._engine) as connection:
            return rescans.perhaps_scans_of(connection, card_id)

    # -- audit ---------------------------------------------------------------------------------------------------------

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

    # -- second looks --------------------------------------------------------------------------------------------------

    def looked_at_twice(self) -> tuple[SecondLook, ...]:
        """Every card that was keyed by a second person, oldest box first."""
        with reading(self._engine) as connection:
            return second_looks.looked_at(connection)

    def held_cards(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            return merging.held_cards(connection)

    # -- evaluate, learn -----------------------------------------------------------------------------------------------

    def reviewed_cards(self, batch_id: str | None = None) -> Iterator[ReviewedCard]:
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            numbers = reviewed.accepted_numbers(connection, batch)
        for start in range(0, len(numbers), CARDS_AT_ONCE):
            with reading(self._engine) as connection:
                some = reviewed.reviewed_cards(connection, numbers[start : start + CARDS_AT_ONCE])
            yield from some

    # -- merge ---------------------------------------------------------------------------------------------------------

    def batches_to_merge(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            return merging.batches_to_merge(connection)

    def merge_marks(self, batch_id: str) -> Mapping[str, str]:
        with reading(self._engine) as connection:
            return merging.merge_marks(connection, opening.batch_number(connection, batch_id))

    def accepted_cards(self, card_ids: Collection[str] | None = None) -> tuple[AcceptedCard, ...]:
        with reading(self._engine) as connection:
            return merging.accepted_cards(connection, card_ids)

    def rejected_cards(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            return merging.rejected_cards(connection)

    def mark_withdrawn(self, card_ids: Collection[str]) -> None:
        with writing(self._engine) as connection:
            merging.mark_withdrawn(connection, card_ids)

    def mark_merged(self, cards: Collection[MergedCard]) -> None:
        with writing(self._engine) as connection:
            merging.mark_merged(connection, cards)
