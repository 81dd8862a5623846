"""The card that lies open before a reviewer: its fields and lines, the cursor, and what is still to be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from scan_ingest.domain.identity import FieldFindings
from scan_ingest.domain.marks import Mark
from scan_ingest.domain.second_look import differing
from scan_ingest.domain.template import FieldKind
from scan_ingest.domain.text import as_kept
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import Draft, QueuedCard, Theirs
from scan_ingest.review.identities import UNWATCHED, Watch
from scan_ingest.review.suggestions import Suggested, is_offered, marked, suggested
from scan_ingest.review.written import BETWEEN_VALUES, OpenField, WrittenLine

Place = tuple[str, datetime | None, int, bool]


@dataclass(frozen=True)
class Doubtful:
    """A place to look at: a word of a field (counted over its lines), or the field itself where `word` is None."""

    field: int
    word: int | None


@dataclass(frozen=True)
class OpenCard:
    """A card, its fields in order, where the cursor is, and the doubtful places that were looked at.

    Every step returns another card.
    """

    queued: QueuedCard
    fields: tuple[OpenField, ...]
    field: int = 0
    line: int = 0
    column: int = 0
    visited: frozenset[Doubtful] = frozenset()
    note: str = ""
    """The reviewer's, about the card."""
    watch: Watch = UNWATCHED
    """What is known of patients' identities on it."""
    jumped: bool = False
    """Whether the cursor was put on its word by a jump (Tab, Enter, a click), and nothing was typed since."""
    theirs: Theirs | None = None
    """What somebody else made of the card: the texts of the fields where it differs, each a place to look at."""

    @cached_property
    def identities(self) -> tuple[FieldFindings, ...]:
        """What in its texts, as they are typed, may tell who a patient is."""
        return self.watch.findings(self.queued.id, self.texts, self.kinds)

    @property
    def kinds(self) -> dict[str, str]:
        return {field.note.name: field.note.kind for field in self.fields}

    @property
    def current(self) -> OpenField:
        return self.fields[self.field]

    @property
    def current_line(self) -> WrittenLine:
        return self.current.lines[self.line]

    @property
    def place(self) -> Place:
        """Which card and field is being edited, and whether as one text. A card that was opened anew is another one:
        what an editor still holds of it may not be on it any more."""
        return self.queued.id, self.queued.claimed_at, self.field, self.current.as_one

    @property
    def texts(self) -> dict[str, str]:
        return {field.note.name: field.text for field in self.fields}

    @property
    def typed_so_far(self) -> Draft:
        return Draft(self.texts, self.note, self.queued.review, self.queued.claimed_at)

    @property
    def their_text(self) -> str | None:
        """Somebody else's text of the current field; None where it does not differ."""
        return self.theirs.texts.get(self.current.note.name) if self.theirs else None

    def beside(self, theirs: Theirs | None) -> "OpenCard":
        """With somebody else's text of each field where it differs."""
        if theirs is None:
            return replace(self, theirs=None)
        texts = {name: theirs.texts.get(name, "") for name in differing(self.texts, theirs.texts)}
        return replace(self, theirs=replace(theirs, texts=texts))

    def took_theirs(self) -> "OpenCard":
        """The current field with somebody else's text, and this one as the other; the same card where there is none."""
        text = self.their_text
        if self.theirs is None or text is None:
            return self
        here = self.current
        theirs = replace(self.theirs, texts={**self.theirs.texts, here.note.name: here.text})
        changed = replace(here.retold(text), changed=text != here.stored)
        return replace(self._with(changed).at(self.field, 0, 0), theirs=theirs)

    @property
    def on_last_line(self) -> bool:
        return self.field == len(self.fields) - 1 and self.line == len(self.current.lines) - 1

    @property
    def unvisited(self) -> tuple[Doubtful, ...]:
        """The doubtful places that nobody has looked at, in reading order."""
        return tuple(place for place, _, _ in self._doubtful() if place not in self.visited)

    def at(self, field: int, line: int, column: int) -> "OpenCard":
        """The cursor put there (numbers beyond the end: at the end); a doubtful place it is on is visited."""
        field = min(max(field, 0), len(self.fields) - 1)
        line = min(max(line, 0), len(self.fields[field].lines) - 1)
        column = min(max(column, 0), len(self.fields[field].lines[line].text))
        return replace(self, field=field, line=line, column=column, jumped=False)._looked()

    def jump(self, field: int, line: int, column: int) -> "OpenCard":
        """The cursor put there by a jump; number keys then take a suggestion, where there is one."""
        return replace(self.at(field, line, column), jumped=True)

    def typed(self, text: str, column: int) -> "OpenCard":
        """The current line with another text."""
        if text == self.current_line.text:
            return self.at(self.field, self.line, column)
        lines = list(self.current.lines)
        lines[self.line] = replace(self.current_line, text=text)
        return self._with(replace(self.current, lines=tuple(lines), changed=True)).at(self.field, self.line, column)

    @property
    def suggestions(self) -> tuple[Suggested, ...]:
        """What else the word under the cursor, or its whole field, may be."""
        return suggested(self.current, self.current_line, self.column)

    @property
    def offers(self) -> bool:
        """Whether a number key alone takes one of the suggestions."""
        return self.jumped and is_offered(self.current, self.current_line, self.column)

    @property
    def suggestions_of_line(self) -> tuple[Suggested, ...]:
        """What else the doubtful words of the current line, or its whole field, may be, word after word."""
        found = [
            one
            for token, _ in self.current_line.doubtful_tokens
            for one in suggested(self.current, self.current_line, token.start)
        ]
        return tuple(dict.fromkeys(found or suggested(self.current, self.current_line, 0)))

    def took(self, number: int) -> "OpenCard":
        """The suggestion of that number (from 1) put in place; the same card where there is none."""
        found = self.suggestions
        return self.with_suggestion(found[number - 1]) if 1 <= number <= len(found) else self

    def with_suggestion(self, chosen: Suggested) -> "OpenCard":
        """The suggestion, one of the current line's, put in place."""
        text = self.current_line.text
        card = self.typed(text[: chosen.start] + chosen.text + text[chosen.end :], chosen.start)
        return replace(card, jumped=True)

    def marked(self, mark: Mark, start: int, end: int) -> "OpenCard":
        """The mark in place of that part of the line, or of the word at `start` where it is empty."""
        if self.current.note.kind == FieldKind.CHOICE:
            return self
        return self.typed(*marked(self.current_line, start, end, mark))

    def toggled(self, option: int) -> "OpenCard":
        """The option of a choice (from 0) ticked or unticked. Of one choice, another tick takes the first away."""
        field = self.current
        if not 0 <= option < len(field.note.options):
            return self
        value, chosen = field.note.options[option], field.chosen
        if field.note.max_choices == 1:
            now: tuple[str, ...] = () if chosen == (value,) else (value,)
        elif value in chosen:
            now = tuple(other for other in chosen if other != value)
        elif len(chosen) < field.note.max_choices:
            order = field.note.options
            now = tuple(sorted((*chosen, value), key=lambda v: order.index(v) if v in order else len(order)))
        else:
            return self
        return self.typed(BETWEEN_VALUES.join(now), 0)

    def noted(self, note: str) -> "OpenCard":
        """The card with that note of the reviewer's."""
        return replace(self, note=as_kept(note).strip())

    def in_one(self) -> "OpenCard":
        """The current text field as one text, or back in lines where its text splits; the text stays."""
        field = self.current
        if field.note.kind != FieldKind.TEXT or not field.reading:
            return self
        return self._with(field.retold(field.text, as_one=not field.as_one)).at(self.field, 0, 0)

    def with_more(self, text: str) -> "OpenCard":
        """The current text field with another paragraph, as one text."""
        field = self.current
        if field.note.kind != FieldKind.TEXT:
            return self
        longer = f"{field.text}\n{text}" if field.text else text
        changed = replace(field.retold(longer, as_one=True), changed=True)
        return self._with(changed).at(self.field, 0, len(longer))

    def at_word(self, line: int, word: int) -> "OpenCard":
        """The cursor put by a jump on what became of a read word of that line; its end where nothing did."""
        written = self.current.lines[min(line, len(self.current.lines) - 1)]
        here = (token.start for token in written.tokens if token.first <= word - written.first < token.last)
        return self.jump(self.field, line, next(here, len(written.text)))

    def next_line(self) -> "OpenCard":
        if self.line < len(self.current.lines) - 1:
            return self.jump(self.field, self.line + 1, 0)
        return self.jump(self.field + 1, 0, 0) if self.field < len(self.fields) - 1 else self

    def line_before(self) -> "OpenCard":
        if self.line:
            return self.jump(self.field, self.line - 1, 0)
        return self.jump(self.field - 1, len(self.fields[self.field - 1].lines) - 1, 0) if self.field else self

    def next_field(self) -> "OpenCard":
        return self.jump(self.field + 1, 0, 0) if self.field < len(self.fields) - 1 else self

    def field_before(self) -> "OpenCard":
        return self.jump(self.field - 1, 0, 0) if self.field else self.jump(0, 0, 0)

    def next_doubt(self, *, backwards: bool = False) -> "OpenCard":
        """The cursor on the next doubtful place after it, around the end; the same card where there is none."""
        spots = [(place.field, line, column) for place, line, column in self._doubtful()]
        if not spots:
            return self
        here = (self.field, self.line, self.column)
        if backwards:
            chosen = next((spot for spot in reversed(spots) if spot < here), spots[-1])
        else:
            chosen = next((spot for spot in spots if spot > here), spots[0])
        return self.jump(*chosen)

    def first_unvisited(self) -> "OpenCard":
        """The cursor on the first doubtful place that was not looked at; the same card where all were."""
        for place, line, column in self._doubtful():
            if place not in self.visited:
                return self.jump(place.field, line, column)
        return self

    def all_visited(self) -> "OpenCard":
        return replace(self, visited=frozenset(place for place, _, _ in self._doubtful()))

    def _with(self, field: OpenField) -> "OpenCard":
        return replace(self, fields=(*self.fields[: self.field], field, *self.fields[self.field + 1 :]))

    def _looked(self) -> "OpenCard":
        """The doubtful place under the cursor counts as visited, and so does a doubt about the field itself."""
        seen = {Doubtful(self.field, None)}
        line = self.current_line
        seen |= {
            Doubtful(self.field, number)
            for token, number in line.doubtful_tokens
            if token.start <= self.column <= token.end
        }
        return replace(self, visited=self.visited | seen)

    def _doubtful(self) -> Sequence[tuple[Doubtful, int, int]]:
        """Every doubtful place with its line and column, in reading order.

        A doubt about a field is a place of its own only where no doubtful word stands for it, somebody else's text of
        it always.
        """
        places: list[tuple[Doubtful, int, int]] = []
        for number, field in enumerate(self.fields):
            words = [
                (Doubtful(number, word), at, token.start)
                for at, line in enumerate(field.lines)
                for token, word in line.doubtful_tokens
            ]
            has_theirs = self.theirs is not None and field.note.name in self.theirs.texts
            if has_theirs or (field.doubt and not field.changed and not words):
                places.append((Doubtful(number, None), 0, 0))
            places += words
        return places


def opened(card: QueuedCard, notes: Sequence[FieldNote], typed: Draft) -> OpenCard:
    """The card as it was typed, the cursor on its first line. `notes` are its fields in order, at least one."""
    fields = []
    for note in notes:
        reading = card.readings.get(note.name)
        stored = card.texts.get(note.name, reading.text if reading else "")
        text = typed.texts.get(note.name, stored)
        field = OpenField(note, reading, stored, (), as_one=False).retold(text)
        fields.append(replace(field, changed=text != stored))
    return OpenCard(card, tuple(fields), note=typed.note).jump(0, 0, 0)
