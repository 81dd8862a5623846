"""How dark the print alone is on a scanned side: its blank side at the scan's sharpness, fitted piece by piece.

In every small tile of the side the print's darkness P is fitted to the scan as a·P + b·∂P/∂x + c·∂P/∂y + e·∇²P: its
tone, where it lies to a fraction of a pixel, and how thick it is. Ink is darker than any print and counts little (least
squares, reweighted as Holland and Welsch 1977 do); a tile that is all ink keeps what the whole side says.

That is done twice. How the scanner shows each darkness is learned between: a thin rule a third of a pixel off its place
would teach that its dark middle is as pale as its edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Mask
from scan_ingest.stages.cleaning.strokes import grown

PRINTED_ABOVE = 24  # darkness of the blank side, of 255; below lie only its own noise and light tints
EDGE_PX = 2  # how far around print the scan shows it
BROAD_PX = 5  # print that reaches so far around is a bar: nothing is seen through it
RULE_MM = 10.0  # print that runs straight on for so long is a rule: longer than any letter or dash of a prompt
SHARPNESS_STEPS = (0.0, 0.6, 0.9, 1.2, 1.6, 2.0)  # pixels of Gaussian blur; a fax-like scan reaches 2
SHARPNESS_SAMPLE = 40_000  # pixels of print are plenty to tell the sharpness
MISPLACED_GREYS = 40  # what a third of a pixel makes at a sharp edge
TILE_MM = 6.0  # two words: within it paper does not bend and a scanner's tone does not change
TONE_STEPS = 9
TONE_ENOUGH = 50  # pixels; fewer tell nothing about the scanner's tone
NOISE = 8.0  # greys: of a scan, with what JPEG adds
SHADE_STEP = 16  # of 255: print of about one darkness is known about as well
RULE_ERROR, ERROR_PIXELS = 2.5, 50  # greys, of a rule on a clean scan; as good as so many pixels that were seen
INK_OFF, PALE_OFF = 5.0, 25.0  # greys darker or paler than the print at which a pixel's say is halved
CROWDED_MM, CROWDED_ABOVE, CROWD_STEP = 3.0, 0.4, 8  # a rule fills a quarter of its surroundings, words most
ROUNDS_BEFORE, ROUNDS = 2, 2  # before the scanner's tone is known, and with it
FEWER = 3  # before, every third pixel is plenty
# How far tone (share), place (pixels, twice) and thickness usually are from what the whole side says: with few
# pixels or much ink a tile stays near that.
USUAL_BEFORE = (0.2, 0.4, 0.4, 0.1)
USUAL = (0.04, 0.25, 0.25, 0.04)

Greys = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Runs:
    """Pixels that follow each other within one tile: of each run the tile, and how many pixels it has."""

    tiles: NDArray[np.intp]
    lengths: NDArray[np.intp]

    @classmethod
    def of(cls, tiles: NDArray[np.intp]) -> "Runs":
        """Of pixels with these tiles."""
        starts = np.flatnonzero(np.diff(tiles, prepend=-1))
        return cls(tiles[starts], np.diff(starts, append=len(tiles)))

    def spread(self, values: Greys) -> Greys:
        """For each pixel the value of its tile."""
        return np.repeat(values[self.tiles], self.lengths)

    def sums(self, values: Greys) -> NDArray[np.float64]:
        """Of each run, the sum over its pixels."""
        return np.asarray(np.add.reduceat(values, self._starts, dtype=np.float64))

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        return np.cumsum(self.lengths) - self.lengths


@dataclass(frozen=True, eq=False)
class Asked:
    """The pixels that a fit asks, tile by tile: which of `Print.at` they are, and their runs, one for each tile."""

    which: NDArray[np.intp]
    runs: Runs


@dataclass(frozen=True, eq=False)
class Print:
    """A blank side at one size and sharpness, `darkness` H × W (0 paper to 255).

    `at` are the flat indices of the pixels on and around the print, but not within broad bars (`bars`), in order;
    `runs` the tiles of these, `shades` 4 × N the darkness there, its slopes across and down, and its bend.
    """

    darkness: GreyImage

    @cached_property
    def printed(self) -> Mask:
        return self.darkness > PRINTED_ABOVE

    @cached_property
    def around(self) -> Mask:
        return grown(self.printed, EDGE_PX)

    @cached_property
    def bars(self) -> Mask:
        size = 2 * BROAD_PX + 1
        return np.asarray(cv2.erode(self.printed.astype(np.uint8), np.ones((size, size), np.uint8)), dtype=bool)

    @cached_property
    def level_rules(self) -> Mask:
        return self._runs(round(RULE_MM * SIDE_PX_PER_MM), 1)

    @cached_property
    def upright_rules(self) -> Mask:
        return self._runs(1, round(RULE_MM * SIDE_PX_PER_MM)) & ~self.level_rules

    def _runs(self, width: int, height: int) -> Mask:
        runs = cv2.morphologyEx(self.printed.astype(np.uint8), cv2.MORPH_OPEN, np.ones((height, width), np.uint8))
        return grown(np.asarray(runs, dtype=bool), EDGE_PX)

    @cached_property
    def tiles_across(self) -> int:
        return int(self.darkness.shape[1] // (TILE_MM * SIDE_PX_PER_MM)) + 1

    @cached_property
    def at(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.around & ~self.bars)

    def _tiles(self, which: slice | NDArray[np.intp] = slice(None)) -> NDArray[np.intp]:
        """The tile of each pixel of `at`."""
        rows, columns = np.divmod(self.at[which], self.darkness.shape[1])
        size = TILE_MM * SIDE_PX_PER_MM
        return np.asarray((rows // size).astype(np.intp) * self.tiles_across + (columns // size).astype(np.intp))

    @cached_property
    def on_rules(self) -> NDArray[np.intp]:
        """Which of `at` belong to rules."""
        return np.flatnonzero((self.level_rules | self.upright_rules).ravel()[self.at])

    @cached_property
    def rule_tiles(self) -> NDArray[np.intp]:
        """The tile of each pixel of rules."""
        return self._tiles(self.on_rules)

    @cached_property
    def runs(self) -> Runs:
        return Runs.of(self._tiles())

    @cached_property
    def tile_count(self) -> int:
        return int(self.runs.tiles.max()) + 1

    @cached_property
    def telling(self) -> Asked:
        """What the fit asks: every pixel of rules and dots, where people write, every eighth of words."""
        return self._asked(self._telling)

    @cached_property
    def telling_first(self) -> Asked:
        """What it asks before the scanner's tone is known."""
        return self._asked(self._telling[::FEWER])

    @cached_property
    def _telling(self) -> NDArray[np.intp]:
        size = round(CROWDED_MM * SIDE_PX_PER_MM)
        crowd = cv2.blur(self.around.astype(np.float32), (size, size)).ravel()[self.at]
        asked = crowd < CROWDED_ABOVE
        asked[::CROWD_STEP] = True
        return np.flatnonzero(asked)

    def _asked(self, which: NDArray[np.intp]) -> Asked:
        tiles = self._tiles(which)
        order = np.argsort(tiles, kind="stable")
        return Asked(which[order], Runs.of(tiles[order]))

    @cached_property
    def shades(self) -> Greys:
        dark = self.darkness.astype(np.float32)
        across = cv2.Sobel(dark, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
        down = cv2.Sobel(dark, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
        bend = cv2.Laplacian(dark, cv2.CV_32F, ksize=1)
        return np.stack([layer.ravel()[self.at] for layer in (dark, across, down, bend)]).astype(np.float32)


@dataclass(frozen=True)
class _Same:
    """A picture that is equal to itself alone: what is prepared from it is kept as long as it is."""

    picture: GreyImage

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.picture is self.picture

    def __hash__(self) -> int:
        return id(self.picture)


@lru_cache(maxsize=64)  # ten sides at each sharpness, 2 MB each and some more for those in use
def _sharpened(reference: _Same, width: int, height: int, sigma: float) -> Print:
    shrinking = reference.picture.shape[1] > width
    method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    sized = cv2.resize(reference.picture, (width, height), interpolation=method)
    soft = cv2.GaussianBlur(sized, (0, 0), sigma) if sigma else sized
    return Print(np.asarray(255 - soft, dtype=np.uint8))


def as_printed(reference: GreyImage, picture: GreyImage) -> Print:
    """The blank side at the size and sharpness of `picture`."""
    height, width = picture.shape
    steps = [_sharpened(_Same(reference), width, height, sigma) for sigma in SHARPNESS_STEPS]
    at = steps[0].at
    if not len(at):
        return steps[0]
    at = at[:: max(1, len(at) // SHARPNESS_SAMPLE)]
    scanned = 255 - picture.ravel()[at]
    # Differences count up to that of a misplaced edge, so that ink over the print does not speak.
    misfits = [
        float(np.minimum(cv2.absdiff(step.darkness.ravel()[at], scanned), MISPLACED_GREYS).mean()) for step in steps
    ]
    return steps[int(np.argmin(misfits))]


def expected(print_: Print, darkness: GreyImage) -> Greys:
    """How dark the print alone is at each pixel of `print_.at`; `darkness` is the scan's, of the print's shape."""
    if not len(print_.at):
        return np.zeros(0, dtype=np.float32)
    seen = darkness.ravel()[print_.at]
    before = _near(print_, print_.shades, seen, print_.telling_first, USUAL_BEFORE, ROUNDS_BEFORE)
    placed = np.clip(before, 0, 255).astype(np.uint8)
    tone, slope = _tone(placed[print_.telling.which], seen[print_.telling.which])
    shades = print_.shades * slope[placed]
    shades[0] = tone[placed]
    fitted = _near(print_, shades, seen, print_.telling, USUAL, ROUNDS)
    return np.asarray(np.clip(fitted, 0.0, 255.0), dtype=np.float32)


def rule_errors(print_: Print, printing: Greys, seen: Greys) -> Greys:
    """By how much a scan strays from `printing`, one standard deviation in greys at each pixel of `print_.on_rules`.

    `printing` and `seen` are the print expected there and the scan. Ink only darkens: what the scan shows paler than
    expected tells, for each darkness of print on the whole side and for each tile.
    """
    tiles = print_.rule_tiles
    shade = (printing / SHADE_STEP).astype(np.intp)
    paler = np.minimum(seen - printing, 0.0)
    usual = _spread(paler, shade, 256 // SHADE_STEP, RULE_ERROR)[shade]
    worse = np.maximum(_spread(paler / usual, tiles, print_.tile_count, 1.0), 1.0)[tiles]
    return np.asarray(usual * worse, dtype=np.float32)


def _spread(paler: Greys, group: NDArray[np.intp], count: int, usual: float) -> Greys:
    """The root mean square of what is below 0 in each of `count` groups, near `usual` where that is little."""
    squares = np.bincount(group, paler * paler, count) + ERROR_PIXELS * usual**2
    return np.sqrt(squares / (np.bincount(group, paler < 0, count) + ERROR_PIXELS)).astype(np.float32)


def _near(print_: Print, shades: Greys, seen: GreyImage, asked: Asked, usual: Sequence[float], rounds: int) -> Greys:
    """The print's `shades` (4 × N) put together, tile by tile, so that they come nearest to what was `seen` (N) at
    those `asked`."""
    there = seen[asked.which].astype(np.float32)
    ties = np.diag((NOISE / np.asarray(usual)) ** 2)
    few = shades.take(asked.which, axis=1)
    factors = _fitted(few, there, asked.runs, print_.tile_count, ties, rounds).astype(np.float32)
    return _together(shades, factors, print_.runs)


def _together(shades: Greys, factors: Greys, runs: Runs) -> Greys:
    """N: the `shades` (4 × N), each times the factor of its pixel's tile (tiles × 4), added up."""
    total: Greys = shades[0] * runs.spread(factors[:, 0])
    for shade, factor in zip(shades[1:], factors.T[1:], strict=True):
        total += shade * runs.spread(factor)
    return total


def _fitted(
    shades: Greys, seen: Greys, runs: Runs, count: int, ties: NDArray[np.float64], rounds: int
) -> NDArray[np.float64]:
    """For each of `count` tiles the four factors of its shades (4 × N) that come nearest to what was `seen`, held by
    `ties` (4 × 4) near to those of the whole side. `runs` are the pixels' tiles, each in one."""
    whole = np.array([1.0, 0.0, 0.0, 0.0])
    products = {(i, j): shades[i] * shades[j] for i in range(4) for j in range(i, 4)}
    fitted, known = shades[0], np.tile(whole, (count, 1))
    for _ in range(rounds):
        off = seen - fitted
        weights = 1.0 / (1.0 + (off / np.where(off > 0, np.float32(INK_OFF), np.float32(PALE_OFF))) ** 2)
        matrix, wanted = np.zeros((count, 4, 4)), np.zeros((count, 4))
        for (i, j), product in products.items():
            matrix[runs.tiles, i, j] = matrix[runs.tiles, j, i] = runs.sums(weights * product)
        weights *= seen
        for i, shade in enumerate(shades):
            wanted[runs.tiles, i] = runs.sums(weights * shade)
        known = np.linalg.solve(matrix + ties, (wanted + whole @ ties)[..., None])[..., 0]
        fitted = _together(shades, known.astype(np.float32), runs)
    return known


def _tone(shades: GreyImage, seen: GreyImage) -> tuple[Greys, Greys]:
    """Tables for the 256 darknesses of the print: how dark the scanner shows them, and the slope of that."""
    edges = np.ceil(np.linspace(PRINTED_ABOVE, 255.0, TONE_STEPS)).astype(int)
    counts = np.bincount(256 * shades.astype(np.intp) + seen, minlength=256 * 256).reshape(256, 256)
    middles, levels = [0.0], [0.0]
    for low, high in pairwise(edges):
        there = counts[low:high]
        total = int(there.sum())
        if total >= TONE_ENOUGH:
            middles.append(float(np.arange(low, high) @ there.sum(axis=1) / total))
            levels.append(max(_median(there.sum(axis=0), total), levels[-1]))  # darker print is never shown paler
    if middles[-1] > 0:  # darker than any print that tells: on in proportion, not level, or its top is cut off
        levels.append(min(levels[-1] * 255 / middles[-1], 255.0))
        middles.append(255.0)
    table = np.interp(np.arange(256), middles, levels) if len(middles) > 1 else np.arange(256.0)
    even = cv2.blur(table.astype(np.float32).reshape(1, -1), (33, 1), borderType=cv2.BORDER_REPLICATE)[0]
    return table.astype(np.float32), np.gradient(even).astype(np.float32)


def _median(counts: NDArray[np.intp], total: int) -> float:
    """Of so many darknesses, of each of which there are that many."""
    middle = np.searchsorted(np.cumsum(counts), ((total - 1) // 2, total // 2), side="right")
    return float(middle.mean())
