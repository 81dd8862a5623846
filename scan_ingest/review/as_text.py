"""A card as a text file for somebody's own editor, the way a commit message is written, and back."""

import difflib
import re
from dataclasses import dataclass, replace

from scan_ingest.domain.rejection import OTHER, REASONS
from scan_ingest.domain.template import FieldKind
from scan_ingest.domain.text import for_a_terminal, forbidden_characters
from scan_ingest.review.captions import where_from
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.remarks import remarks_of
from scan_ingest.review.written import BETWEEN_VALUES, OpenField

HEADING = re.compile(r"==\s*(.*?)\s*==\s*")
BOX = re.compile(r"\[(.?)\]\s*(.*)")
OUR_LINES = ("#", "==", "\\")  # a text's own line that begins so gets a backslash in front
NOT_TAKEN = "# NOT TAKEN: "
DECISIONS = ("accept", "reject", "set aside", "later", "quit")

HELP = f"""\
#
# Put the texts below their headings right, then say on the line "decision:" what becomes of the card:
#   accept          reject REASON     set aside     later     quit
# REASON is words of your own, or a number: {", ".join(f"{n} {reason}" for n, reason in enumerate(REASONS, start=1))}.
# Saved empty or as it is, nothing is decided, and the review ends.
#
# Lines that begin with # are not part of anything (\\# for a text that begins so). A line ends where the handwriting's
# does; lines are joined with a space, an empty line begins a paragraph. Marks: [?] nobody can read it,
# [crossed-out] the writer took it back, [redacted] not to be passed on."""


@dataclass(frozen=True)
class Answer:
    """What came back: the card with its texts and note, the decision (one of `DECISIONS`), and why it is rejected."""

    card: OpenCard
    decision: str
    reason: str = ""


class NotUnderstoodError(Exception):
    """The message says which line, and what would be right; it holds no text of the card."""


def written(card: OpenCard, left: int) -> str:
    """The card as a file; `left` cards wait beside it."""
    lines = [f"# Card {card.queued.id} · {for_a_terminal(where_from(card))} · {left} left", *HELP.split("\n"), "#"]
    lines += [f"# {for_a_terminal(remark.text)}" for remark in remarks_of(card)]
    lines += ["", "decision: ", f"note: {for_a_terminal(card.note)}".rstrip()]
    for field in card.fields:
        lines += [
            "",
            f"== {field.note.name} ==",
            *map(_comment, _said_of(card, field)),
            *map(_escaped, _lines_of(field)),
        ]
    return "\n".join(lines) + "\n"


def with_error(text: str, why: str) -> str:
    """The file as it was saved, with what is wrong on its first line."""
    kept = [line for line in text.split("\n") if not line.startswith(NOT_TAKEN)]
    return "\n".join((f"{NOT_TAKEN}{why}", *kept))


def decoded(saved: bytes) -> str:
    """A file as an editor may save it: UTF-8, UTF-16 with its mark, or what Windows used before."""
    if saved.startswith((b"\xff\xfe", b"\xfe\xff")):
        return saved.decode("utf-16", "replace")
    try:
        return saved.decode("utf-8-sig")
    except UnicodeDecodeError:
        return saved.decode("cp1252", "replace")


def is_empty(text: str) -> bool:
    """Whether nothing stands in it but comments and blank lines."""
    return all(not line.strip() or line.startswith("#") for line in text.split("\n"))


def read(text: str, card: OpenCard) -> Answer:
    """The answer in the file. Raises `NotUnderstoodError`."""
    head, _ = _parts(text, card)
    decision, reason = _decision(head.get("decision", (0, ""))[1])
    return Answer(texts_in(text, card), decision, reason)


def texts_in(text: str, card: OpenCard) -> OpenCard:
    """The card with the texts and the note in the file, decided on or not. Raises `NotUnderstoodError`.

    A field whose lines are as they were written keeps its text to the letter.
    """
    head, found = _parts(text, card)
    fields = []
    for field in card.fields:
        number, lines = found[field.note.name]
        if lines == _lines_of(field):
            fields.append(field)
            continue
        if forbidden := forbidden_characters("\n".join(lines)):
            raise NotUnderstoodError(
                f"field {field.note.name}, from line {number}: it holds the control character U+{ord(forbidden[0]):04X}"
            )
        told = _chosen(field, number, lines) if field.note.kind == FieldKind.CHOICE else _joined(lines)
        fields.append(replace(field.retold(told), changed=told != field.stored))
    typed = replace(card, fields=tuple(fields)).jump(0, 0, 0).all_visited()
    note = head.get("note", (0, ""))[1]
    return typed if note == for_a_terminal(card.note) else typed.noted(note)


def _said_of(card: OpenCard, field: OpenField) -> list[str]:
    """What is to be known of a field: its question, its doubtful words with what else they may be, and what somebody
    else typed in it."""
    said = [field.note.prompt] if field.note.prompt else []
    if card.theirs is not None and field.note.name in card.theirs.texts:
        theirs = card.theirs.texts[field.note.name].split("\n")
        said += [f"somebody else typed: {theirs[0] or '(nothing)'}", *theirs[1:]]
    for line in field.lines:
        for token, number in line.doubtful_tokens:
            others = ", ".join(line.words[number - line.first].alternatives)
            said.append(f"doubtful: {line.text[token.start : token.end]}" + (f" ({others}?)" if others else ""))
    if entries := ", ".join(entry.text for entry in (field.reading.suggestions if field.reading else ())):
        said.append(f"in the lists: {entries}")
    if field.doubt and not field.changed and not any(line.doubtful_tokens for line in field.lines):
        said.append(f"doubtful: {', '.join(field.doubt)}")
    return said


def _comment(text: str) -> str:
    return f"# {for_a_terminal(text)}"


def _lines_of(field: OpenField) -> list[str]:
    """A field's text in lines; a paragraph break is as many empty ones as it has line feeds."""
    if field.note.kind == FieldKind.CHOICE:
        others = [value for value in field.chosen if value not in field.note.options]
        return [f"[{'x' if value in field.chosen else ' '}] {value}" for value in (*field.note.options, *others)]
    lines: list[str] = []
    for line in field.lines:
        lines += [""] * line.separator.count("\n")
        for number, part in enumerate(re.split(r"(\n+)", line.text)):
            lines += [""] * len(part) if number % 2 else [part.strip()]
    return _trimmed(lines)


def _trimmed(lines: list[str]) -> list[str]:
    """Without the empty lines at both ends."""
    written_on = [number for number, line in enumerate(lines) if line]
    return lines[written_on[0] : written_on[-1] + 1] if written_on else []


def _escaped(line: str) -> str:
    return f"\\{line}" if line.startswith(OUR_LINES) else line


def _joined(lines: list[str]) -> str:
    text, feeds = "", 0
    for line in lines:
        if not line:
            feeds += 1
            continue
        text += ("\n" * feeds or " ") * bool(text) + line
        feeds = 0
    return text


Head = dict[str, tuple[int, str]]
Found = dict[str, tuple[int, list[str]]]


def _parts(text: str, card: OpenCard) -> tuple[Head, Found]:
    """What stands above the fields by name, and each field's lines, with the numbers of the lines they begin on."""
    names = [field.note.name for field in card.fields]
    head: Head = {}
    found: Found = {}
    name: str | None = None
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line.startswith("#"):
            continue
        if line.startswith("=="):
            name = _heading(line, number, names, found)
            found[name] = number, []
        elif name is not None:
            found[name][1].append((line[1:] if line.startswith("\\") else line).strip())
        elif line.strip():
            key, colon, value = line.partition(":")
            if not colon or key.strip() not in ("decision", "note") or key.strip() in head:
                raise NotUnderstoodError(f"line {number}: above the first heading stand only decision: and note:")
            head[key.strip()] = number, value.strip()
    if missing := [name for name in names if name not in found]:
        raise NotUnderstoodError(f"the heading == {missing[0]} == is missing; every field keeps its own")
    return head, {name: (number, _trimmed(lines)) for name, (number, lines) in found.items()}


def _heading(line: str, number: int, names: list[str], found: Found) -> str:
    match = HEADING.fullmatch(line)
    name = match.group(1) if match else ""
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean == {near[0]} ==?" if near else "a text that begins with == needs a backslash before it"
        raise NotUnderstoodError(f"line {number}: the card has no such field; {hint}")
    if name in found:
        raise NotUnderstoodError(f"line {number}: the heading == {name} == is there twice")
    return name


def _chosen(field: OpenField, number: int, lines: list[str]) -> str:
    known = (*field.note.options, *field.chosen)
    ticked: list[str] = []
    for line in filter(None, lines):
        box = BOX.fullmatch(line)
        if box is None or box.group(2) not in known:
            raise NotUnderstoodError(f"field {field.note.name}, from line {number}: a box is [x] or [ ] and its name")
        if box.group(1).strip():
            ticked.append(box.group(2))
    if len(ticked) > max(field.note.max_choices, len(field.chosen)):
        most = field.note.max_choices
        raise NotUnderstoodError(f"field {field.note.name}: at most {most} of its boxes can be ticked")
    return BETWEEN_VALUES.join(value for value in dict.fromkeys(known) if value in ticked)


def _decision(words: str) -> tuple[str, str]:
    word = words.replace("-", " ").lower()
    if word in DECISIONS and word != "reject":
        return word, ""
    first, _, rest = words.partition(" ")
    if first.rstrip(":").lower() == "reject":
        return "reject", _reason(rest.strip())
    if not words:
        raise NotUnderstoodError(f"say on the line decision: what becomes of the card: {', '.join(DECISIONS)}")
    near = difflib.get_close_matches(word, DECISIONS, n=1)
    raise NotUnderstoodError(f"no such decision{f'; did you mean {near[0]}?' if near else ''} ({', '.join(DECISIONS)})")


def _reason(words: str) -> str:
    if not words:
        raise NotUnderstoodError("a rejection has a reason: reject 2, say, or reject and words of your own")
    if words.isdecimal():
        if not 1 <= int(words) <= len(REASONS):
            raise NotUnderstoodError(f"the reasons are numbered from 1 to {len(REASONS)}")
        return REASONS[int(words) - 1]
    return words if words in REASONS else f"{OTHER}: {words.removeprefix(f'{OTHER}: ')}"
