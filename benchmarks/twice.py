"""Cards filled in by real hands, as they lie on the scanner once and again: what `rescans.py` tells apart.

Every card is somebody's lines and words on a card that ships, of one of these kinds: *full* (as many lines as there are
rules), *short* (names and three words), *word* (one word and a tick). Beside each are cards that are easily taken for
it: the writer's next card, the same text by the next writer, and the same lines written once more by the same hand,
which is its own words moved, sized and bent anew. Between its two scans a card may get a stamp, a note in another hand,
a coffee stain, or be photocopied.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.cards import put
from benchmarks.written import Written
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Image
from scan_ingest.domain.page import Page, PageRef
from scan_ingest.domain.template import Field, FieldKind, Side, Template
from tests.drawing import rubber
from tests.drawing.cards import baselines_mm, fill_in
from tests.drawing.hands import BLACK, FONTS, Hand, Mark
from tests.drawing.scanner import Laid, Scan, scan

SIDES = (("nomination-a5", "front"), ("nomination-a5", "front"), ("nomination-a6", "back"))
KINDS = ("full", "full", "short", "full", "word")
FIRST = (Scan(), Scan(dpi=300), Scan(jpeg=50, noise=5))
AGAIN = (
    Scan(dpi=300),
    Scan(dpi=150),
    Scan(one_bit=True),
    Scan(gain=0.6, noise=6),
    Scan(jpeg=30),
    Scan(coffee=1),
    Scan(dpi=240, gradient=0.25, gain=1.2),
)
BETWEEN = ("nothing", "nothing", "note", "nothing", "stamp", "nothing", "photocopy")
WORD_GAP_MM = 1.6
MARGIN_MM = 3.0
LINE_MM = 0.62  # of a rule's distance: how high a line's picture may be beside its neighbours


@dataclass(frozen=True, eq=False)
class Sheet:
    """A filled-in side. Scans of one `card` are a pair; `kind` says what it is."""

    card: int
    kind: str
    template: Template
    side: Side
    picture: Image


@dataclass(frozen=True, eq=False)
class Taken:
    """A scan of a sheet, and how it was made."""

    sheet: Sheet
    page: Page
    how: str


def sheets(lines: Sequence[Written], templates: dict[str, Template], count: int, seed: int) -> Iterator[Sheet]:
    """`count` cards, each followed by one that is easily taken for it."""
    dice = random.Random(seed)
    by_writer: dict[str, list[Written]] = {}
    for line in lines:
        by_writer.setdefault(line.writer, []).append(line)
    writers = list(by_writer.values())
    dice.shuffle(writers)
    for number in range(count):
        template_id, side_name = SIDES[number % len(SIDES)]
        template = templates[template_id]
        side = template.side(side_name)
        theirs = writers[number % len(writers)]
        kind = KINDS[number % len(KINDS)]
        used = number // len(writers)
        own = theirs[2 * used :] or theirs
        habit = dice.randrange(10**6)
        yield Sheet(2 * number, kind, template, side, _written(template, side, kind, own, habit))
        miss = ("again", "next card", "same text")[number // 2 % 3]
        if miss == "again":
            near = _once_more(own, habit)
        elif miss == "next card":
            near = [*own[len(own) // 2 :], *own[: len(own) // 2]]
        else:
            same = [other for other in writers if other is not theirs and other[0].source == theirs[0].source]
            near = _once_more(
                dice.choice(same)[2 * used :] or theirs[::-1], habit
            )  # on a card of their own they are too
        yield Sheet(2 * number + 1, f"{kind}, {miss}", template, side, _written(template, side, kind, near, habit + 1))


def _once_more(lines: Sequence[Written], habit: int) -> list[Written]:
    return [replace(line, picture=rewritten(line.picture, habit + at)) for at, line in enumerate(lines)]


def once(sheet: Sheet, dice: random.Random) -> Taken:
    """A first scan, by a decent scanner."""
    return _scanned(sheet, sheet.picture, dice.choice(FIRST), "first", dice)


def again(sheet: Sheet, lines: Sequence[Written], dice: random.Random) -> Taken:
    """Another scan, by a worse one, of a card to which something may have happened since."""
    how, since = dice.choice(AGAIN), dice.choice(BETWEEN)
    picture = sheet.picture
    if since == "note":
        picture = _noted(sheet, dice.choice(lines), dice)
    elif since == "stamp":
        middle = dice.uniform(0.2, 0.8) * sheet.template.width_mm, dice.uniform(0.2, 0.9) * sheet.template.height_mm
        ink = dice.choice((rubber.RED, rubber.VIOLET, rubber.BLUE))
        picture = rubber.stamped(picture, sheet.template.width_mm, middle, rubber.Stamp(ink=ink))
        how = replace(how, colour=True)
    elif since == "photocopy":
        picture = photocopied(sheet, dice)
    return _scanned(sheet, picture, how, f"{since}, {_said(how)}", dice)


def photocopied(sheet: Sheet, dice: random.Random) -> GreyImage:
    """The side as a photocopier prints it: darker, coarser, a percent smaller."""
    template = sheet.template
    laid = Laid(sheet.picture, template.width_mm, template.height_mm)
    copied = scan(laid, Scan(dpi=300, margin_mm=0, gain=1.5, blur_px=1.2, jpeg=None), dice.randrange(10**6)).page
    black = np.asarray(np.clip((copied.astype(np.float32) - 60) * 1.6, 20, 255), dtype=np.uint8)
    height, width = black.shape[:2]
    size = 0.985
    shrunk = np.array([[size, 0, (1 - size) / 2 * width], [0, size, (1 - size) / 2 * height]])
    return np.asarray(cv2.warpAffine(black, shrunk, (width, height), borderValue=(255,)), dtype=np.uint8)


def rewritten(line: GreyImage, seed: int) -> GreyImage:
    """The line as the same hand writes it once more: every word a little elsewhere, of another size, bent anew."""
    rng = np.random.default_rng(seed)
    px = SIDE_PX_PER_MM
    room = round(12 * px)
    result = np.full((line.shape[0] + 8, line.shape[1] + room), 255, dtype=np.uint8)
    x = float(rng.uniform(0, 2 * px))
    for left, right, gap in _words(line):
        word = np.pad(line[:, left:right], 4, constant_values=255)
        height, width = word.shape
        grid_y, grid_x = np.mgrid[0:height, 0:width].astype(np.float32)
        wider, taller = 1 + rng.normal(0, 0.05), 1 + rng.normal(0, 0.05)
        lean = rng.normal(0, 0.05)
        from_x = (grid_x + lean * (grid_y - height / 2)) / wider + _bends(word.shape, 3 * px, 0.35 * px, rng)
        from_y = (grid_y - height / 2) / taller + height / 2 + _bends(word.shape, 3 * px, 0.3 * px, rng)
        size = round(width * max(wider, 1.0)) + 1
        maps = [
            cv2.copyMakeBorder(part.astype(np.float32), 0, 0, 0, size - width, cv2.BORDER_REPLICATE)
            for part in (from_x, from_y)
        ]
        bent = cv2.remap(word, maps[0], maps[1], cv2.INTER_LINEAR, borderValue=(255,))
        at = round(x)
        fits = min(bent.shape[1], result.shape[1] - at)
        if fits <= 0:
            break
        place = result[: bent.shape[0], at : at + fits]
        np.minimum(place, bent[: place.shape[0], :fits], out=place)
        x += (right - left) * wider + gap * (1 + rng.normal(0, 0.12))
    return result


def _written(template: Template, side: Side, kind: str, own: Sequence[Written], seed: int) -> GreyImage:
    rng = np.random.default_rng(seed)
    marks = {
        field.name: field.options[seed % len(field.options)].value
        for field in side.fields
        if field.kind is FieldKind.CHOICE and kind != "full"
    }
    hand = Hand(FONTS["dkg"], BLACK, mark=Mark.TICK) if marks else Hand(FONTS["dkg"], BLACK)
    blank = fill_in(template, side.name, marks, hand, seed, colour=False)
    sheet = blank.astype(np.float32)
    left = list(own)
    texts = [field for field in side.fields if field.kind is FieldKind.TEXT]
    if kind == "word":
        word = _some_words(left[0], 1, rng)
        _put_line(sheet, template, texts[0], word, 0, rng)
        return _as_picture(sheet)
    for field in texts:
        rules = baselines_mm(side, field, template.width_mm)
        if len(rules) == 1 or kind == "short":
            if rng.uniform() < 0.8:
                _put_line(sheet, template, field, _some_words(left[int(rng.integers(len(left)))], 2, rng), 0, rng)
            continue
        for at in range(len(rules)):
            if left:
                _put_line(sheet, template, field, left.pop(0).picture, at, rng)
    return _as_picture(sheet)


def _put_line(
    sheet: NDArray[np.float32], template: Template, field: Field, line: GreyImage, at: int, rng: np.random.Generator
) -> None:
    side = template.side(field.side)
    rules = baselines_mm(side, field, template.width_mm)
    pitch = float(np.median(np.diff(rules))) if len(rules) > 1 else field.box_mm.height
    room = field.box_mm.width - 2 * MARGIN_MM
    size = min(1.0, room / (line.shape[1] / SIDE_PX_PER_MM), pitch / (LINE_MM * line.shape[0] / SIDE_PX_PER_MM))
    place = field.box_mm.x + MARGIN_MM + float(rng.uniform(-0.8, 0.8)), rules[at] + float(rng.uniform(-0.6, 0.2))
    put(sheet, line, place, size, template.width_mm)


def _some_words(line: Written, count: int, rng: np.random.Generator) -> GreyImage:
    words = _words(line.picture)
    first = int(rng.integers(max(1, len(words) - count)))
    some = words[first : first + count]
    return line.picture[:, some[0][0] : some[-1][1]]


def _words(line: GreyImage) -> list[tuple[int, int, int]]:
    """(left, right, gap behind) of the words of a line, in pixels."""
    inked = np.flatnonzero((line < 160).any(axis=0))
    if not len(inked):
        return [(0, line.shape[1], 0)]
    groups = np.split(inked, np.flatnonzero(np.diff(inked) > WORD_GAP_MM * SIDE_PX_PER_MM) + 1)
    ends = [(int(group[0]), int(group[-1]) + 1) for group in groups]
    return [
        (left, right, (ends[at + 1][0] if at + 1 < len(ends) else right) - right)
        for at, (left, right) in enumerate(ends)
    ]


def _bends(shape: tuple[int, ...], grain_px: float, by_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    coarse = rng.standard_normal((int(shape[0] / grain_px) + 3, int(shape[1] / grain_px) + 3)).astype(np.float32)
    bends = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(bends * by_px, dtype=np.float32)


def _noted(sheet: Sheet, line: Written, dice: random.Random) -> GreyImage:
    """The side with some words by somebody else anywhere on it."""
    picture = sheet.picture.astype(np.float32)
    words = _some_words(line, 2, np.random.default_rng(dice.randrange(10**6)))
    place = (dice.uniform(0.1, 0.6) * sheet.template.width_mm, dice.uniform(0.1, 0.95) * sheet.template.height_mm)
    put(picture, words, place, 0.8, sheet.template.width_mm)
    return _as_picture(picture)


def _as_picture(sheet: NDArray[np.float32]) -> GreyImage:
    return np.asarray(np.clip(np.rint(sheet), 0, 255), dtype=np.uint8)


def _scanned(sheet: Sheet, picture: Image, how: Scan, said: str, dice: random.Random) -> Taken:
    template = sheet.template
    laid = Laid(picture, template.width_mm, template.height_mm, dice.uniform(-4, 4), dice.choice((0, 180)))
    scanned = scan(laid, how, seed=dice.randrange(10**6))
    return Taken(sheet, Page(PageRef("0" * 64, 1, "box.pdf"), scanned.page, how.dpi), said)


def _said(how: Scan) -> str:
    usual = Scan()
    names = ("dpi", "one_bit", "gain", "jpeg", "coffee")
    changed = [name for name in names if getattr(how, name) != getattr(usual, name)]
    return " ".join(f"{name}={getattr(how, name)}" for name in changed) or "as before"
