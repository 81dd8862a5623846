"""The whole card beside the line, in a window that is wide enough: its picture with the field outlined, its texts."""

from dataclasses import replace

import cv2
import numpy as np
from textual.app import ComposeResult
from textual.containers import Vertical

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.review import captions
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.pieces import Pieces, Scale
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.drawing import CharacterPicture, PixelPicture
from scan_ingest.terminal.picture import Manner, PictureRow, fitted

PAPER_SHARE = 60  # per cent of a side's pixels that are paper, at least: what is as light as that is white


class BesideCard(Vertical):
    """Draws the side that the current field is on, and below it every field with its text."""

    DEFAULT_CSS = """
    BesideCard { padding: 0 1; background: ansi_default; border-left: solid ansi_blue; }
    BesideCard > Static { height: 1fr; padding: 1 0 0 0; background: ansi_default; }
    """

    def __init__(self, canvas: Canvas, pieces: Pieces) -> None:
        super().__init__()
        self._canvas, self._pieces = canvas, pieces
        self._drawn: tuple[object, ...] = ()
        self._small: tuple[tuple[object, ...], PictureRow] | None = None

    def compose(self) -> ComposeResult:
        yield CharacterPicture()
        if self._canvas.image_widget is not None:
            yield PixelPicture(self._canvas.image_widget)
        yield captions.Caption()

    def show(self, card: OpenCard, manner: Manner, columns: int, lines: int) -> None:
        """In that many characters; the picture takes at most half of the lines."""
        words = self.query_one(captions.Caption)
        words.say(captions.whole_card(card, wrapped=True), key=(card.queued.id, card.texts, card.field))
        if not self._canvas.greys and manner is Manner.HALF_BLOCKS:
            manner = self._canvas.manners[-1]
        key = (card.queued.id, card.field, manner, columns, lines)
        if key == self._drawn:
            return
        self._drawn = key
        row = self._outlined(card, manner, columns, lines // 2)
        pixels = manner is Manner.PIXELS
        for characters in self.query(CharacterPicture):
            characters.display = not pixels
            if not pixels:
                characters.show([row], [[]], manner, greys=self._canvas.greys)
        for picture in self.query(PixelPicture):
            picture.display = pixels
            if pixels and self._canvas.pixels is not None:
                picture.show([row], [[]], self._canvas.pixels)

    def _outlined(self, card: OpenCard, manner: Manner, columns: int, lines: int) -> PictureRow:
        row = self._overview(card, manner, columns, lines)
        scale = row.dots.shape[1] / (row.right_px - row.left_px) * SIDE_PX_PER_MM  # dots a millimetre
        box = self._pieces.field_box(card)
        dots = row.dots.copy()
        corners = [(round(x * scale), round(y * scale)) for x, y in ((box.x, box.y), (box.right, box.bottom))]
        cv2.rectangle(dots, corners[0], corners[1], 0, 1 if manner is not Manner.PIXELS else 2)
        return replace(row, dots=dots)

    def _overview(self, card: OpenCard, manner: Manner, columns: int, lines: int) -> PictureRow:
        """The side, small; kept, since it is the same for all its fields."""
        side = card.current.note.side
        key = (card.queued.id, side, manner, columns, lines)
        if self._small is None or self._small[0] != key:
            cell = Scale.of(manner, self._canvas).cell
            whole = self._pieces.side(card, side)
            # Thin strokes would fade where a dot covers much more than their width.
            reach = max(1, whole.shape[1] // (2 * columns * cell.across))
            thick = np.asarray(cv2.erode(whole, np.ones((reach, reach), np.uint8)), dtype=np.uint8)
            small = fitted(thick, columns, lines, cell)
            self._small = (key, replace(small, dots=_white_paper(small.dots)))
        return self._small[1]


def _white_paper(dots: GreyImage) -> GreyImage:
    """The greys stretched between the darkest ink and the paper."""
    dark, paper = np.percentile(dots, (0.5, 100 - PAPER_SHARE))
    spread = max(float(paper) * 0.95 - float(dark), 1.0)
    return np.asarray(np.clip((dots.astype(np.float32) - float(dark)) * 255 / spread, 0, 255), dtype=np.uint8)
