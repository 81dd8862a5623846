"""What the review asks of the workspace."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import CardState, Reading
from scan_ingest.domain.identity import Answer, IdentitySettlement
from scan_ingest.domain.page import PageRef
from scan_ingest.domain.review import CardPage, Review
from scan_ingest.domain.second_look import Look, SecondLookState
from scan_ingest.ports.cards import FieldNote


class Order(StrEnum):
    """In which order cards are reviewed; what is equal goes by the oldest box, then as the pages lay."""

    OLDEST = "oldest"
    NEWEST = "newest"
    DOUBT = "doubt"  # the card with the most doubtful places first
    DOUBT_LAST = "doubt-last"  # the easy cards first
    WARD = "ward"
    TEMPLATE = "template"


@dataclass(frozen=True)
class Wanted:
    """Which cards a reviewer wants: of that batch, box's ward and template, and with a doubt in that field; None is
    any. Names are known in whatever case."""

    batch_id: str | None = None
    ward: str | None = None
    template: str | None = None
    field: str | None = None
    order: Order = Order.OLDEST


ANY_CARD = Wanted()


@dataclass(frozen=True)
class Theirs:
    """What somebody else made of a card: every field's text, whose it is in words without a name, and why they would
    not have accepted it (nothing, if they would)."""

    whose: str
    texts: Mapping[str, str]
    reason: str = ""


@dataclass(frozen=True)
class QueuedCard:
    """A card as the queue knows it: `readings` as read, `texts` as they stand (reviewed once reviewed)."""

    id: str
    batch_id: str
    label: BoxLabel
    template_id: str
    state: CardState
    pages: tuple[CardPage, ...]
    readings: Mapping[str, Reading]
    texts: Mapping[str, str]
    reason: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    leased_by: str = ""
    note: str = ""
    """What its last reviewer wanted to say about it."""
    attached: tuple[PageRef, ...] = ()
    """Pages that a person said belong to it: written overleaf, letters, notes."""
    leased_until: datetime | None = None
    second_look: SecondLookState | None = None
    look: Look = Look.FIRST
    """In which capacity whoever claimed it has it: for a second look it comes without any text."""
    theirs: Theirs | None = None
    """Of a card that two people made different things of: the text that does not stand."""
    review: int | None = None
    """The number of the review that stands."""
    claimed_at: datetime | None = None


@dataclass(frozen=True)
class Draft:
    """What was typed on a card and not decided on: every field's text, and the reviewer's note.

    `began_from` is the review that stood when the card was opened for it (None: none did), `opened_at` when that was;
    they tell what somebody else did to the card since.
    """

    texts: Mapping[str, str]
    note: str = ""
    began_from: int | None = field(default=None, compare=False)
    opened_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class QueueCount:
    """How many cards there are for a reviewer; `second_looks` are those that others accepted and this one may look at
    again, `holders` says how many each other reviewer has before them."""

    waiting: int
    leased_by_others: int
    set_aside: int
    done: int
    second_looks: int = 0
    holders: Mapping[str, int] = field(default_factory=dict)


class ReviewDesk(Protocol):
    """The part of the workspace that the review works with.

    A card that was claimed comes with the state it has beneath the lease; to everybody else it is leased.
    """

    def claim_next(
        self, reviewer: str, lease: timedelta, *, wanted: Wanted = ANY_CARD, skip: Collection[str] = ()
    ) -> QueuedCard | None:
        """Leases the next card that waits, for a first, second or third look, atomically: two callers never get the
        same one. A card this reviewer still holds comes first; one set aside by this reviewer is not offered to them
        again, nor one to look at again that they decided on; an expired lease counts as waiting. Raises `InputError`
        where the workspace knows no such batch, ward, template or field."""
        ...

    def claim(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        """Leases that very card, in any state. Raises `StoreError` where there is none or somebody else holds it."""
        ...

    def renew(self, card_id: str, reviewer: str, lease: timedelta) -> bool:
        """False where the lease was lost to somebody else. Raises `CardGoneError` where the card was erased or
        purged."""
        ...

    def give_back(self, card_id: str, reviewer: str) -> None:
        """Ends the lease; the card is what it was before."""
        ...

    def save_draft(self, card_id: str, reviewer: str, draft: Draft) -> None:
        """Raises `CardGoneError` where the card was erased or purged, or words were taken out of it since the draft's
        `opened_at`."""
        ...

    def draft(self, card_id: str, reviewer: str) -> Draft | None: ...

    def theirs(self, card_id: str, reviewer: str) -> Theirs | None:
        """What somebody else made of the card since this reviewer's draft of it was begun, and differs from it: what
        they decided, else what they typed. None where nobody did, or it is to be keyed blind."""
        ...

    def decide(self, review: Review) -> None:
        """Writes the decision, ends the lease, drops the draft. Raises `StoreError` where another holds the card,
        `CardGoneError` as `save_draft` does."""
        ...

    def undo(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        """Takes back this reviewer's last decision on the card and leases it again, texts and note kept as a draft."""
        ...

    def settlements(self, card_id: str) -> tuple[IdentitySettlement, ...]:
        """Every answer that was given to what on the card may tell who a patient is, oldest first."""
        ...

    def settle_identity(
        self, card_id: str, answers: Mapping[str, Answer], person: str, texts: Mapping[str, str] | None = None
    ) -> None:
        """Keeps an answer by field, given on these texts."""
        ...

    def field_notes(self, card_id: str) -> tuple[FieldNote, ...]:
        """The card's fields in the order of its template."""
        ...

    def side_picture(self, card_id: str, side: str) -> bytes:
        """The registered side as JPEG bytes, `SIDE_PX_PER_MM` pixels a millimetre."""
        ...

    def attached_picture(self, card_id: str, ref: PageRef) -> bytes:
        """A page that belongs to the card, as it is kept (JPEG). Raises `StoreError` where it is gone."""
        ...

    def count(self, reviewer: str, wanted: Wanted = ANY_CARD) -> QueueCount: ...
