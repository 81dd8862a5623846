"""Office stamps on a card do not become text, and what they lie over is read; a second pen is no stamp."""

from dataclasses import replace

import numpy as np
import pytest

from scan_ingest.domain.card import Doubt, Reading, Word
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.geometry import GreyImage, Image
from scan_ingest.domain.template import FieldKind
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.stages.cleaning.stamps import stamps_among
from scan_ingest.stages.cleaning.unstamped import without_stamps
from scan_ingest.stages.reading.opinion import read_text
from scan_ingest.stages.reading.ticks import read_choice
from tests.drawing import hands, rubber
from tests.drawing.cards import fill_in
from tests.drawing.hands import FONTS, Hand, Ink
from tests.drawing.placed import Seen, seen, template
from tests.drawing.press import XY
from tests.drawing.rubber import Frame, Stamp, outline_mm, stamped, touches
from tests.drawing.scanner import Scan

ACTION = "She sat with my mother all night long and held her hand until we came"
TEXTS = {"action": ACTION}
LONG = {"action": f"{ACTION} and then she stayed on after her shift to talk with us all about what would happen now"}
SIDE, WIDTH_MM = "front", template().width_mm
OVER: XY = (62.0, 86.0)  # the middle of the words
BESIDE: XY = (165.0, 96.0)
COLOUR = Scan(colour=True)
GREY = (110, 108, 106)
DESK = Stamp(("RECEIVED", "12 NOV 2026"))


def written(ink: Ink = hands.BLACK, font: str = "kaushan", texts: dict[str, str] = TEXTS) -> Image:
    return fill_in(template(), SIDE, texts, Hand(FONTS[font], ink), seed=5)


def with_stamp(card: Image, stamp: Stamp, at: XY, how: Scan = COLOUR) -> FieldCrop:
    return seen({}, how, drawn=stamped(card, WIDTH_MM, at, stamp)).crops["action"]


def left_of(side: Seen) -> GreyImage:
    return without_stamps(side.picture, side.page, side.placement, template())


@pytest.fixture(scope="module")
def recognise() -> Recogniser:
    return pp_ocrv6()


@pytest.mark.parametrize(
    ("pen", "stamp"),
    [
        (hands.BLACK, DESK),
        (hands.BLUE, replace(DESK, ink=rubber.VIOLET, frame=Frame.NONE, turned_deg=-7)),
        (hands.BLUE, replace(DESK, lines=("URGENT",), frame=Frame.ROUND, turned_deg=14, letters_mm=5)),
        (hands.RED, replace(DESK, ink=rubber.BLUE, frame=Frame.DOUBLE, turned_deg=0.5, cover=0.6)),
        (hands.PENCIL, replace(DESK, ink=rubber.VIOLET, frame=Frame.ROUND, turned_deg=1, letters_mm=3)),
        (hands.BLACK, replace(DESK, lines=("CONFIDENTIAL",), ink=rubber.GREEN, frame=Frame.NONE, face="Serif-Bold")),
    ],
)
def test_words_under_a_stamp_are_read_as_without_it(pen: Ink, stamp: Stamp, recognise: Recogniser) -> None:
    assert read_text(with_stamp(written(pen), stamp, OVER), recognise).text == ACTION


@pytest.mark.parametrize("frame", list(Frame))
@pytest.mark.parametrize("turned_deg", [-15.0, 8.0])
def test_a_stamp_beside_the_words_is_no_text(frame: Frame, turned_deg: float, recognise: Recogniser) -> None:
    stamp = replace(DESK, ink=rubber.VIOLET, frame=frame, turned_deg=turned_deg)
    assert read_text(with_stamp(written(), stamp, BESIDE), recognise).text == ACTION


@pytest.mark.parametrize("ink", [rubber.RED, rubber.VIOLET, rubber.BLACK])
def test_a_framed_stamp_in_an_empty_field_is_no_ink(ink: Ink) -> None:
    assert not with_stamp(written(texts={}), replace(DESK, ink=ink), BESIDE).ink.any()


@pytest.mark.parametrize("frame", list(Frame))
def test_without_colours_a_bold_stamp_beside_the_words_is_no_text(frame: Frame, recognise: Recogniser) -> None:
    card = written(font="dkg", texts={"action": "She sat with my mother all night"})
    crop = with_stamp(card, replace(DESK, ink=rubber.BLACK, frame=frame), BESIDE, Scan())
    assert read_text(crop, recognise).text == "She sat with my mother all night"


@pytest.mark.parametrize("frame", [Frame.NONE, Frame.SINGLE])
def test_without_colours_the_words_around_a_stamp_are_read_and_what_it_covers_is_doubt(
    frame: Frame, recognise: Recogniser
) -> None:
    reading = read_text(with_stamp(written(font="dkg"), replace(DESK, frame=frame), OVER, Scan()), recognise)
    assert "RECEIVED" not in reading.text
    assert {"She", "until", "we", "came"} <= set(reading.text.split())
    assert {Doubt.UNSURE, Doubt.INK} & set(reading.doubt)


@pytest.mark.parametrize(
    "stamp",
    [
        replace(DESK, frame=Frame.NONE),
        DESK,
        replace(DESK, frame=Frame.DOUBLE, turned_deg=-7, ink=rubber.BLACK),
        replace(DESK, turned_deg=-12, letters_mm=4.5),
    ],
)
def test_without_colours_every_word_that_a_stamp_lay_over_is_doubted_and_no_other(
    stamp: Stamp, recognise: Recogniser
) -> None:
    outline = outline_mm(stamp, template().side(SIDE).reference.shape, WIDTH_MM, OVER)
    crop = with_stamp(written(font="dkg", texts=LONG), stamp, OVER, Scan())
    reading = read_text(crop, recognise)
    under, elsewhere = [], []
    for word, by_itself in zip(_words(reading), _words(read_text(replace(crop, covered=None), recognise)), strict=True):
        if touches(word.box_mm, outline):
            under.append(Doubt.INK in word.doubt)
        elif not touches(word.box_mm.grown(2), outline):
            elsewhere.append(word.doubt == by_itself.doubt)
    assert len(under) > 1
    assert all(under)
    assert Doubt.INK in reading.doubt
    assert len(elsewhere) > 15
    assert all(elsewhere)


THIN = Stamp(("PATIENT", "EXPERIENCE"), rubber.BLACK, Frame.NONE, 0.0, 3.2, "Sans-Regular")


@pytest.mark.parametrize("turned_deg", [-12.0, 0.0, 6.0])
@pytest.mark.parametrize(
    "stamp", [THIN, replace(THIN, ink=GREY), replace(THIN, lines=("COPY",)), replace(DESK, ink=GREY, frame=Frame.NONE)]
)
def test_no_word_of_a_stamp_in_an_empty_field_is_sure(stamp: Stamp, turned_deg: float, recognise: Recogniser) -> None:
    """Whatever its ink, and as thin as a pen's stroke."""
    crop = with_stamp(written(texts={}), replace(stamp, turned_deg=turned_deg), BESIDE, Scan())
    reading = read_text(crop, recognise)
    assert all(word.doubt for word in _words(reading))
    assert Doubt.INK in reading.doubt or not reading.text


@pytest.mark.parametrize("stamp", [THIN, replace(THIN, ink=GREY), replace(DESK, ink=GREY, frame=Frame.NONE)])
def test_no_word_that_a_thin_or_level_stamp_spoilt_is_sure(stamp: Stamp, recognise: Recogniser) -> None:
    level = replace(stamp, turned_deg=0.0)
    crop = with_stamp(written(font="dkg", texts=LONG), level, OVER, Scan())
    true = set(LONG["action"].split())
    assert {word.text for word in _words(read_text(crop, recognise)) if not word.doubt} <= true


def test_whoever_writes_in_capitals_is_no_machine(recognise: Recogniser) -> None:
    """A font writes more evenly than any hand."""
    crop = seen({"action": LONG["action"].upper()}, hand=Hand(FONTS["tomson"], hands.BLACK)).crops["action"]
    words = _words(read_text(crop, recognise))
    assert sum(Doubt.INK in word.doubt for word in words) < 0.2 * len(words)


def _words(reading: Reading) -> list[Word]:
    return [word for line in reading.lines for word in line.words]


def test_a_tick_box_under_a_stamp_without_colours_is_looked_at() -> None:
    """The tick goes with the stamp."""
    choice = next(field for field in template().fields if field.kind is FieldKind.CHOICE)
    box = choice.options[1].box_mm
    stamp = replace(DESK, ink=rubber.BLACK)
    found = []
    for middle in ((box.x + 3, box.y + 3), BESIDE):
        side = seen({}, Scan(), drawn=stamped(written(texts={}), WIDTH_MM, middle, stamp)).side
        found.append(Doubt.UNSURE in read_choice(choice, side).doubt)
    assert found == [True, False]


def in_two_pens(first: Ink, second: Ink, font: str) -> Image:
    """Two answers, each in a pen of its own, and a name."""
    hand = Hand(FONTS[font], first)
    texts = {"action": hand.writes("THANK YOU FOR ALL YOU DID"), "nominee": hand.writes("JANE HILL")}
    other = {"impact": hand.writes("She was there for us"), "role": hand.writes("NURSE")}
    both = (written(ink, font, some) for ink, some in ((first, texts), (second, other)))
    return np.minimum(*both)


@pytest.mark.parametrize("font", ["kaushan", "tomson", "connect", "dkg"])
@pytest.mark.parametrize(
    ("first", "second"), [(hands.BLACK, hands.RED), (hands.BLUE, hands.GREEN), (hands.RED, hands.PURPLE)]
)
def test_a_second_pen_is_no_stamp(first: Ink, second: Ink, font: str) -> None:
    side = seen({}, COLOUR, drawn=in_two_pens(first, second, font))
    assert (left_of(side) == side.picture).all()


@pytest.mark.parametrize("pen", [hands.BLACK, hands.BLUE, hands.GREEN, hands.RED, hands.PURPLE, hands.PENCIL])
def test_writing_in_one_pen_stays_as_it_is(pen: Ink) -> None:
    side = seen({}, COLOUR, drawn=written(pen, "tomson", {"action": "THANK YOU", "nominee": "JANE"}))
    assert (left_of(side) == side.picture).all()


@pytest.mark.parametrize("pen_mm", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("font", ["tomson", "connect", "kaushan"])
def test_a_broad_pen_is_no_stamp(pen_mm: float, font: str) -> None:
    hand = Hand(FONTS[font], hands.BLACK, pen_mm=pen_mm)
    ink = seen({"action": hand.writes("Thank you all so much")}, hand=hand).side.ink
    assert not stamps_among(ink).any()


def test_colours_say_nothing_about_a_page_in_grey() -> None:
    side = seen({}, Scan(), drawn=stamped(written(), WIDTH_MM, OVER, DESK))
    assert left_of(side) is side.picture
