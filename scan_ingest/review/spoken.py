"""What the prompts say of a card, in lines that a screen reader reads out: harmless to any terminal."""

from collections.abc import Iterator, Sequence

from scan_ingest.domain.second_look import differing
from scan_ingest.domain.template import FieldKind
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.ports.review import Theirs
from scan_ingest.review.attached import said_of
from scan_ingest.review.captions import sentence
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.remarks import remarks_of
from scan_ingest.review.sitting import Progress
from scan_ingest.review.two_texts import ANSWERS, question
from scan_ingest.review.written import OpenField


def card(card: OpenCard, progress: Progress) -> Iterator[str]:
    """Which card it is, where it comes from, and what is remarked of it."""
    label = card.queued.label
    pages = ", ".join(str(page.ref) for page in card.queued.pages)
    yield f"Card {progress.number}, {progress.left} left, {progress.done} done."
    yield for_a_terminal(f"{label.organisation}, {label.ward}, {pages}.")
    for remark in remarks_of(card):
        yield for_a_terminal(f"{sentence(remark.text)}.")
    if said := said_of(card):
        names = ", ".join(map(str, card.queued.attached))
        yield for_a_terminal(f"{said}: {names}. :t types what it says.")


def two_texts(card: OpenCard, theirs: Theirs) -> Iterator[str]:
    """Where somebody else's text of it differs, and the answers there are to whose stands."""
    names = differing(card.texts, theirs.texts)
    yield question(theirs, len(names))
    for name in names:
        yield for_a_terminal(f"  {name}, yours: {card.texts[name] or '(empty)'}")
        yield for_a_terminal(f"  {name}, theirs: {theirs.texts.get(name) or '(empty)'}")
    for number, (_, meaning) in enumerate(ANSWERS, start=1):
        yield f"  {number} {meaning}"


def line(card: OpenCard) -> Iterator[str]:
    """The line that the cursor is on, before the first its field; what is doubtful in it, and what is offered."""
    field = card.current
    if card.line == 0:
        required = ", required" if field.note.required else ""
        prompt = for_a_terminal(field.note.prompt or field.note.name)
        yield f"Field {card.field + 1} of {len(card.fields)}, {field.note.name}{required}: {prompt}"
    yield from _as_it_stands(card)
    if card.theirs is not None and card.their_text is not None and card.line == 0:
        yield for_a_terminal(f"Somebody else has: {card.their_text or '(empty)'}. :y takes that.")
    doubtful = [card.current_line.text[token.start : token.end] for token, _ in card.current_line.doubtful_tokens]
    if doubtful:
        yield f"Doubtful: {', '.join(map(for_a_terminal, doubtful))}"
        yield from _offered(card)
    elif field.doubt and not field.changed and card.line == 0:
        yield f"Doubtful: {', '.join(field.doubt)}"
    elif field.reading and field.reading.suggestions and card.line == 0:
        yield from _offered(card)


def fields(some: Sequence[OpenField]) -> Iterator[str]:
    """Their texts, whole."""
    for field in some:
        yield f"{for_a_terminal(field.note.name)}: {_in_one_line(field.text)}"


def _as_it_stands(card: OpenCard) -> Iterator[str]:
    field = card.current
    if field.note.kind == FieldKind.CHOICE:
        for number, option in enumerate(field.note.options, start=1):
            ticked = "ticked" if option in field.chosen else "not ticked"
            yield f"  {number} {for_a_terminal(option)}: {ticked}"
    elif len(field.lines) > 1:
        yield f"Line {card.line + 1} of {len(field.lines)}: {_in_one_line(card.current_line.text)}"
    else:
        yield f"Text: {_in_one_line(card.current_line.text)}"


def _offered(card: OpenCard) -> Iterator[str]:
    text = card.current_line.text
    offered = [
        f":{number} {one.text} for {text[one.start : one.end] or 'nothing'}"
        for number, one in enumerate(card.suggestions_of_line, start=1)
    ]
    if offered:
        yield for_a_terminal(f"Suggestions: {', '.join(offered)}")


def _in_one_line(text: str) -> str:
    return " ¶ ".join(map(for_a_terminal, text.split("\n"))) if text else "(empty)"
