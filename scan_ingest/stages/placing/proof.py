"""Will a blank side be found? It is mis-scanned mildly and looked for; and compared with the others."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scan_ingest import __version__
from scan_ingest.domain.geometry import MM_PER_INCH, GreyImage, Homography
from scan_ingest.domain.page import Page, PageRef
from scan_ingest.domain.template import Side, Template
from scan_ingest.stages.placing.cells import printed_alike
from scan_ingest.stages.placing.outlines import outline
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import PreparedSide, PreparedTemplates
from scan_ingest.stages.placing.printing import Printing

DPI = 150.0
OFF_AT_MOST_MM = 1.0
HALF = 0.5  # of its copies: a side found in no more is not found
FEWEST_STEADY = 40  # cells; a card with three printed phrases has 44 and is found when nothing lies over them
FEWEST_DIFFERENT = 12  # cells by which two sides of one size are told apart even where writing hides some


@dataclass(frozen=True)
class Copy:
    """How a copy of a blank side is mis-scanned: all of it mild."""

    turn: int
    skew_deg: float
    size: float = 1.0
    contrast: float = 1.0
    one_bit: bool = False
    jpeg: int = 60


COPIES = (
    Copy(180, 2.5),
    Copy(0, -1.0),
    Copy(90, 3.0, contrast=0.7),
    Copy(270, -4.0, size=1.01),
    Copy(0, 1.5, one_bit=True),
    Copy(180, -2.0, jpeg=15),
    Copy(90, 0.5, contrast=0.5),
    Copy(270, 4.0, size=0.98),
    Copy(0, 4.0, size=1.02, contrast=0.8),
    Copy(180, 0.2, one_bit=True),
    Copy(90, -3.0, size=0.98, jpeg=20),
    Copy(270, 1.0, contrast=0.6, jpeg=30),
)


@dataclass(frozen=True)
class Proof:
    """How a side fared: in how many of `copies` it was `found`, and why not (the first reason); how many cells of its
    printing hold still; the side (maybe itself upside down) that is most like it, and how many cells tell the two
    apart; and where there is room for more print."""

    template_id: str
    side: str
    copies: int
    found: int
    why: str
    steady: int
    most_like: str
    different: int
    room: str

    @property
    def error(self) -> str | None:
        """What makes the side unusable, and what would help; None where it will do."""
        if self.found > HALF * self.copies:
            return None
        return (
            f"side {self.side}: found in {self.found} of {self.copies} mildly mis-scanned copies of itself"
            f" ({self.why}); {self._remedy}"
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the side hard to find or to tell, and what would help."""
        found = []
        if self.error is None and self.found < self.copies:
            found.append(
                f"side {self.side}: barely found, in {self.found} of {self.copies} mildly mis-scanned copies of itself"
                f" ({self.why}); {self._remedy}"
            )
        if self.steady < FEWEST_STEADY:
            found.append(
                f"side {self.side}: little is printed on it ({self.steady} places that hold still); {self._remedy}"
            )
        if self.different < FEWEST_DIFFERENT:
            found.append(
                f"side {self.side}: only {self.different} places tell it from {self.most_like}; {self._remedy}, "
                "with other words than there"
            )
        return tuple(found)

    @property
    def _remedy(self) -> str:
        return f"add a line or two of small print in its {self.room}"


def prove(template: Template, prepared: PreparedTemplates, copies: Sequence[Copy] = COPIES) -> tuple[Proof, ...]:
    """How each side of the template fares among all that are `prepared`, itself among them."""
    return tuple(_proof(template, side, prepared, copies) for side in template.sides)


def fingerprint(templates: Sequence[Template]) -> str:
    """What the proof depends on: the blank sides, their sizes and names, and this version of the program."""
    digest = hashlib.sha256(__version__.encode())
    for template in templates:
        digest.update(f"{template.id} {template.width_mm} {template.height_mm}".encode())
        for side in template.sides:
            digest.update(f"{side.name} {side.reference.shape}".encode() + side.reference.tobytes())
    return digest.hexdigest()


def unproven(templates: Sequence[Template], prepared: PreparedTemplates) -> Iterator[Proof]:
    """The sides that are not found in copies of themselves; the others cost one look each."""
    for template in templates:
        for side in template.sides:
            if _why_not(template, side, prepared, COPIES[0]) is None:
                continue
            proof = _proof(template, side, prepared, COPIES)
            if proof.error:
                yield proof


def _proof(template: Template, side: Side, prepared: PreparedTemplates, copies: Sequence[Copy]) -> Proof:
    own = next(one for one in prepared.sides if (one.template_id, one.name) == (template.id, side.name))
    failures = [why for copy in copies if (why := _why_not(template, side, prepared, copy)) is not None]
    most_like, different = min(_differences(own, prepared.sides), key=lambda pair: pair[1])
    return Proof(
        template.id,
        side.name,
        len(copies),
        len(copies) - len(failures),
        failures[0] if failures else "",
        int(own.printing.steady.all(axis=1).sum()),
        most_like,
        different,
        _room(own.printing),
    )


def _why_not(template: Template, side: Side, prepared: PreparedTemplates, copy: Copy) -> str | None:
    """Why the side is not found in a copy; None where it is."""
    picture, side_to_page = misscanned(side.reference, (template.width_mm, template.height_mm), copy)
    placing = place(Page(PageRef("0" * 64, 1, "copy"), picture, DPI), prepared)
    if placing.refusals or not placing.placements:
        return placing.refusals[0] if placing.refusals else "nothing was seen"
    found = placing.placements[0]
    if len(placing.placements) > 1 or (found.template_id, found.side) != (template.id, side.name):
        return f"taken for {found.template_id} {found.side}"
    true = outline(side_to_page, (template.width_mm, template.height_mm))
    off_mm = float(np.hypot(*(found.corners_px - true).T).max()) * MM_PER_INCH / DPI
    return f"found {off_mm:.1f} mm beside its place" if off_mm > OFF_AT_MOST_MM else None


def misscanned(reference: GreyImage, size_mm: tuple[float, float], copy: Copy) -> tuple[GreyImage, Homography]:
    """A page with a copy of the blank side on it, and the map from millimetres on the side to its pixels."""
    px = DPI / MM_PER_INCH
    width, height = size_mm[0] * copy.size * px, size_mm[1] * copy.size * px
    small = cv2.resize(reference, (round(width), round(height)), interpolation=cv2.INTER_AREA)
    angle = np.deg2rad(copy.turn + copy.skew_deg)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    page = round(abs(width * cos) + abs(height * sin)) + 20, round(abs(width * sin) + abs(height * cos)) + 20
    turned = np.array([[cos, -sin, page[0] / 2 - 0.5], [sin, cos, page[1] / 2 - 0.5], [0, 0, 1]])
    to_middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    from_px = np.array([[width / small.shape[1], 0, 0.5], [0, height / small.shape[0], 0.5], [0, 0, 1]])
    warp = (turned @ to_middle @ from_px)[:2]
    laid = cv2.warpAffine(small, warp, page, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(250,))
    grain = np.random.default_rng(copy.turn).normal(0, 3, laid.shape)
    grey = np.clip(250 - (250 - laid.astype(np.float64)) * copy.contrast + grain, 0, 255).astype(np.uint8)
    if copy.one_bit:
        picture = np.where(grey < 160, 0, 255).astype(np.uint8)
    else:
        _, data = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, copy.jpeg])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    scale = np.diag([copy.size * px, copy.size * px, 1.0])
    return picture, Homography(turned @ to_middle @ scale)


def _differences(own: PreparedSide, sides: Sequence[PreparedSide]) -> Iterator[tuple[str, int]]:
    """Each side that might be taken for this one, and by how many cells they differ; itself upside down among them."""
    width, height = own.size_mm
    upside_down = Homography(np.array([[-1.0, 0, width], [0, -1.0, height], [0, 0, 1.0]]))
    same_way = Homography(np.eye(3))
    for other in sides:
        if np.abs(np.subtract(own.size_mm, other.size_mm)).max() > 0.1 * max(own.size_mm):
            continue
        ways = [(upside_down, f"{other.label} upside down")]
        if other is not own:
            ways.append((same_way, other.label))
        for way, name in ways:
            alike = printed_alike(own.printing, other.printing, way)
            back = printed_alike(other.printing, own.printing, way.inverse())
            yield name, int((~alike).sum() + (~back).sum())


def _room(printing: Printing) -> str:
    """The ninth of the side, not its middle, with the least print, in words."""
    share = np.minimum((printing.centres_mm / printing.size_mm * 3).astype(int), 2)
    counts = np.zeros((3, 3))
    np.add.at(counts, (share[:, 1], share[:, 0]), 1)
    places = [(row, column) for row in (2, 0, 1) for column in (2, 0, 1) if (row, column) != (1, 1)]
    row, column = min(places, key=lambda place_: counts[place_])
    down, across = ("upper", "middle", "lower")[row], ("left", "middle", "right")[column]
    return f"{down} {across}" if "middle" not in (down, across) else f"{down if across == 'middle' else across} edge"
