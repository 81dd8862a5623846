"""What the site's lists make of nominee, role and ward."""

import pytest

from scan_ingest.domain.card import Doubt, Line, Reading, Word
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.lists import Colleague, Lists
from scan_ingest.stages.lists.lookup import PreparedLists
from scan_ingest.stages.lists.suggestions import prepare_lists, with_suggestions

BOX = BoxMm(10, 10, 60, 8)
STAFF = (
    Colleague("Sarah Okafor", "Staff Nurse", "Oak Ward"),
    Colleague("Sarah Bennett", "Porter", "Ward 7"),
    Colleague("Anne Jones", "Healthcare Assistant", "Elm Ward"),
    Colleague("Małgorzata Wiśniewska", "Ward Clerk", "Oak Ward"),
    Colleague("Siân O'Neill", "Physiotherapist", "Ward 1"),
    Colleague("Christopher Llewellyn", "Porter", "Ward 17"),
)


@pytest.fixture(scope="module")
def lists() -> PreparedLists:
    return prepare_lists(Lists(STAFF, ("Oak Ward", "Elm Ward", "Ward 1", "Ward 7", "Ward 17"), ("Porter",)))


def read(field: str, text: str) -> Reading:
    return Reading(field, text, 0.8, "pp-ocrv6", (Line(text, text, 0.8, BOX, (Word(text, 0.8, BOX),)),))


def looked_up(lists: PreparedLists, **texts: str) -> dict[str, Reading]:
    readings = with_suggestions([read(field, text) for field, text in texts.items()], lists)
    return {reading.field: reading for reading in readings}


def first(reading: Reading) -> str:
    return reading.suggestions[0].text if reading.suggestions else ""


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Sarah Okafor", "Sarah Okafor"),
        ("sarah 0kafor", "Sarah Okafor"),
        ("Sanah Okofor", "Sarah Okafor"),
        ("Okafor, Sarah", "Sarah Okafor"),
        ("Okafor Sarah", "Sarah Okafor"),
        ("SISTER SARAH OKAFOR", "Sarah Okafor"),
        ("S. Okafor", "Sarah Okafor"),
        ("Dr. Okafor", "Sarah Okafor"),
        ("SN Okafor (RN)", "Sarah Okafor"),
        ("SarahOkafor", "Sarah Okafor"),
        ("Malgorzata Wisniewska", "Małgorzata Wiśniewska"),
        ("Sian ONeill", "Siân O'Neill"),
        ("Christopher Llewellyn", "Christopher Llewellyn"),
    ],
)
def test_a_name_is_found_however_it_was_written(lists: PreparedLists, text: str, person: str) -> None:
    assert first(looked_up(lists, nominee=text)["nominee"]) == person


def test_role_and_ward_tell_two_of_one_first_name_apart(lists: PreparedLists) -> None:
    assert first(looked_up(lists, nominee="Sarah", role="Staff nurse", ward="Oak")["nominee"]) == "Sarah Okafor"
    assert first(looked_up(lists, nominee="Sarah", role="porter", ward="Ward 7")["nominee"]) == "Sarah Bennett"


def test_a_misreading_that_is_nearly_certain_is_put_right_and_the_reading_stays(lists: PreparedLists) -> None:
    fields = looked_up(lists, nominee="Chnistopher Llewellyn", role="Porter", ward="Ward 17")
    nominee = fields["nominee"]
    assert nominee.text == "Christopher Llewellyn"
    assert nominee.recogniser == "pp-ocrv6 + list"
    assert (nominee.lines[0].text, nominee.lines[0].raw) == ("Chnistopher Llewellyn",) * 2
    assert nominee.suggestions[0].probability >= 0.97


@pytest.mark.parametrize(
    "text",
    ["Ann Jones", "Sarah", "S. Okafor", "C. Okafor", "jo SMITH", "Sarah and all the night staff", "?", "Siân Neill"],
)
def test_a_name_that_is_in_no_list_stays_as_it_was_written(lists: PreparedLists, text: str) -> None:
    nominee = looked_up(lists, nominee=text)["nominee"]
    assert (nominee.text, nominee.recogniser) == (text, "pp-ocrv6")


def unsure(field: str, text: str, *besides: Doubt) -> Reading:
    words = tuple(Word(word, 0.4, BOX, (Doubt.UNSURE, *besides)) for word in text.split())
    return Reading(field, text, 0.4, "pp-ocrv6", (Line(text, text, 0.4, BOX, words),), (Doubt.UNSURE, *besides))


def test_a_name_that_stands_in_the_list_as_it_was_read_is_no_doubt_any_more(lists: PreparedLists) -> None:
    (nominee,) = with_suggestions([unsure("nominee", "Christopher Llewellyn", Doubt.DISAGREE)], lists)
    assert (nominee.text, nominee.recogniser, nominee.doubt) == ("Christopher Llewellyn", "pp-ocrv6", ())
    assert {word.confidence for word in nominee.lines[0].words} == {nominee.suggestions[0].probability}
    assert {word.as_shipped for word in nominee.lines[0].words} == {0.4}


def test_block_capitals_of_a_name_in_the_list_are_its_letters(lists: PreparedLists) -> None:
    (nominee,) = with_suggestions([unsure("nominee", "CHRISTOPHER LLEWELLYN")], lists)
    assert (nominee.text, nominee.lines[0].text, nominee.doubt) == (
        "Christopher Llewellyn",
        "CHRISTOPHER LLEWELLYN",
        (),
    )


@pytest.mark.parametrize("text", ["Sarah", "Ann Jones", "Chnistopher Llewellyn"])
def test_a_name_that_was_read_otherwise_or_may_be_several_peoples_stays_in_doubt(
    lists: PreparedLists, text: str
) -> None:
    (nominee,) = with_suggestions([unsure("nominee", text)], lists)
    assert nominee.doubt == (Doubt.UNSURE,)


def test_stray_ink_is_doubt_whoever_stands_in_the_list(lists: PreparedLists) -> None:
    (nominee,) = with_suggestions([unsure("nominee", "Christopher Llewellyn", Doubt.INK)], lists)
    assert nominee.doubt == (Doubt.INK,)


def test_another_initial_is_another_person(lists: PreparedLists) -> None:
    names = [suggestion.text for suggestion in looked_up(lists, nominee="C. Okafor")["nominee"].suggestions]
    assert "Sarah Okafor" not in names


@pytest.mark.parametrize(("text", "ward"), [("Ward 1", "Ward 7"), ("ward 17", "Ward 1"), ("Ward 11", "Ward 17")])
def test_a_ward_of_another_number_is_never_nearly_certain(lists: PreparedLists, text: str, ward: str) -> None:
    found = looked_up(lists, ward=text)["ward"]
    assert all(one.probability <= 0.5 for one in found.suggestions if one.text == ward)
    assert found.text.casefold() == text.casefold()


def test_letters_that_stand_for_a_number_are_that_number(lists: PreparedLists) -> None:
    assert first(looked_up(lists, ward="Ward l")["ward"]) == "Ward 1"


def test_an_abbreviated_role_is_suggested_and_not_put_in(lists: PreparedLists) -> None:
    role = looked_up(lists, role="HCA")["role"]
    assert (role.text, first(role)) == ("HCA", "Healthcare Assistant")


def test_at_most_five_are_suggested_the_likeliest_first() -> None:
    lists = prepare_lists(
        Lists(tuple(Colleague(f"Sarah {name}") for name in ("Ash", "Elm", "Oak", "Yew", "Fir", "Bay")))
    )
    suggestions = looked_up(lists, nominee="Sarah")["nominee"].suggestions
    assert 1 < len(suggestions) <= 5
    likely = [suggestion.probability for suggestion in suggestions]
    assert likely == sorted(likely, reverse=True)
    assert sum(likely) <= 1.0


@pytest.mark.parametrize("text", ["", "   ", "…", "王さん"])
def test_nothing_to_go_by_is_no_error(lists: PreparedLists, text: str) -> None:
    assert looked_up(lists, nominee=text, role=text, ward=text)["nominee"].suggestions == ()


def test_fields_without_a_list_are_left_alone() -> None:
    readings = (read("nominee", "Jo Ash"), read("action", "Ward 7"))
    assert with_suggestions(readings, prepare_lists(Lists(wards=("Ward 7",)))) == readings


def test_the_recognisers_alternatives_are_looked_up_too(lists: PreparedLists) -> None:
    words = (Word("Snrnh", 0.4, BOX, alternatives=("Sarah",)), Word("Okafor", 0.9, BOX))
    reading = Reading("nominee", "Snrnh Okafor", 0.6, "pp-ocrv6", (Line("Snrnh Okafor", "", 0.6, BOX, words),))
    (found,) = with_suggestions([reading], lists)
    assert first(found) == "Sarah Okafor"
