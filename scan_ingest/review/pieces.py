"""What is shown of a field: a picture of each line that was read, or of the whole where no line was."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from datetime import datetime
from itertools import pairwise

from scan_ingest.domain.card import Word
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.template import FieldKind
from scan_ingest.review.open_card import OpenCard
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.picture import (
    DOTS_IN,
    LARGEST_DOTS,
    Cell,
    Manner,
    PictureRow,
    character_width_mm,
    cut,
    decoded,
    fitted,
    in_rows,
    stretched,
)

LINE_MARGIN_MM = 0.6  # a descender that the box cuts off, not the line below
FIELD_MARGIN_MM = 1.5
OPTION_LABEL_MM = 22.0  # what is printed to the right of the last box of a choice
TYPICAL_CHARACTER_MM = 3.0
LARGEST_PIXELS = 20.0  # a character, where the terminal shows real pictures
LARGEST_OVERVIEW = 6.0  # dots a millimetre: ticks need no more


@dataclass(frozen=True, eq=False)
class Piece:
    """A stretched crop; `words` has the place of each word of the field that is on it, in pixels from its left.

    `is_line` is whether it may be split over rows.
    """

    crop: GreyImage
    character_mm: float
    words: Mapping[int, tuple[float, float]]
    is_line: bool

    @property
    def between_words(self) -> tuple[int, ...]:
        places = sorted(self.words.values())
        return tuple(round((right + left) / 2) for (_, right), (left, _) in pairwise(places) if left >= right)


@dataclass(frozen=True)
class Scale:
    cell: Cell
    largest_dots: float

    @classmethod
    def of(cls, manner: Manner, canvas: Canvas) -> "Scale":
        if manner is Manner.PIXELS and canvas.pixels is not None:
            return cls(canvas.pixels, LARGEST_PIXELS)
        return cls(DOTS_IN[manner], LARGEST_DOTS)


Rows = Sequence[tuple[PictureRow, Piece]]


@dataclass
class Pieces:
    """Cuts the pieces of a card; `side_of` gives a side's picture. What was cut for the open card is kept until another
    is opened, or it is opened anew: words may have been made black on it."""

    side_of: Callable[[str, str], bytes]
    _opened: tuple[str, datetime | None] = "", None
    _sides: dict[str, GreyImage] = field(default_factory=dict)
    _cut: dict[tuple[str, int, bool], tuple[Piece, ...]] = field(default_factory=dict)

    def side(self, card: OpenCard, side: str) -> GreyImage:
        opened = card.queued.id, card.queued.claimed_at
        if opened != self._opened:
            self._opened = opened
            self._sides, self._cut = {}, {}
        if side not in self._sides:
            self._sides[side] = decoded(self.side_of(card.queued.id, side))
        return self._sides[side]

    def field_crop(self, card: OpenCard) -> GreyImage:
        """The current field as scanned, with a little around it."""
        note = card.current.note
        return cut(self.side(card, note.side), self.field_box(card), FIELD_MARGIN_MM)

    def field_box(self, card: OpenCard) -> BoxMm:
        note = card.current.note
        if note.kind == FieldKind.CHOICE:
            return replaced(note.box_mm, width=note.box_mm.width + OPTION_LABEL_MM)
        return note.box_mm

    def of(self, card: OpenCard, number: int) -> tuple[Piece, ...]:
        """The pieces that belong to a line of the current field, in reading order; at least one."""
        side = self.side(card, card.current.note.side)
        key = (card.current.note.name, number, card.current.as_one)
        if key not in self._cut:
            self._cut[key] = self._pieces(card, number, side)
        return self._cut[key]

    def _pieces(self, card: OpenCard, number: int, side: GreyImage) -> tuple[Piece, ...]:
        current = card.current
        read = current.reading.lines if current.reading else ()
        if not read:
            crop = stretched(cut(side, self.field_box(card), FIELD_MARGIN_MM))
            return (Piece(crop, TYPICAL_CHARACTER_MM, {}, is_line=False),)
        if not current.as_one:
            line = current.lines[number]
            return (_line_piece(side, line.box_mm, line.read, line.words, line.first),)
        pieces: list[Piece] = []
        first = 0
        for line_read in read:
            pieces.append(_line_piece(side, line_read.box_mm, line_read.text, line_read.words, first))
            first += len(line_read.words)
        return tuple(pieces)


def _line_piece(side: GreyImage, box: BoxMm, text: str, words: Sequence[Word], first: int) -> Piece:
    left_mm = max(0.0, box.x - LINE_MARGIN_MM)
    places = {
        first + number: ((word.box_mm.x - left_mm) * SIDE_PX_PER_MM, (word.box_mm.right - left_mm) * SIDE_PX_PER_MM)
        for number, word in enumerate(words)
    }
    written_mm = max(w.box_mm.right for w in words) - min(w.box_mm.x for w in words) if words else box.width
    character_mm = character_width_mm(written_mm, len(text)) if text else TYPICAL_CHARACTER_MM
    return Piece(stretched(cut(side, box, LINE_MARGIN_MM)), character_mm, places, is_line=True)


def rows_of(pieces: Sequence[Piece], columns: int, lines: int, scale: Scale) -> Rows:
    """The rows of pictures of those pieces; they may be higher than the lines."""
    rows: list[tuple[PictureRow, Piece]] = []
    for piece in pieces:
        if piece.is_line:
            each = max(1, lines // len(pieces))
            rows += [
                (row, piece)
                for row in in_rows(
                    piece.crop,
                    piece.character_mm,
                    columns,
                    each,
                    scale.cell,
                    piece.between_words,
                    scale.largest_dots,
                )
            ]
        else:
            rows.append((fitted(piece.crop, columns, lines, scale.cell, LARGEST_OVERVIEW / SIDE_PX_PER_MM), piece))
    return rows


def height_of(rows: Rows, scale: Scale) -> int:
    """In lines of the window."""
    return sum(row.dots.shape[0] // scale.cell.down for row, _ in rows)


def around(rows: Rows, word: int | None, lines: int, scale: Scale) -> Rows:
    """As many of the rows as fit into the lines: those around the one that shows the word, in order."""
    heights = [row.dots.shape[0] // scale.cell.down for row, _ in rows]
    if sum(heights) <= lines:
        return rows
    focus = next(
        (number for number, (row, piece) in enumerate(rows) if word is not None and _shows(row, piece, word)), 0
    )
    first = last = focus
    used = heights[focus]
    while True:
        if last + 1 < len(rows) and used + heights[last + 1] <= lines:
            last += 1
            used += heights[last]
        elif first and used + heights[first - 1] <= lines:
            first -= 1
            used += heights[first]
        else:
            break
    if used > lines:  # a window too low for even one row: its upper part
        row, piece = rows[focus]
        return [(replaced(row, dots=row.dots[: lines * scale.cell.down]), piece)]
    return rows[first : last + 1]


def word_under(rows: Rows, at: tuple[int, int], scale: Scale) -> int | None:
    """The word at that place of the picture (columns from its left, lines from its top); None where none is."""
    column, line = at
    for row, piece in rows:
        height = row.dots.shape[0] // scale.cell.down
        if line >= height:
            line -= height
            continue
        dots_per_px = row.dots.shape[1] / (row.right_px - row.left_px)
        px = row.left_px + (column + 0.5) * scale.cell.across / dots_per_px
        return next((word for word, (left, right) in piece.words.items() if left <= px <= right), None)
    return None


def _shows(row: PictureRow, piece: Piece, word: int) -> bool:
    if word not in piece.words:
        return False
    left, right = piece.words[word]
    return row.left_px <= (left + right) / 2 < row.right_px


def better_manner_of(pieces: Sequence[Piece], columns: int, lines: int, canvas: Canvas) -> Manner:
    """How the terminal draws those pieces best in that room: pixels; else half blocks, which keep faint pencil's greys,
    where no line is split with them; else braille, which shows four times as many dots."""
    first = canvas.manners[0]
    if first is not Manner.BRAILLE or not canvas.greys or lines < 1:
        return first
    scale = Scale.of(Manner.HALF_BLOCKS, canvas)
    rows = rows_of(pieces, columns, lines, scale)
    fits = len(rows) == len(pieces) and height_of(rows, scale) <= lines
    return Manner.HALF_BLOCKS if fits and all(piece.is_line for piece in pieces) else Manner.BRAILLE
