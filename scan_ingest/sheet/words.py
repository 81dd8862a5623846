"""The words of a contact sheet, the same in HTML and PDF."""

from scan_ingest.domain.batch import BatchState
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.sheet.pages import Heading, SmallPage

PRIVATE = "Pictures of nomination cards: keep this as safe as the cards themselves, and delete it when it has served."
FIRST = "Need a person"
REST = "The other pages, in order"
NOBODY = "No page needs a person."

MARKS = {
    Outcome.CARD: "✓ card",
    Outcome.BLANK: "– blank",
    Outcome.DUPLICATE: "= duplicate",
    Outcome.UNMATCHED: "? unmatched",
    Outcome.UNREADABLE: "! unreadable",
    Outcome.FAILED: "× failed",
}
"""A sign and a word: the colour beside them is never alone."""

COLOURS = {
    Outcome.CARD: "#1a7040",
    Outcome.BLANK: "#6b7280",
    Outcome.DUPLICATE: "#4b5fa8",
    Outcome.UNMATCHED: "#9a5b00",
    Outcome.UNREADABLE: "#b3261e",
    Outcome.FAILED: "#7a1fa2",
}


def title(heading: Heading) -> str:
    return f"Batch {heading.batch.id}"


def box(heading: Heading) -> str:
    label = heading.batch.label
    return for_a_terminal(f"{label.ward}, {label.organisation}, collected {label.collected}")


def name_of_all(heading: Heading) -> str:
    """What the file is called where it is open."""
    return f"{title(heading)}: {box(heading)}"


def counts(heading: Heading) -> list[str]:
    """Lines that add up: pages by outcome, cards, what is left to do."""
    parts = [f"{number} {outcome}" for outcome, number in heading.outcomes.items() if number]
    lines = [f"{heading.pages} pages = {' + '.join(parts)}" if parts else "0 pages"]
    cards = f"{heading.cards} card{'s' if heading.cards != 1 else ''}"
    if heading.cards_seen_before:
        cards += f", {heading.cards_seen_before} more ingested before"
    if heading.batch.expected_cards is not None:
        cards += f"; {heading.batch.expected_cards} counted by hand"
    lines.append(cards)
    if heading.batch.state is BatchState.DISCARDED:
        lines.append(for_a_terminal(f"Discarded: {heading.batch.discard_reason}"))
    elif heading.todo:
        lines.append(for_a_terminal(f"To do: {'; '.join(heading.todo)}"))
    return lines


def name(page: SmallPage) -> str:
    return for_a_terminal(str(page.row.ref))


def found(page: SmallPage) -> str:
    """What was found on the page: "nomination-a5 front", or how many cards."""
    cards = [outline.name for outline in page.outlines if outline.is_card]
    return for_a_terminal(cards[0]) if len(cards) == 1 else f"{len(cards)} sides" if cards else ""


def reason(page: SmallPage) -> str:
    return for_a_terminal(page.row.reason)
