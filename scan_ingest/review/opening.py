"""What lies before a reviewer when a card is opened: its texts or what was typed before, and what there is to say."""

from dataclasses import dataclass, replace

from scan_ingest.domain.review import Shown
from scan_ingest.domain.second_look import Look
from scan_ingest.ports.review import Draft, QueuedCard, ReviewDesk, Theirs
from scan_ingest.review.identities import Watch
from scan_ingest.review.open_card import OpenCard, opened

BROUGHT_BACK = "what you typed on this card before was brought back"


@dataclass(frozen=True)
class Opening:
    """A card as it was opened: `shown` is kept with the decision, `asked` is somebody else's text of it where the
    reviewer has to say whose stands, `notice` what there is to say."""

    card: OpenCard
    shown: Shown
    asked: Theirs | None
    notice: str


@dataclass(frozen=True)
class Opener:
    """Opens cards of a desk for a reviewer; names of `staff` hold nothing back. Every step may raise `StoreError`."""

    desk: ReviewDesk
    reviewer: str
    staff: tuple[str, ...] = ()

    def open(self, card: QueuedCard, unsaved: Draft | None) -> Opening:
        """`unsaved` is what was typed on it and is not at the desk yet."""
        draft = unsaved or self.desk.draft(card.id, self.reviewer)
        begun = opened(card, self.desk.field_notes(card.id), draft or self._as_it_stands(card))
        begun = replace(begun, watch=self.watch(card.id))
        if card.reviewed_by and draft is None:
            begun = begun.all_visited()  # a person has looked at them already
        recognisers = {name: reading.recogniser for name, reading in card.readings.items()}
        shown = Shown(begun.texts, recognisers, draft is not None, card.look)
        asked = None
        if draft is not None and card.look is Look.FIRST:
            asked = self.desk.theirs(card.id, self.reviewer)
        elif card.look is Look.THIRD:
            begun = begun.beside(card.theirs)
        brought_back = draft is not None and draft != self._as_it_stands(card)
        return Opening(begun, shown, asked, BROUGHT_BACK if brought_back else _ASKED[card.look])

    def as_it_was(self, card: OpenCard) -> OpenCard:
        """The card before anything was typed on it."""
        notes = [field.note for field in card.fields]
        return replace(opened(card.queued, notes, self._as_it_stands(card.queued)), watch=card.watch)

    def watch(self, card_id: str) -> Watch:
        """What is known of who may be told on the card."""
        return Watch(self.desk.settlements(card_id), self.staff)

    def _as_it_stands(self, card: QueuedCard) -> Draft:
        """What a card begins with: its texts, and this reviewer's own note where they wrote one before."""
        return Draft(card.texts, card.note if card.reviewed_by == self.reviewer else "")


_ASKED = {
    Look.FIRST: "",
    Look.SECOND: "a second look: somebody else accepted this card; type what you see, the fields are empty on purpose",
    Look.THIRD: "two people typed different things here: look at both, what you accept stands",
}
