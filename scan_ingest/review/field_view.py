"""The field that is being read: each line's picture above its text."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from rich.cells import cell_len
from textual.containers import Vertical, VerticalScroll
from textual.events import Click
from textual.message import Message

from scan_ingest.domain.card import Doubt
from scan_ingest.domain.template import FieldKind
from scan_ingest.review.captions import Caption, suggestions
from scan_ingest.review.editing import FieldText, LineInput, Take, Ticks
from scan_ingest.review.open_card import Doubtful, OpenCard, Place
from scan_ingest.review.pieces import (
    Piece,
    Pieces,
    Rows,
    Scale,
    around,
    better_manner_of,
    height_of,
    rows_of,
    word_under,
)
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.drawing import CharacterPicture, Mark, PixelPicture
from scan_ingest.terminal.picture import Manner

LOWEST_PICTURE = 2  # lines of the window; the text goes first

Editor = LineInput | FieldText | Ticks


@dataclass
class WordPointed(Message):
    """A word was clicked on in the picture of a line; its number in the field."""

    line: int
    word: int


class FieldView(VerticalScroll, can_focus=False):
    """A field's pictures and editors, one of each for every line, or one for the whole."""

    DEFAULT_CSS = """
    FieldView { height: 1fr; padding: 0 1; background: ansi_default; scrollbar-size-vertical: 0; }
    FieldView > Vertical { height: auto; }
    FieldView .suggestions { height: 1; padding: 0 0 0 1; background: ansi_default; }
    """

    def __init__(self, canvas: Canvas, pieces: Pieces, tick: Callable[[int], None], take: Take) -> None:
        super().__init__()
        self._canvas, self._pieces, self._tick, self._take = canvas, pieces, tick, take
        self._card: OpenCard | None = None
        self._place: Place | None = None
        self._made: tuple[object, ...] = ()
        self._kept_rows: dict[tuple[object, ...], Rows] = {}
        self._shown: dict[int, Rows] = {}
        self._scale: Scale | None = None
        self.manner: Manner | None = None
        """The manner asked for; None lets the window decide."""
        self.drawn_in: Manner | None = None
        """The manner that the pictures are drawn in now."""
        self.is_cut_short = False
        """Whether the picture of the current line has more rows than fit; they follow the cursor."""

    @property
    def shows(self) -> Place | None:
        """The place whose editors are on the screen; None while they are being exchanged."""
        return self._place

    @property
    def editors(self) -> Sequence[Editor]:
        return [editor for block in self.children for editor in block.query("LineInput, FieldText, Ticks").results()]  # type: ignore[misc]

    async def show(self, card: OpenCard, columns: int, lines: int) -> None:
        """Draws the card's current field in that many characters; keeps the editors where they are the same."""
        self._card = card
        field = card.current
        pixels = (self.manner or self._canvas.manners[0]) is Manner.PIXELS
        made = (card.queued.id, card.field, field.as_one, len(field.lines), pixels)
        if made != self._made:
            same_manner = self._made[-1:] == made[-1:]
            self._made = made
            self._kept_rows = {}
            self._place = None  # the editors that stand there are of another field
            await self._exchange(card, pixels, same_manner=same_manner)
        self._fill(card)
        for number, below in enumerate(self.query(Caption)):
            below.display = number == card.line
            if below.display:
                below.say(suggestions(card))
        self._place = card.place
        self._draw(card, columns - 3, lines)
        current = self.editors[card.line]
        if not current.has_focus:
            # At once: `focus()` waits for its turn, and keys that come meanwhile would go astray.
            self.screen.set_focus(current, scroll_visible=False)
        self.call_after_refresh(self.scroll_to_widget, self.children[card.line], animate=False)

    async def _exchange(self, card: OpenCard, pixels: bool, *, same_manner: bool) -> None:
        """The blocks that the card's field needs. Those of lines serve the next field's lines too, where pictures are
        drawn as before: new ones are laid out from nothing, which takes as long as all the rest of a key."""
        wanted, blocks = len(card.current.lines), list(self.children)
        in_lines = card.current.note.kind != FieldKind.CHOICE and not card.current.as_one
        kept = blocks[:wanted] if same_manner and in_lines and self.query(LineInput) else []
        if gone := blocks[len(kept) :]:
            await self.remove_children(gone)
        await self.mount(
            *(
                Vertical(self._picture(pixels), self._editor(card, number), Caption(classes="suggestions"))
                for number in range(len(kept), wanted)
            )
        )

    def _picture(self, pixels: bool) -> CharacterPicture | PixelPicture:
        if pixels and self._canvas.image_widget is not None:
            return PixelPicture(self._canvas.image_widget)
        return CharacterPicture()

    def _editor(self, card: OpenCard, number: int) -> Editor:
        field = card.current
        if field.note.kind == FieldKind.CHOICE:
            return Ticks(field.note.options, field.chosen, _doubtful(card), self._tick)
        if field.as_one:
            return FieldText(field.lines[0].text, lambda: self._marked(0), self._take)
        return LineInput(field.lines[number].text, number, lambda: self._marked(number), self._take)

    def _marked(self, number: int) -> Sequence[tuple[int, int, bool]]:
        """The doubtful words of a line: start, end, looked at. While it is being typed in, as it stands now."""
        card = self._card
        if card is None or number >= len(card.current.lines):
            return []
        return [
            (token.start, token.end, Doubtful(card.field, word) in card.visited)
            for token, word in card.current.lines[number].doubtful_tokens
        ]

    def _fill(self, card: OpenCard) -> None:
        """Texts and cursor as the card has them."""
        for editor, line in zip(self.editors, card.current.lines, strict=True):
            if isinstance(editor, Ticks):
                editor.show(card.current.chosen, _doubtful(card))
                continue
            here = editor.number == card.line
            editor.put(line.text, card.column if here else editor.cursor_position)
            editor.refresh()

    def _draw(self, card: OpenCard, columns: int, lines: int) -> None:
        texts = self._text_lines(card, columns, lines)
        room = lines - sum(texts)
        here = self._pieces.of(card, card.line)
        self.drawn_in = self.manner or better_manner_of(here, columns, room, self._canvas)
        scale = Scale.of(self.drawn_in, self._canvas)
        shown = self._shown = self._rows_shown(card, columns, room, scale)
        self._scale = scale
        for number, block in enumerate(self.children):
            picture = block.query_one("CharacterPicture, PixelPicture")
            picture.display = number in shown
            gap = int(number > 0 and {number, number - 1} <= shown.keys())
            if block.styles.margin.top != gap:  # setting it lays the window out again
                block.styles.margin = (gap, 0, 0, 0)
            if number not in shown:
                continue
            rows = shown[number]
            marks = [[*_marks(piece, self._words_seen(card, number))] for _, piece in rows]
            if isinstance(picture, PixelPicture):
                picture.show([row for row, _ in rows], marks, scale.cell)
            elif isinstance(picture, CharacterPicture):
                picture.show([row for row, _ in rows], marks, self.drawn_in, greys=self._canvas.greys)

    def _rows_shown(self, card: OpenCard, columns: int, room: int, scale: Scale) -> dict[int, Rows]:
        """The rows of pictures that fit into the room, by line: all lines' where they do, else the current line's and
        those next to it, the following ones first."""
        count = len(card.current.lines)
        each = (room - (count - 1)) // count
        if room < LOWEST_PICTURE:
            return {}
        if each >= LOWEST_PICTURE:
            fitting = {number: self._rows(card, number, columns, each, scale) for number in range(count)}
            if count > 1 and all(height_of(rows, scale) <= each for rows in fitting.values()):
                self.is_cut_short = False
                return fitting
        rows = self._rows(card, card.line, columns, room, scale)
        looked_at = [word for word, is_looked_at in self._words_seen(card, card.line) if is_looked_at]
        shown = {card.line: around(rows, looked_at[0] if looked_at else None, room, scale)}
        self.is_cut_short = len(shown[card.line]) < len(rows)
        left = room - height_of(shown[card.line], scale) - 1
        for number in (*range(card.line + 1, count), *range(card.line - 1, -1, -1)):
            if left < LOWEST_PICTURE or not {number - 1, number + 1} & shown.keys():
                break
            beside = self._rows(card, number, columns, left, scale)
            if height_of(beside, scale) > left:
                break
            shown[number] = beside
            left -= height_of(beside, scale) + 1
        return shown

    def _rows(self, card: OpenCard, number: int, columns: int, lines: int, scale: Scale) -> Rows:
        """A line's rows in that room; kept, since they are asked for with every key."""
        key = (*card.place, number, columns, lines, scale)
        if key not in self._kept_rows:
            self._kept_rows[key] = rows_of(self._pieces.of(card, number), columns, lines, scale)
        return self._kept_rows[key]

    def _text_lines(self, card: OpenCard, columns: int, lines: int) -> list[int]:
        """How many lines of the window each editor takes."""
        field = card.current
        if field.note.kind == FieldKind.CHOICE:
            tall = len(field.note.options) + 1
        elif field.as_one:
            text = field.lines[0].text
            tall = sum(max(1, ceil((cell_len(part) + 2) / max(columns - 2, 1))) for part in text.split("\n")) + 1
            tall = max(3, min(tall, lines // 2))
            for editor in self.editors:
                editor.styles.height = tall
        else:
            return [1] * len(field.lines)
        return [tall]

    def on_click(self, event: Click) -> None:
        """A click on a word's picture goes to the word."""
        for number, block in enumerate(self.children):
            region = block.query_one("CharacterPicture, PixelPicture").region
            if number in self._shown and self._scale and region.contains(event.screen_x, event.screen_y):
                at = event.screen_x - region.x, event.screen_y - region.y
                word = word_under(self._shown[number], at, self._scale)
                if word is not None:
                    self.post_message(WordPointed(number, word))

    def _words_seen(self, card: OpenCard, number: int) -> Sequence[tuple[int, bool]]:
        """The words of a line that are marked in its picture: their number in the field, and whether it is the one
        that the cursor is on. The one looked at comes last, over the others."""
        line = card.current.lines[number]
        marked = [(word, False) for _, word in line.doubtful_tokens]
        if number == card.line and (token := line.word_at(card.column)) is not None:
            marked += [(line.first + word, True) for word in range(token.first, token.last)]
        return marked


def _marks(piece: Piece, seen: Sequence[tuple[int, bool]]) -> Iterator[Mark]:
    for word, looked_at in seen:
        if word in piece.words:
            left, right = piece.words[word]
            yield Mark(left, right, looked_at)


def _doubtful(card: OpenCard) -> bool:
    field = card.current
    return Doubt.UNSURE in field.doubt and not field.changed
