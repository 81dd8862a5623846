"""The conversation with a reviewer, no terminal in it: which card lies open, what becomes of it, and what was typed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.review import Decision, Review, Shown
from scan_ingest.domain.second_look import Look
from scan_ingest.errors import CardGoneError, CardRefusedError, StoreError
from scan_ingest.ports.review import ANY_CARD, Draft, QueuedCard, ReviewDesk, Theirs, Wanted
from scan_ingest.review.identities import Redact, all_that_holds
from scan_ingest.review.keeping import Keeping, SpareDrafts
from scan_ingest.review.open_card import OpenCard, opened
from scan_ingest.review.opening import Opener
from scan_ingest.review.sitting import Holding, Progress, Sitting


class Whose(StrEnum):
    """Whose text of a card is to stand, where somebody else worked on it too."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


REVIEWED = (CardState.ACCEPTED, CardState.REJECTED, CardState.MERGED)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Session:
    """One sitting of one reviewer at a desk.

    Every step says what there is to say in `notice`. A step that the desk refuses (somebody else has the card, the
    store is locked) leaves the card open and what was typed on it; `refused` says that the last one was.
    """

    def __init__(
        self,
        desk: ReviewDesk,
        reviewer: str,
        *,
        lease: timedelta,
        wanted: Wanted = ANY_CARD,
        card_id: str | None = None,
        spare: SpareDrafts | None = None,
        staff: Collection[str] = (),
        redact: Redact | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.desk = desk
        self.reviewer = reviewer
        self.lease = lease
        self.card: OpenCard | None = None
        self.notice = ""
        self.refused = False
        self.lost = False
        self.cannot_ask = ""  # why it is not known whether another card waits; "" where it is
        self.asked: Theirs | None = None  # somebody else's text of the open card, until it is said whose stands
        self._wanted = wanted
        self._only_card = card_id
        self._opener = Opener(desk, reviewer, tuple(staff))
        self._redact = redact
        self._clock = clock
        self._sitting = Sitting(clock)
        self._holding = Holding(desk, reviewer, lease)
        self._passed: set[str] = set()
        self._keeping = Keeping(desk, reviewer, spare)
        self._on_screen: Shown | None = None  # the open card as it was opened

    # -- which card lies open ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Opens the first card, or the one asked for. Raises `StoreError` where that one cannot be had."""
        self._keeping.bring_home()
        if self._only_card is None:
            self.next_card()
        else:
            self._open(self.desk.claim(self._only_card, self.reviewer, self.lease))

    def next_card(self) -> None:
        """Opens the next card of the queue; none is open where nothing is left. Raises `StoreError`."""
        self.card = None
        if self._only_card is not None:
            return
        found = self.desk.claim_next(self.reviewer, self.lease, wanted=self._wanted, skip=frozenset(self._passed))
        if found is not None:
            self._open(found)

    def previous(self) -> None:
        """Opens the card before this one again, as it stands; this one is kept for later."""
        before = self._sitting.before(self._open_id)
        if before is None:
            self.refuse("this is the first card of this sitting")
            return
        self._leave()
        told = self._gone_in_words()

        def open_it() -> None:
            self._open(self.desk.claim(before, self.reviewer, self.lease))
            self.notice = _joined(told, self.notice)

        self._try(open_it)

    def pass_over(self) -> None:
        """Leaves the card without a decision, what was typed kept as a draft, and opens the next."""
        if self.card is None:
            return
        card = self.card.queued
        self._leave()
        try:
            self._holding.give_back(card.id)
        except StoreError as exc:
            self.refuse(str(exc))  # it stays open: what comes next cannot be had either
            return
        if card.state not in REVIEWED or card.look is not Look.FIRST:
            self._passed.add(card.id)
        self._ask_for_next(self._gone_in_words())

    def _ask_for_next(self, done: str = "") -> None:
        """Opens the next card; where the workspace cannot be asked none is open, and `go_on` asks again."""
        self.cannot_ask = ""
        try:
            self.next_card()
        except StoreError as exc:
            self.cannot_ask = str(exc)
        self.notice = _joined(done, self.notice)

    def close(self) -> None:
        """Writes the draft and gives every card back. Raises `StoreError` where that fails: leases end by themselves,
        and what was typed is in the second place."""
        self._leave(now=True)
        self.card = None
        self._holding.give_all_back()

    # -- what becomes of it --------------------------------------------------------------------------------------------

    def accept(self) -> None:
        self._decide(Decision.ACCEPT)

    def reject(self, reason: str) -> None:
        """`reason` is one of `REASONS` or words of one's own; not empty."""
        self._decide(Decision.REJECT, reason)

    def set_aside(self) -> None:
        """For somebody else to look at; this reviewer is not offered it again."""
        self._decide(Decision.SET_ASIDE)

    def go_on(self) -> None:
        """What Enter does: the next line; on the last one accept, or the first doubtful place not looked at. With no
        card open it asks for one again, where that failed."""
        if self.card is None:
            if self.cannot_ask:
                self._ask_for_next()
            return
        if not self.card.on_last_line:
            self.change(self.card.next_line())
        elif unvisited := self.card.unvisited:
            self.change(self.card.first_unvisited())
            self.notice = f"not accepted yet: {_places(len(unvisited))} to look at"
        else:
            self.accept()

    def undo(self) -> None:
        """Takes back the last decision of this sitting and opens that card, its texts as they were."""
        last = self._sitting.last_decided
        if last is None:
            self.refuse("nothing to take back in this sitting")
            return
        self._leave()

        def take_back() -> None:
            card = self.desk.undo(last, self.reviewer, self.lease)
            self._sitting.taken_back()
            self._open(card)
            if self.card is not None:
                self.card = self.card.all_visited()  # it was looked through before it was decided on
            self.notice = "the decision on this card was taken back"

        self._try(take_back)

    def refuse(self, why: str) -> None:
        """Says why a step was not taken."""
        self.notice = why
        self.refused = True

    # -- what is typed -------------------------------------------------------------------------------------------------

    def change(self, card: OpenCard) -> None:
        """The open card after a step of editing or moving."""
        self.card = card
        self.notice = ""
        self.refused = False

    def step(self, step: Callable[[OpenCard], OpenCard]) -> None:
        """Takes a step of editing or moving on the open card, if there is one."""
        if self.card is not None:
            self.change(step(self.card))

    def keep_draft(self, *, now: bool = False) -> bool:
        """Writes what was typed since the last time; whether all of it is in the workspace. A desk that cannot is asked
        again, with `now` at once. Where the card is gone, another is open then, or none."""
        self.hand_over_draft()
        written = self._keeping.write(now=now)
        self.draft_written()
        return written

    def hand_over_draft(self) -> bool:
        """Hands what was typed to `write_draft`; whether there is something new in it."""
        return self.card is not None and self._keeping.take(self.card.queued.id, self.card.typed_so_far)

    def write_draft(self) -> bool:
        """Writes what was handed over last, as `keep_draft` does; it may run in a thread of its own."""
        return self._keeping.write()

    def draft_written(self) -> None:
        """Takes note of what became of what `write_draft` wrote: the open card may be gone."""
        if self._keeping.gone:
            self._open_another()

    def draft_is_slow(self) -> None:
        """What was handed over has been on its way for a while: a copy of it is kept beside the workspace."""
        self._keeping.copy_aside()

    def copy_draft(self) -> None:
        """Keeps a copy of what was typed and is not in the workspace; in a thread, when nothing else can be waited
        for any more."""
        self.hand_over_draft()
        self._keeping.copy_at_last()

    @property
    def draft_unsaved(self) -> str:
        """Why what was typed is not in the workspace; "" where it is."""
        return self._keeping.unsaved

    @property
    def draft_copy(self) -> Path | None:
        """Where it is meanwhile; None where it is in memory alone."""
        return self._keeping.copy

    def forget_draft(self) -> None:
        """The texts of the card as they stood before anything was typed."""
        if self.card is not None:
            self.card = self._opener.as_it_was(self.card)
            self.keep_draft()
            self.notice = "what was typed on this card was taken back"

    def settle(self, whose: Whose) -> None:
        """Answers whose text stands, where somebody else worked on the card too. With `BOTH` it is this reviewer's, and
        every field where the other's differs has to be looked at."""
        if self.card is None or self.asked is None:
            return
        theirs, self.asked = self.asked, None
        if whose is Whose.THEIRS:
            notes = [field.note for field in self.card.fields]
            self.card = opened(self.card.queued, notes, Draft(theirs.texts, self.card.note))
        elif whose is Whose.BOTH:
            self.card = self.card.beside(theirs)
        self._keeping.begin_anew()  # it is written again, as begun from what stands now
        self.keep_draft()
        self.refused, self.notice = False, _SETTLED[whose]

    # -- patients' identities ------------------------------------------------------------------------------------------

    def settle_identity(self, answer: Answer) -> None:
        """Answers all that may tell who a patient is and holds the open card back, as its texts are typed now."""
        if self.card is None:
            return
        fields = [found.field for found in self.card.identities if found.holds]
        if not fields:
            self.refuse("nothing on this card holds it back")
        elif answer.kind is IdentityAnswer.REDACT:
            if (take_out := self.taking_out()) is not None:
                self.taken_out(take_out)
        else:
            self._try(lambda: self._keep_answer(dict.fromkeys(fields, answer)))

    def _keep_answer(self, answers: Mapping[str, Answer]) -> None:
        card = self.card
        assert card is not None
        self.desk.settle_identity(card.queued.id, answers, self.reviewer, card.texts)
        self.change(replace(card, watch=self._opener.watch(card.queued.id)))
        self.notice = f"{', '.join(answers)}: settled, as long as the text stays as it is"

    def taking_out(self) -> Callable[[], tuple[str, ...]] | None:
        """What takes all that holds the open card back out of it; it lasts some seconds and may run in a thread of its
        own, then `taken_out` has to be told. Until that nothing may be typed on the card: it would bring the words
        back. None where it is refused."""
        card = self.card
        if card is None:
            return None
        if self._redact is None:
            self.refuse("nothing can be redacted here; scan-ingest identity redact does it")
            return None
        if not self._kept():  # a draft on its way would bring the words back
            return None
        choose = partial(all_that_holds, watch=card.watch)
        return partial(self._redact, card.queued.id, choose, self.reviewer, card.texts)

    def taken_out(self, fields: Callable[[], tuple[str, ...]]) -> None:
        """Opens the card again as it is without the words; `fields` says which had any, or raises `StoreError`."""
        self._try(lambda: self._open_without(fields()))

    def _open_without(self, fields: Sequence[str]) -> None:
        card = self.card
        assert card is not None
        place = card.field, card.line, 0
        self._open(self.desk.claim(card.queued.id, self.reviewer, self.lease))
        if self.card is not None:
            self.card = replace(self.card, visited=card.visited).at(*place)
        self.notice = f"taken out of {', '.join(fields)} for good, in the pictures too"

    # -- the lease -----------------------------------------------------------------------------------------------------

    def renew(self) -> bool:
        """Holds on to every card that is held; False where the open one was lost to somebody else."""
        return self.renewed(self.renew_leases())

    def renew_leases(self) -> Mapping[str, str]:
        """Holds on to every card that is held; which of them were lost, and why they are gone for good ("" where
        somebody else has them). It may run in a thread of its own, `renewed` then has to be told."""
        return self._holding.renew()

    def renewed(self, lost: Mapping[str, str]) -> bool:
        """Takes note of the cards that were lost; False where somebody else has the open one. Where that is gone,
        another is open then, or none."""
        noted = self._holding.lost(lost)
        if (card_id := self._open_id) is not None and card_id in noted:
            if noted[card_id]:
                self._keeping.let_go(card_id, noted[card_id])
                self._open_another()
                return True
            self.lost = True
        if self.lost:
            self._take_up_again()
        return not self.lost

    def _open_another(self) -> None:
        """The open card is gone, and what was typed on it with it: it is opened anew where only words were taken out of
        it, else the next one is."""
        card, told = self.card, self._gone_in_words()
        self.card, self.lost, self.asked = None, False, None
        if card is None:
            return
        self._holding.has_no_more(card.queued.id)
        try:
            self._open(self.desk.claim(card.queued.id, self.reviewer, self.lease))
        except StoreError:
            self._ask_for_next(told)
        else:
            self.step(lambda anew: anew.at(card.field, card.line, 0))
            self.notice = told

    def _gone_in_words(self) -> str:
        """Said once; "" where nothing is gone."""
        gone, self._keeping.gone = self._keeping.gone, ""
        return f"{gone}; what you typed is not kept" if gone else ""

    def _take_up_again(self) -> None:
        """Gets the open card back, which somebody else had meanwhile; asks whose text stands where they changed it. It
        stays lost while they have it."""
        card = self.card
        if card is None:
            return
        self.keep_draft(now=True)
        if not self.lost:
            return  # it is gone
        try:
            self._open(self.desk.claim(card.queued.id, self.reviewer, self.lease))
        except StoreError:
            return
        if self.card is not None:
            self.card = self.card.at(card.field, card.line, card.column)
            if self.asked is None:
                is_changed = self.card.queued.texts != card.queued.texts
                self.notice = f"you have this card again; {'it was changed' if is_changed else _UNCHANGED} meanwhile"

    # -- where we are --------------------------------------------------------------------------------------------------

    def progress(self) -> Progress:
        return self._sitting.progress(self._open_id, self.desk.count(self.reviewer, self._wanted))

    @property
    def _open_id(self) -> str | None:
        return None if self.card is None else self.card.queued.id

    # ------------------------------------------------------------------------------------------------------------------

    def _open(self, card: QueuedCard) -> None:
        self._keeping.bring_home_copies()
        opening = self._opener.open(card, self._keeping.newest(card.id))
        self.card, self.asked, self.notice = opening.card, opening.asked, opening.notice
        self._keeping.begin(card.id, self.card.typed_so_far)
        self._on_screen = opening.shown
        self._holding.has(card.id)
        self._sitting.opened(card.id)
        self.lost = False
        self.refused = False
        self.cannot_ask = ""

    def _decide(self, decision: Decision, reason: str = "") -> None:
        if self.card is None:
            return
        if self.asked is not None:
            self.refuse("say first whose text is to stand")
            return
        card = self.card.queued
        if not self._kept():
            return

        def decide(typed: Draft) -> None:
            at, shown = self._clock(), self._on_screen
            given = typed.texts, typed.note
            review = Review(card.id, decision, self.reviewer, at, reason, *given, shown, card.look)
            self.desk.decide(replace(review, opened_at=typed.opened_at))
            self._keeping.end()
            self._holding.has_no_more(card.id)
            self._passed.discard(card.id)
            self._sitting.decided(card.id)
            done = _LOOKED if card.look is Look.SECOND else _DONE[decision]
            self.notice = ""
            self._ask_for_next(f"{done}: {card.id[:8]}")

        typed = self.card.typed_so_far
        try:
            decide(typed)
        except CardGoneError as exc:
            self._keeping.let_go(card.id, exc.in_short)
            self._open_another()
        except CardRefusedError as exc:
            self.lost = True
            self._take_up_again()
            self.refuse(str(exc))
        except StoreError as exc:
            self.refuse(str(exc))

    def _kept(self) -> bool:
        """Whether the open card still is once what was typed on it was written; why not is told."""
        opened = self._on_screen
        if not self.keep_draft() and self._keeping.is_writing:
            self.refuse(_NO_ANSWER)
            return False
        return self.card is not None and self._on_screen is opened

    def _leave(self, *, now: bool = False) -> None:
        self.hand_over_draft()
        self._keeping.write(now=now)
        self.notice = ""
        self.refused = False

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except StoreError as exc:
            self.refuse(str(exc))


_NO_ANSWER = "the workspace does not answer yet; what you typed is kept"
_UNCHANGED = "nobody changed it"
_LOOKED = "looked at again"
_DONE = {Decision.ACCEPT: "accepted", Decision.REJECT: "rejected", Decision.SET_ASIDE: "set aside"}


_SETTLED = {
    Whose.MINE: "yours stands",
    Whose.THEIRS: "theirs stands",
    Whose.BOTH: "yours stands until you take theirs; look at each field where they differ",
}


def _joined(*notices: str) -> str:
    return "; ".join(filter(None, notices))


def _places(number: int) -> str:
    return "one doubtful place" if number == 1 else f"{number} doubtful places"
