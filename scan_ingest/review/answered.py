"""What an answer at the prompts makes of the line that it was asked for."""

from scan_ingest.domain.template import FieldKind
from scan_ingest.review.open_card import OpenCard


class NoAnswerError(Exception):
    """The answer makes no sense for that line; the message says what would."""


def answered(card: OpenCard, answer: str) -> OpenCard:
    """The card with that answer to its current line: boxes by their numbers, `=` for an empty text, `/wrong/right` for
    a part of it, else the text (a quote before it where it begins with such a sign). Raises `NoAnswerError`."""
    if card.current.note.kind == FieldKind.CHOICE:
        return _ticked(card, answer)
    if answer == "=":
        return card.typed("", 0)
    if answer.startswith('"'):
        return card.typed(answer[1:], 0)
    if answer.startswith("/"):
        return card.typed(_part_replaced(card.current_line.text, answer), 0)
    return card.typed(answer, 0)


def _part_replaced(text: str, answer: str) -> str:
    wrong, slash, right = answer[1:].removesuffix("/").partition("/")
    if not slash or not wrong:
        raise NoAnswerError('To replace a part: /wrong/right. To start a text with a slash: "/text.')
    if text.count(wrong) != 1:
        raise NoAnswerError(f"That part is {'not' if wrong not in text else 'more than once'} in the line.")
    return text.replace(wrong, right)


def _ticked(card: OpenCard, answer: str) -> OpenCard:
    note = card.current.note
    numbers = answer.replace(",", " ").split()
    if numbers == ["0"]:
        return card.typed("", 0)
    if not all(number.isdecimal() and 1 <= int(number) <= len(note.options) for number in numbers):
        raise NoAnswerError(f"A choice is answered with numbers from 1 to {len(note.options)}, or 0 for none.")
    if len(set(numbers)) > note.max_choices:
        raise NoAnswerError(f"At most {note.max_choices} of these boxes can be ticked.")
    chosen = card.typed("", 0)
    for number in sorted({int(number) for number in numbers}):
        chosen = chosen.toggled(number - 1)
    return chosen
