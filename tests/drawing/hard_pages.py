"""Pages that are hard to place, of any templates with known geometry: how each is damaged, where its cards truly lie,
and what must happen to it. The same templates, seed and number give the same page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import cv2
import numpy as np

from scan_ingest.domain.geometry import GreyImage, Image, Mask, Points
from scan_ingest.domain.template import FieldKind, Side, Template
from tests.drawing import hands, lookalikes, strangers
from tests.drawing.cards import fill_in
from tests.drawing.hands import FONTS, Hand
from tests.drawing.scanner import CREAM, PALE_BLUE, YELLOW, Laid, Scan, Scanned, scan

Rng = np.random.Generator

TEXTS = {
    "nominee": ("Sister Mary", "Joy", "Dr Ali"),
    "ward": ("Maple", "Ward 4", "A and E"),
    "role": ("nurse", "porter", "doctor"),
    "date": ("3 March", "1/2/24", "Monday"),
    "action": (
        "She sat with my mother all night and held her hand.",
        "He found me a wheelchair and stayed.",
        "They told us what would happen, again and again, until we understood.",
    ),
    "impact": ("We were not alone.", "I slept for the first time in a week.", "Mum smiled."),
}
PENS = (hands.BLACK, hands.BLUE, hands.PENCIL)
WRITERS = ("dkg", "breip", "rufscript", "dancing")
WRITTEN_WAYS = 3  # of filling in a side; the drawing takes longer than the scan


@dataclass(frozen=True, eq=False)
class Lies:
    """A side that truly lies on a page, its corners in page pixels (its own top left first, clockwise as printed)."""

    template_id: str
    side: str
    width_mm: float
    corners_px: Points


@dataclass(frozen=True, eq=False)
class HardPage:
    """A page, what its file says about its resolution, what lies on it; `good`: all of it must be placed, otherwise
    the page must be refused."""

    kind: str
    image: Image
    dpi: float
    lies: tuple[Lies, ...]
    good: bool
    seed: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Made:
    """What a kind of damage makes of some cards."""

    scanned: Scanned
    how: Scan
    sides: tuple[tuple[Template, Side], ...] = ()
    picture: Image | None = field(default=None)


@lru_cache(maxsize=64)
def written(template: Template, side_name: str, way: int) -> GreyImage:
    """The side filled in, in one of a few ways; way 0 is blank."""
    side = template.side(side_name)
    if way == 0:
        return side.reference
    texts: dict[str, str] = {}
    for one in side.fields:
        if one.kind is FieldKind.CHOICE:
            texts[one.name] = one.options[way % len(one.options)].value
        elif one.name in TEXTS:
            texts[one.name] = TEXTS[one.name][way % 3]
    hand = Hand(FONTS[WRITERS[way % len(WRITERS)]], PENS[way % len(PENS)])
    return np.asarray(fill_in(template, side_name, texts, hand, seed=way, colour=False), dtype=np.uint8)


def hard_page(templates: Sequence[Template], seed: int, number: int) -> HardPage:
    """The page of that number: kinds take turns, everything else is drawn by lot."""
    kind = list(KINDS)[number % len(KINDS)]
    rng = np.random.default_rng([seed, number])
    made = KINDS[kind](templates, rng)
    picture = made.scanned.page if made.picture is None else made.picture
    lies = tuple(
        Lies(template.id, side.name, template.width_mm, corners)
        for (template, side), corners in zip(made.sides, made.scanned.corners_px, strict=False)
    )
    return HardPage(kind, picture, made.how.dpi, lies, kind not in REFUSED, (seed, number))


# -- cards -------------------------------------------------------------------------------------------------------------


def _any_side(templates: Sequence[Template], rng: Rng) -> tuple[Template, Side]:
    sides = [(template, side) for template in templates for side in template.sides]
    return sides[int(rng.integers(len(sides)))]


def _laid(template: Template, side: Side, rng: Rng, blank: bool = False) -> Laid:
    """The side, filled in, lying at any turn and askew by up to 3°."""
    picture = written(template, side.name, 0 if blank else int(rng.integers(1, WRITTEN_WAYS + 1)))
    turn = int(rng.choice([0, 90, 180, 270]))
    return Laid(picture, template.width_mm, template.height_mm, float(rng.uniform(-3, 3)), turn)


def _any_scan(rng: Rng) -> Scan:
    dpi = float(rng.choice([150, 200, 200, 300]))
    return Scan(dpi=dpi, lid=int(rng.choice([246, 246, 30])), margin_mm=float(rng.uniform(1, 6)))


def _one(templates: Sequence[Template], rng: Rng, lay: Callable[[Laid], Laid], how: Callable[[Scan], Scan]) -> Made:
    template, side = _any_side(templates, rng)
    laid, scan_ = lay(_laid(template, side, rng)), how(_any_scan(rng))
    return Made(scan(laid, scan_, int(rng.integers(1 << 30))), scan_, ((template, side),))


def _same(laid: Laid) -> Laid:
    return laid


def scanned_badly(how: Callable[[Rng], Mapping[str, object]]) -> Callable[[Sequence[Template], Rng], Made]:
    """A kind of damage that the scanner does."""

    def make(templates: Sequence[Template], rng: Rng) -> Made:
        return _one(templates, rng, _same, lambda scan_: replace(scan_, **how(rng)))  # type: ignore[arg-type]

    return make


# -- kinds of damage to one card ---------------------------------------------------------------------------------------


def turned(templates: Sequence[Template], rng: Rng) -> Made:
    return _one(templates, rng, lambda laid: replace(laid, skew_deg=float(rng.uniform(-10, 10))), lambda how: how)


def empty(templates: Sequence[Template], rng: Rng) -> Made:
    template, side = _any_side(templates, rng)
    how = _any_scan(rng)
    laid = _laid(template, side, rng, blank=True)
    return Made(scan(laid, how, int(rng.integers(1 << 30))), how, ((template, side),))


def photocopied(templates: Sequence[Template], rng: Rng) -> Made:
    size = float(rng.uniform(0.97, 1.03))
    return _one(templates, rng, lambda laid: replace(laid, stretch=(size, size)), lambda how: replace(how, gain=0.8))


def cut_corner(templates: Sequence[Template], rng: Rng) -> Made:
    return _one(templates, rng, lambda laid: without_corner(laid, float(rng.uniform(0.02, 0.15)), rng), lambda how: how)


def folded_corner(templates: Sequence[Template], rng: Rng) -> Made:
    """The corner lies folded forward: it is gone, and its empty back covers as much again."""
    return _one(
        templates,
        rng,
        lambda laid: without_corner(laid, float(rng.uniform(0.02, 0.075)), rng, folded=True),
        lambda how: how,
    )


def penned(templates: Sequence[Template], rng: Rng) -> Made:
    return _one(templates, rng, lambda laid: replace(laid, picture=with_pen(laid, rng)), lambda how: how)


def photographed(templates: Sequence[Template], rng: Rng) -> Made:
    """By telephone, from somewhere above a dark desk."""
    template, side = _any_side(templates, rng)
    laid = _laid(template, side, rng)
    diagonal = float(np.hypot(laid.width_mm, laid.height_mm))
    how = Scan(
        dpi=float(rng.choice([180, 230])),
        bed_mm=(diagonal * 1.05, diagonal * 1.02),
        lid=int(rng.integers(60, 130)),
        gradient=float(rng.uniform(0.1, 0.3)),
        tilt=(float(rng.uniform(0, 0.15)), float(rng.uniform(0, 0.15))),
        blur_px=0.9,
        jpeg=60,
    )
    return Made(scan(laid, how, int(rng.integers(1 << 30))), how, ((template, side),))


def without_corner(laid: Laid, share: float, rng: Rng, folded: bool = False) -> Laid:
    """The card without a triangle of that share of its area at one of its corners."""
    height, width = laid.picture.shape[:2]
    along = float(rng.uniform(np.sqrt(2 * share) * 0.75, np.sqrt(2 * share) / 0.75))
    down = 2 * share / along
    rows, columns = np.mgrid[0:height, 0:width]
    x, y = columns / width, rows / height
    if rng.random() < 0.5:
        x = 1 - x
    if rng.random() < 0.5:
        y = 1 - y
    a, b = along * laid.width_mm, down * laid.height_mm
    x, y = x * laid.width_mm, y * laid.height_mm
    gone = x / a + y / b < 1
    picture = laid.picture
    if folded:
        # The mirror image of the triangle in the fold.
        normal = np.array([1 / a, 1 / b]) / np.hypot(1 / a, 1 / b)
        over = (x * normal[0] + y * normal[1]) - 1 / np.hypot(1 / a, 1 / b)
        back_x, back_y = x - 2 * over * normal[0], y - 2 * over * normal[1]
        flap: Mask = (over >= 0) & (back_x >= 0) & (back_y >= 0)
        picture = picture.copy()
        picture[flap] = 250
        edge = cv2.morphologyEx(flap.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        picture[edge] = 190
    return replace(laid, picture=picture, whole=np.where(gone, 0, 255).astype(np.uint8))


def with_pen(laid: Laid, rng: Rng) -> GreyImage:
    """A few strokes of a pen right across the card, a crossing-out and a scribble over the printing."""
    picture = np.ascontiguousarray(laid.picture)
    picture = picture.copy()
    height, width = picture.shape[:2]
    scale = width / laid.width_mm
    for _ in range(int(rng.integers(2, 6))):
        start, end = rng.uniform(0.03, 0.97, 2) * (width, height), rng.uniform(0.03, 0.97, 2) * (width, height)
        t = np.linspace(0, 1, 60)[:, None]
        wave = np.sin(t * rng.uniform(3, 40)) * rng.uniform(0.5, 5) * scale
        line = np.round(start * (1 - t) + end * t + wave * (0.3, 1.0)).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(picture, [line], False, (int(rng.integers(20, 90)),), round(0.6 * scale), cv2.LINE_AA)
    return np.asarray(picture, dtype=np.uint8)


# -- several cards -----------------------------------------------------------------------------------------------------

BED_MM = (218.0, 305.0)  # a little more than A4


def _on_bed(cards: Sequence[tuple[Template, Side]], places: Sequence[tuple[float, float]], rng: Rng) -> Made:
    """Each card upright or upside down in its place, so turned that it fits."""
    across = BED_MM[0] / (1 if len(cards) == 2 else 2)
    laid = []
    for (template, side), place in zip(cards, places, strict=True):
        one = _laid(template, side, rng)
        lying = int(template.width_mm > across - 1) if len(cards) > 2 else int(template.width_mm < template.height_mm)
        turn = 90 * lying + 180 * int(rng.integers(2))
        centre = (place[0] + float(rng.uniform(-0.7, 0.7)), place[1] + float(rng.uniform(-0.7, 0.7)))
        laid.append(replace(one, turn=turn, skew_deg=float(rng.uniform(-0.5, 0.5)), centre_mm=centre))
    how = Scan(dpi=float(rng.choice([150, 200])), bed_mm=BED_MM, lid=int(rng.choice([246, 30])))
    return Made(scan(laid, how, int(rng.integers(1 << 30))), how, tuple(cards))


def _of_size(templates: Sequence[Template], longest_mm: float) -> list[tuple[Template, Side]]:
    return [
        (template, side)
        for template in templates
        for side in template.sides
        if abs(max(template.width_mm, template.height_mm) - longest_mm) < 2
    ]


def two_on_a_bed(templates: Sequence[Template], rng: Rng) -> Made:
    sides = _of_size(templates, 210)
    cards = [sides[int(rng.integers(len(sides)))] for _ in range(2)]
    return _on_bed(cards, [(109, 76), (109, 229)], rng)


def four_on_a_bed(templates: Sequence[Template], rng: Rng) -> Made:
    sides = _of_size(templates, 148)
    cards = [sides[int(rng.integers(len(sides)))] for _ in range(4)]
    return _on_bed(cards, [(54.5, 76), (163.5, 76), (54.5, 229), (163.5, 229)], rng)


def partly_under(templates: Sequence[Template], rng: Rng) -> Made:
    """The upper card hides a third to two thirds of the lower one."""
    lower, upper = _any_side(templates, rng), _any_side(templates, rng)
    under, over = (_laid(*card, rng) for card in (lower, upper))
    how = Scan(bed_mm=BED_MM, lid=int(rng.choice([246, 30])), dpi=150)
    reach = 0.45 * min(under.height_mm, under.width_mm)
    turn = float(rng.uniform(0, 2 * np.pi))
    away = float(rng.uniform(0.4, 1.0)) * reach
    middle = np.array(BED_MM) / 2
    placed = [
        replace(under, centre_mm=(float(middle[0]), float(middle[1]))),
        replace(over, centre_mm=(float(middle[0] + away * np.cos(turn)), float(middle[1] + away * np.sin(turn)))),
    ]
    return Made(scan(placed, how, int(rng.integers(1 << 30))), how, (lower, upper))


# -- what must be refused ----------------------------------------------------------------------------------------------


def mirrored(templates: Sequence[Template], rng: Rng) -> Made:
    made = _one(templates, rng, _same, lambda how: how)
    return replace(made, picture=np.ascontiguousarray(made.scanned.page[:, ::-1]), sides=())


def _stranger(picture: GreyImage, width_mm: float, height_mm: float, rng: Rng) -> Made:
    turn = int(rng.choice([0, 90, 180, 270]))
    laid = Laid(picture, width_mm, height_mm, float(rng.uniform(-3, 3)), turn)
    how = _any_scan(rng)
    return Made(scan(laid, how, int(rng.integers(1 << 30))), how)


def revised(change: Callable[[Template, Side, Rng], GreyImage]) -> Callable[[Sequence[Template], Rng], Made]:
    """A card that looks like a known one, and is not."""

    def make(templates: Sequence[Template], rng: Rng) -> Made:
        template, side = _any_side(templates, rng)
        return _stranger(change(template, side, rng), template.width_mm, template.height_mm, rng)

    return make


def foreign(_: Sequence[Template], rng: Rng) -> Made:
    sheet = (strangers.letter, lookalikes.filled_rota, lookalikes.table)[int(rng.integers(3))]()
    return _stranger(sheet, sheet.shape[1] / 300 * 25.4, sheet.shape[0] / 300 * 25.4, rng)


KINDS: Mapping[str, Callable[[Sequence[Template], Rng], Made]] = {
    "turned, skewed to 10°": turned,
    "empty, any way up": empty,
    "photocopied ± 3 %": photocopied,
    "stretched to 5 %, wobbling": scanned_badly(
        lambda rng: {"feed_stretch": float(rng.uniform(-0.025, 0.025)), "feed_wobble": float(rng.uniform(0.01, 0.025))}
    ),
    "150 to 600 dpi": scanned_badly(lambda rng: {"dpi": float(rng.choice([150, 150, 240, 400, 600]))}),
    "1-bit": scanned_badly(lambda rng: {"one_bit": True, "jpeg": None, "gain": float(rng.uniform(0.8, 1))}),
    "JPEG quality 10": scanned_badly(lambda _: {"jpeg": 10}),
    "faint toner": scanned_badly(lambda rng: {"gain": float(rng.uniform(0.2, 0.5))}),
    "dust streaks": scanned_badly(lambda rng: {"streaks": int(rng.integers(3, 12))}),
    "tinted paper": scanned_badly(
        lambda rng: {"paper": (CREAM, YELLOW, PALE_BLUE)[int(rng.integers(3))], "gradient": 0.15, "colour": True}
    ),
    "dark lid": scanned_badly(lambda rng: {"lid": int(rng.integers(5, 60)), "margin_mm": float(rng.uniform(0, 15))}),
    "cut corner": cut_corner,
    "folded corner": folded_corner,
    "pen across the printing": penned,
    "coffee": scanned_badly(lambda rng: {"coffee": int(rng.integers(1, 4)), "colour": bool(rng.random() < 0.5)}),
    "two A5 on a bed": two_on_a_bed,
    "four A6 on a bed": four_on_a_bed,
    "telephone photograph": photographed,
    "partly under another": partly_under,
    "mirrored": mirrored,
    "revision 2, fields moved": revised(lookalikes.moved),
    "revision 2, fields added": revised(lookalikes.added),
    "another scheme's card": revised(lookalikes.other_scheme),
    "rota, table, letter": foreign,
}
"""Every kind of damage by the name it has in the table."""

REFUSED = frozenset(list(KINDS)[list(KINDS).index("partly under another") :])
"""The kinds of which nothing may be placed, or not everything."""
