"""What is no answer, or stands outside its box, drawn and read by the recogniser itself: it ends in doubt."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.card import Doubt, Reading
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting import lines
from scan_ingest.stages.reading.opinion import read_text
from tests.drawing import hands
from tests.drawing.cards import baselines_mm, fill_in, handwriting
from tests.drawing.doodles import DOODLES, drawn
from tests.drawing.hands import FONTS, Hand, typeface
from tests.drawing.placed import HAND, Seen, seen, template

WIDTH, HEIGHT = 900, 320


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return pp_ocrv6()


def field_of(picture: GreyImage) -> FieldCrop:
    side = clean(picture, np.full_like(picture, 255))
    height, width = picture.shape
    box = BoxMm(0, 0, width / SIDE_PX_PER_MM, height / SIDE_PX_PER_MM)
    field = Field("action", "front", FieldKind.TEXT, box)
    return FieldCrop(field, picture, side.clean, side.ink, box, lines.cut(side.clean, side.ink, box))


def paper() -> GreyImage:
    return np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)


def loops() -> GreyImage:
    picture, t = paper(), np.linspace(0, 40, 2000)
    points = np.stack([60 + 19 * t + 40 * np.cos(2 * t), 150 + 60 * np.sin(2.3 * t)], axis=1)
    cv2.polylines(picture, [points.astype(np.int32)], False, 40, 3, cv2.LINE_AA)
    return picture


def scribble() -> GreyImage:
    picture, chance = paper(), np.random.default_rng(3)
    points = np.cumsum(chance.normal(0, 22, (220, 2)), axis=0) % [WIDTH - 80, HEIGHT - 80] + 40
    cv2.polylines(picture, [points.astype(np.int32)], False, 40, 3, cv2.LINE_AA)
    return picture


def faces() -> GreyImage:
    picture = paper()
    for x in range(90, WIDTH - 60, 170):
        cv2.circle(picture, (x, 150), 60, 40, 3, cv2.LINE_AA)
        cv2.circle(picture, (x - 20, 130), 6, 40, 3, cv2.LINE_AA)
        cv2.circle(picture, (x + 20, 130), 6, 40, 3, cv2.LINE_AA)
        cv2.ellipse(picture, (x, 165), (30, 18), 0, 0, 180, 40, 3, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("doodle", [loops, scribble, faces])
def test_doodles_are_doubted(doodle: object, recogniser: Recogniser) -> None:
    assert callable(doodle)
    reading = read_text(field_of(doodle()), recogniser)
    assert reading.doubt
    assert all(word.doubt for line in reading.lines for word in line.words)


def test_an_empty_field_is_read_as_nothing(recogniser: Recogniser) -> None:
    reading = read_text(field_of(paper()), recogniser)
    assert (reading.text, reading.doubt) == ("", ())


def readings(card: Seen, recogniser: Recogniser) -> dict[str, Reading]:
    texts = (crop for crop in card.crops.values() if crop.field.kind is FieldKind.TEXT)
    return {crop.field.name: read_text(crop, recogniser) for crop in texts}


@pytest.mark.parametrize("field", ["nominee", "action"])
@pytest.mark.parametrize(
    ("doodle", "radius_mm"),
    [
        ("smiley", 1.9),
        ("smiley", 3.0),
        ("heart", 2.5),
        ("flower", 3.0),
        ("arrow", 3.5),
        ("ring", 2.5),
        ("scribble", 3.0),
    ],
)
def test_a_doodle_in_an_empty_field_is_ink_to_look_at_and_no_sure_word(
    doodle: str, radius_mm: float, field: str, recogniser: Recogniser
) -> None:
    box, side = template().field(field).box_mm, template().side("front").reference
    strokes = DOODLES[doodle](box.x + 0.6 * box.width, box.y + box.height / 2, radius_mm)
    card = seen({}, drawn=drawn(side, template().width_mm, strokes), skew_deg=0.7)
    found = readings(card, recogniser)
    own = found[field]
    assert own.doubt
    assert Doubt.INK in own.doubt or own.text
    assert own.text or own.confidence == 0
    assert all(word.doubt for reading in found.values() for line in reading.lines for word in line.words)


def test_a_doodle_behind_an_answer_leaves_the_answer_and_doubt(recogniser: Recogniser) -> None:
    box, text = template().field("nominee").box_mm, {"nominee": "Jane Hill"}
    side = fill_in(template(), "front", text, HAND, seed=5, colour=False)
    strokes = DOODLES["smiley"](box.right - 14, box.y + box.height / 2, 2.2)
    own = readings(seen({}, drawn=drawn(side, template().width_mm, strokes)), recogniser)["nominee"]
    assert own.text.endswith("ane Hill")
    assert Doubt.INK in own.doubt


def test_a_cross_through_a_field_is_no_sure_letter(recogniser: Recogniser) -> None:
    box, side = template().field("nominee").box_mm, template().side("front").reference
    middle, half = (box.x + 0.5 * box.width, box.y + box.height / 2), np.array([4.0, 4.0])
    strokes = [np.array([middle - half * (1, up), middle + half * (1, up)]) for up in (1, -1)]
    own = readings(seen({}, drawn=drawn(side, template().width_mm, strokes)), recogniser)["nominee"]
    assert Doubt.INK in own.doubt
    assert all(word.doubt for line in own.lines for word in line.words)


@pytest.mark.parametrize(("font", "above_mm"), [("dancing", 4.2), ("dkg", 4.2), ("dkg", 5.0)])
def test_a_word_that_was_put_in_and_touches_the_line_above_leaves_doubt_beside_it(
    font: str, above_mm: float, recogniser: Recogniser
) -> None:
    card = template()
    layout, field = card.side("front"), card.field("action")
    first, second = baselines_mm(layout, field, card.width_mm)[:2]
    hand, small = (Hand(FONTS[font], hands.BLACK, size_mm=size) for size in (2.0, 1.6))
    lines = ((first, "Jane quickly gave my mother happy company"), (second, "and stayed until the very end"))
    px_per_mm = layout.reference.shape[1] / card.width_mm
    words, face = [], typeface(hand.font, hand.size_mm, px_per_mm)
    for y, text in lines:
        x = 12.0
        for word in text.split():
            words.append(((x, y), word))
            x += face.getlength(f"{word} ") / px_per_mm
    written = handwriting(layout.reference, card.width_mm, words, hand, seed=3)
    put_in = handwriting(written, card.width_mm, [((52.0, second - above_mm), "kindly")], small, seed=4)
    before, after = (readings(seen({}, drawn=side), recogniser)["action"] for side in (written, put_in))
    assert "kindly" not in before.text
    assert Doubt.INK not in before.doubt
    beside = [word for line in after.lines for word in line.words if 45 < word.box_mm.x < 85]
    assert Doubt.INK in after.doubt
    assert any(Doubt.INK in word.doubt for word in beside)


@pytest.mark.parametrize(
    ("field", "inside", "outside"),
    [
        ("action", (12, 106.2, "and then she made"), (12, 112.0, "tea for everybody")),
        ("date", (110, 62.5, "12 March"), (148.5, 62.5, "maybe")),
        ("nominee", (12, 48.0, "Jane Hill"), (20, 39.6, "Sister")),
    ],
)
def test_words_that_were_written_outside_the_box_are_taken_in_and_every_one_is_doubted(
    field: str, inside: tuple[float, float, str], outside: tuple[float, float, str], recogniser: Recogniser
) -> None:
    words = []
    for x, y, text in (inside, outside):
        for word in text.split():
            words.append(((x, y), word))
            x += 1.9 * len(word) + 3
    side = handwriting(template().side("front").reference, template().width_mm, words, HAND, seed=3)
    own = readings(seen({}, drawn=side, skew_deg=0.7), recogniser)[field]
    written = [word for line in own.lines for word in line.words]
    beside = [word for word in written if word.text.strip(".,") not in inside[2].split()]
    assert len(written) - len(beside) == len(inside[2].split())
    assert len(beside) >= len(outside[2].split())
    assert all(Doubt.INK in word.doubt for word in beside)
    assert Doubt.INK in own.doubt
