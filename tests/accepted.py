"""Accepted cards, and a workspace that holds nothing else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from scan_ingest.central import Central
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import card_id
from scan_ingest.domain.page import PageRef
from scan_ingest.domain.review import AcceptedCard, CardPage, MergedCard
from scan_ingest.merge import merge
from scan_ingest.workspace import Workspace

ROSE_WARD = BoxLabel("Northgate Trust", "Rose Ward", date(2026, 11, 2))
REVIEWED = datetime(2026, 11, 5, 9, 30, tzinfo=UTC)


def on_page(number: int, place: int = 1, file: str = "box7.pdf") -> CardPage:
    return CardPage(PageRef(file.encode().hex().ljust(64, "0")[:64], number, file), place)


def accepted(
    number: int, *, label: BoxLabel = ROSE_WARD, batch: str = "b1", file: str = "box7.pdf", **texts: str
) -> AcceptedCard:
    """The card on that page of the file, accepted as read; `texts` in place of the usual ones."""
    usual = {
        "nominee": f"Nurse {number}",
        "role": "nurse",
        "ward": "",
        "nominator": "patient",
        "date": "2 Nov",
        "action": f"Sat with me, night {number}.",
        "impact": f"I slept {number} hours.",
    }
    return AcceptedCard(
        card_id=card_id(f"{file}/{number}", 1),
        batch_id=batch,
        label=label,
        template_id="nomination-a5",
        pages=(on_page(number, file=file),),
        texts=usual | texts,
        reviewed_by="sam",
        reviewed_at=REVIEWED,
        merged_before=False,
        revision=1,
    )


class Desk:
    """The workspace as merge sees it; remembers what it was told."""

    def __init__(self, cards: Sequence[AcceptedCard], rejected: Sequence[str] = ()) -> None:
        self.cards = tuple(cards)
        self.rejected = tuple(rejected)
        self.merged: set[str] = set()
        self.marks: dict[str, str] = {}
        self.handed_out: list[int] = []  # how many cards at each asking
        self.withdrawn: set[str] = set()

    def batches_to_merge(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(card.batch_id for card in self.cards))

    def merge_marks(self, batch_id: str) -> Mapping[str, str]:
        of_it = [card.card_id for card in self.cards if card.batch_id == batch_id]
        return {card_id: self.marks.get(card_id, "") for card_id in of_it}

    def accepted_cards(self, card_ids: Collection[str] | None = None) -> tuple[AcceptedCard, ...]:
        self.handed_out.append(len(self.cards if card_ids is None else card_ids))
        return tuple(card for card in self.cards if card_ids is None or card.card_id in card_ids)

    def rejected_cards(self) -> tuple[str, ...]:
        return self.rejected

    def held_cards(self) -> tuple[str, ...]:
        return ()

    def mark_merged(self, cards: Collection[MergedCard]) -> None:
        self.merged |= {card.card_id for card in cards}
        self.marks |= {card.card_id: card.mark for card in cards}

    def mark_withdrawn(self, card_ids: Collection[str]) -> None:
        self.withdrawn |= set(card_ids)


def two_boxes(cards_in_each: int = 3) -> Desk:
    """Two batches of a few cards."""
    second = BoxLabel("Northgate Trust", "Lily Ward", date(2026, 11, 3))
    first_box = [accepted(number) for number in range(1, cards_in_each + 1)]
    second_box = [
        accepted(number, label=second, batch="b2", file="box8.pdf", nominee=f"Porter {number}")
        for number in range(1, cards_in_each + 1)
    ]
    return Desk([*first_box, *second_box])


def many_boxes(site: str, boxes: int, cards_in_each: int) -> Desk:
    """A site's batches, each of a box with a ward of its own; a site's are always the same."""
    labels = [BoxLabel("Northgate Trust", f"{site} {box}", date(2026, 11, 3)) for box in range(boxes)]
    return Desk(
        [
            accepted(
                number, label=label, batch=f"b{box:04d}", file=f"{site}-{box}.pdf", action=f"{site} {box} {number}"
            )
            for box, label in enumerate(labels)
            for number in range(1, cards_in_each + 1)
        ]
    )


def tell_merged(workspace: Workspace, cards: Sequence[AcceptedCard] | None = None) -> None:
    """Tells the workspace that these cards, or all that are accepted, are in the store."""
    carried = workspace.accepted_cards() if cards is None else cards
    workspace.mark_merged([MergedCard(card.card_id, card.revision) for card in carried])


def merged(central: Central, *cards: AcceptedCard) -> None:
    merge(Desk(cards), central)


def contents(central: Central) -> list[tuple[object, ...]]:
    """All that the store holds, for comparing two stores."""
    return [
        (nomination, central.provenance(nomination.id))
        for nomination in sorted(central.nominations(), key=lambda nomination: nomination.id)
    ]


REPOSITORY = Path(__file__).parent.parent
