"""Print of the blank side that is not where it was: words that lie elsewhere on the page, words and lines gone.

Ink makes paper darker, never lighter: under handwriting, a pen's strokes and coffee the print of a card is as dark as
ever. Where it is light, it is not there, whatever else is.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.stages.placing.holes import words_punched
from scan_ingest.stages.placing.other_words import AS_PALE, ITSELF, OTHER_WIDTH_MM, SURELY, other_words_mm
from scan_ingest.stages.placing.printing import CELL_PX, PRINT, PX_PER_MM, Printing, darkness

CLEAR = 0.95  # correlation of a word that nothing has happened to
FADED_FEWEST = 8  # words as pale as another that tell how clear it could be
FADED_FOUND = 0.8  # of them are found: where more are not, they are other words
DARK_ENOUGH = 0.8  # of the darkness a word should have, though it was written over; other words reach 0.75
WIDTH_GONE_MM = 8.0  # of words together; on damaged pages of the right card hardly a word is gone
ELSEWHERE = 0.9  # correlation of a word with its new place
UNLIKE = 0.65  # and at most so much of the blank side with the word there: "yes" may be printed twice
TELLING_MM = 6.0  # shorter words are on every card
MOST_LOOKED_FOR = 24  # words; each is looked for on the whole side
LINE_GONE = 0.55  # of the darkness that a line should have: faint dots keep more
LINE_PX = 16  # of a cell's print: a rule that is hardly darker than the paper may well get lost
SOME_WORDS = 30  # give a good median
SURELY_THERE = 0.8  # of the usual line's, in its very place; the others are looked for
THICKEST_MM = 1.5  # of a rule, its blur with it
LINE_CELLS = 5  # next to each other, 32 mm
LINES_KEPT = 0.9  # of the other lines as pale: where more are lost, the toner was faint or the scan 1-bit
LINES_APART_MM = 15.0  # from the line that is gone are those that it is compared with
REACH_PX = round(0.75 * PX_PER_MM)  # paper is not quite flat
EVEN = 0.5  # darkness from which a pixel is all print, not an edge
METHOD = cv2.TM_CCOEFF_NORMED

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Dark = NDArray[np.float32]
Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the side's picture."""


def changed_print(
    laid: GreyImage, dark: Dark, printing: Printing, whole_words: Flags, torn_words: Flags, whole_cells: Flags
) -> str | None:
    """What of the side's print is not in its place on the page laid over it, in words; None where all is.

    `dark` is that page's darkness. `whole_words` and `whole_cells` say which of the side's words and cells the paper is
    there for, `torn_words` which words are gone with a torn corner, if it is one.
    """
    alike, kept = words_found(laid, dark, printing)
    gone_or_torn = (alike < _like_itself(alike, printing)) & (kept < DARK_ENOUGH)
    punched = words_punched(dark, printing, np.flatnonzero(gone_or_torn & whole_words).tolist())
    gone_or_torn[punched], alike[punched] = False, 1.0
    gone = np.flatnonzero(gone_or_torn & whole_words)
    # A torn corner takes its words along; where one lies elsewhere, it was no torn corner.
    away_mm = _moved_mm(laid, printing, [*gone, *np.flatnonzero(gone_or_torn & ~whole_words)])
    if away_mm is not None:
        return f"words lie {away_mm:.0f} mm from where the blank card has them"
    if printing.words[gone, 2].sum() > WIDTH_GONE_MM * PX_PER_MM:
        places = "one place" if len(gone) == 1 else f"{len(gone)} places"
        return f"words of the blank card are not there, or others are, in {places}"
    if other_words_mm(printing, np.where(whole_words | torn_words, alike, 1.0), kept) > OTHER_WIDTH_MM:
        return "other words are where the blank card has some"
    length_mm = _line_gone_mm(dark, printing, whole_cells)
    return f"a line of the blank card is not there, for {length_mm:.0f} mm" if length_mm else None


def words_moved(laid: GreyImage, printing: Printing) -> float:
    """The share of the words that are not in their place that lie elsewhere on the page, by their width; 0 to 1."""
    alike, _ = words_found(laid, darkness(laid), printing)
    boxes = boxes_of(printing.words[(alike < ITSELF) & (printing.words[:, 2] > TELLING_MM * PX_PER_MM)])
    boxes = boxes[:MOST_LOOKED_FOR]
    moved = sum(box[2] for box in boxes if _lies_elsewhere(laid, printing, box) is not None)
    return moved / max(sum(box[2] for box in boxes), 1)


def _moved_mm(laid: GreyImage, printing: Printing, words: Sequence[int]) -> float | None:
    """How far (mm) one of these words lies from its place; None where none is to be found."""
    for box in boxes_of(printing.words[words[:MOST_LOOKED_FOR]]):
        away_mm = _lies_elsewhere(laid, printing, box)
        if away_mm is not None:
            return away_mm
    return None


def words_found(laid: GreyImage, dark: Dark, printing: Printing) -> tuple[Floats, Floats]:
    """How like itself each word is near its place (correlation), and how much of its print is dark there (about 1)."""
    boxes = boxes_of(printing.words)
    alike, places = np.zeros(len(boxes)), np.zeros((len(boxes), 2), dtype=np.intp)
    for index, box in enumerate(boxes):
        scores = cv2.matchTemplate(_cut(laid, box, REACH_PX + 1), _cut(printing.picture, box, 1), METHOD)
        _, alike[index], _, places[index] = cv2.minMaxLoc(scores)
    kept, doubtful = np.ones(len(boxes)), np.flatnonzero(alike < SURELY)
    black = _black(dark, printing, np.flatnonzero(alike > SURELY), places) if len(doubtful) else 0.0
    for at in doubtful if black else ():
        kept[at] = _share_kept(dark / max(black, 1.0), printing, boxes[at])
    return alike, kept


def _black(dark: Dark, printing: Printing, sure: NDArray[np.intp], places: NDArray[np.intp]) -> float:
    """How dark the page's print is, by its `sure` words where they were found (`places`); 0 where none tells."""
    shades = []
    for at in sure[:: max(1, len(sure) // SOME_WORDS)]:
        x, y, width, height = printing.words[at].tolist()
        right, down = places[at].tolist()
        should = _cut(printing.darkness, (x, y, width, height))
        there = _cut(dark, (x + right - REACH_PX, y + down - REACH_PX, width, height))
        even = should > EVEN
        if even.any():
            shades.append(float(np.median(there[even] / should[even])))
    return float(np.median([shade for shade in shades if shade > 0] or [0.0]))


def boxes_of(rows: NDArray[np.intp]) -> list[Box]:
    return [(x, y, width, height) for x, y, width, height in rows.tolist()]


def _share_kept(shade: Dark, printing: Printing, box: Box) -> float:
    """How much of the print in a box is as dark as it should be, about 0 to 1, at the best place within reach; `shade`
    is the page's darkness, 1 where it is as black as its print."""
    should = _cut(printing.darkness, box).clip(0, 1)
    should = np.where(should < PRINT, 0, should).astype(np.float32)
    there = _cut(shade, box, REACH_PX).clip(0, 1)
    return float(cv2.matchTemplate(there, should, cv2.TM_CCORR).max()) / max(float((should**2).sum()), 1e-6)


def _share_in_place(shade: Dark, printing: Printing, which: NDArray[np.intp]) -> Floats:
    """How much of the print of these cells is as dark as it should be, as `_share_kept` says, in their very place."""
    span = np.arange(CELL_PX)
    x, y = printing.cells[which].T[:, :, None, None]
    rows, columns = y + span[:, None], x + span
    should = printing.darkness[rows, columns].clip(0, 1)
    should[should < PRINT] = 0
    there = shade[rows, columns].clip(0, 1)
    return np.asarray((should * there).sum(axis=(1, 2)) / np.maximum((should**2).sum(axis=(1, 2)), 1e-6), dtype=float)


def _like_itself(alike: Floats, printing: Printing) -> Floats:
    """How like itself each word must at least be: less where the other words as pale as it, or paler, came out broken,
    as grey print does in a 1-bit scan, for other words are then less like it too."""
    black = printing.word_blackness
    least = np.full(len(black), ITSELF)
    for at in np.flatnonzero(alike < ITSELF):
        as_pale = alike[(black < AS_PALE * black[at])]
        found = as_pale[as_pale >= ITSELF]
        if len(found) >= max(FADED_FEWEST, FADED_FOUND * len(as_pale)):
            least[at] *= min(float(np.median(found)) / CLEAR, 1.0)
    return least


def _lies_elsewhere(laid: GreyImage, printing: Printing, box: Box) -> float | None:
    """How far from its place (mm) a word lies on the page; None where it is not to be found."""
    word = _cut(printing.picture, box, 1)
    _, alike, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(laid, word, METHOD))
    if alike < ELSEWHERE:
        return None
    left, top = max(x - REACH_PX, 0), max(y - REACH_PX, 0)
    blank = printing.picture[top : y + word.shape[0] + REACH_PX, left : x + word.shape[1] + REACH_PX]
    if float(cv2.matchTemplate(blank, word, METHOD).max()) > UNLIKE:
        return None
    return float(np.hypot(x + 1 - box[0], y + 1 - box[1])) / PX_PER_MM


def _line_gone_mm(dark: Dark, printing: Printing, whole: Flags) -> float:
    """How long (mm) the longest piece of a rule or dotted line is that is not there; 0 for none."""
    cells = [(x, y, CELL_PX, CELL_PX) for x, y in printing.cells.tolist()]
    lines = np.flatnonzero(_has_line(printing) & whole)
    if not len(lines):
        return 0.0
    grey = _share_in_place(dark / 255.0, printing, lines)
    for at in np.flatnonzero(grey < SURELY_THERE * np.median(grey)):
        grey[at] = _share_kept(dark / 255.0, printing, cells[lines[at]])
    shade = dark / max(255.0 * float(np.median(grey)), 1.0)
    gone = np.zeros(len(cells), dtype=np.bool_)
    for at in lines[grey < LINE_GONE * np.median(grey)]:
        gone[at] = _share_kept(shade, printing, cells[at]) < LINE_GONE
    if gone.sum() < LINE_CELLS:
        return 0.0
    run = max((_longest_run(printing, lines, gone, axis) for axis in (0, 1)), key=len)
    if len(run) < LINE_CELLS:
        return 0.0
    black = printing.blackness(np.array(cells))
    as_pale = lines[black[lines] < AS_PALE * np.median(black[run])]
    # A field that has gone takes several lines along: faint toner and 1-bit scans lose them all over the card.
    apart_mm = np.abs(printing.centres_mm[as_pale][:, None] - printing.centres_mm[run]).max(axis=2).min(axis=1)
    as_pale = as_pale[apart_mm > LINES_APART_MM]
    if len(as_pale) < LINE_CELLS or float((~gone[as_pale]).mean()) < LINES_KEPT:
        return 0.0
    return float(np.ptp(printing.centres_mm[run], axis=0).max()) + CELL_PX / PX_PER_MM


@lru_cache(maxsize=64)
def _has_line(printing: Printing) -> Flags:
    """Which of the side's cells show a rule or dots well enough to be missed, and no bar: how dark one of those is
    hangs on what lies beside it, and that may be the scanner's lid."""
    bar = np.ones((round(THICKEST_MM * PX_PER_MM) + 1,) * 2, np.uint8)

    def has_line(cell: Box) -> bool:
        print_ = (_cut(printing.darkness, cell) > PRINT).astype(np.uint8)
        return int(print_.sum()) >= LINE_PX and not cv2.erode(print_, bar, borderValue=0).any()

    lines = [has_line((x, y, CELL_PX, CELL_PX)) for x, y in printing.cells.tolist()]
    return ~printing.steady.all(axis=1) & np.array(lines, dtype=np.bool_)


def _longest_run(printing: Printing, lines: NDArray[np.intp], gone: Flags, axis: int) -> NDArray[np.intp]:
    """The most cells next to each other, across (0) or down (1), of which each is gone."""
    order = lines[np.lexsort((printing.cells[lines, axis], printing.cells[lines, 1 - axis]))]
    new_row = np.diff(printing.cells[order, 1 - axis], prepend=-1) != 0
    runs = np.split(order, np.flatnonzero(new_row | ~gone[order]))
    return max((run[gone[run]] for run in runs), key=len)


def _cut(picture: NDArray[Any], box: Box, around: int = 0) -> NDArray[Any]:
    x, y, width, height = box
    return picture[y - around : y + height + around, x - around : x + width + around]
