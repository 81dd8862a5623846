"""Names, roles and wards that were accepted before."""

from scan_ingest.domain.lists import Colleague, Lists
from scan_ingest.learning.entries import NOT_OFFERED, WRONG_CHARACTERS, entries_to_learn, learn_entries
from scan_ingest.learning.lessons import Lesson, lessons
from tests.reviewed import a_card, plain_words, read

PEOPLE = ("Winston Clarke", "Siobhan O'Rourke", "Agnieszka Nowak", "Margaret Thistlewood")
READ = ("Wlnston Clarke", "Siobhon O'Rourke", "Agnieszka Nowok", "Margoret Thistlewood")


def nominations(read_as: tuple[str, ...], true: tuple[str, ...], times: int) -> tuple[Lesson, ...]:
    """Cards on which each name was read so and accepted so, that many times."""
    pairs = list(zip(read_as, true, strict=True)) * times
    return lessons(
        a_card(number, read("nominee", plain_words(seen, 0.6)), accepted)
        for number, (seen, accepted) in enumerate(pairs)
    )


def test_what_was_accepted_on_two_cards_is_an_entry_in_its_commonest_spelling() -> None:
    true = ("Jo Ash", "jo ash", "Jo Ash", "Ben Oak", "12/3")
    taught = nominations(true, true, 1)
    assert entries_to_learn(taught) == Lists((Colleague("Jo Ash"),), (), ())
    assert entries_to_learn(nominations(true, true, 2)).staff == (Colleague("Ben Oak"), Colleague("Jo Ash"))


def test_roles_and_wards_are_learned_as_such() -> None:
    others = {"role": ("text", "porter", "porter"), "ward": ("text", "Oak", "Oak  Ward\n")}
    taught = lessons(
        a_card(number, read("nominee", plain_words(f"A{number}")), "", others=others) for number in range(2)
    )
    assert entries_to_learn(taught) == Lists((), ("Oak Ward",), ("porter",))


def test_names_that_come_again_are_offered_and_the_proof_says_how_often() -> None:
    learned, (missing, wrong) = learn_entries(nominations(READ, PEOPLE, 12), Lists())
    assert {person.name for person in learned.staff} == set(PEOPLE)
    assert (missing.measure, missing.before, missing.cards) == (NOT_OFFERED, 1.0, 48)
    assert missing.after < 0.1
    assert wrong.measure == WRONG_CHARACTERS
    assert wrong.after <= wrong.before


def test_what_the_site_lists_already_is_no_gain() -> None:
    listed = Lists(tuple(map(Colleague, PEOPLE)))
    learned, (missing, _) = learn_entries(nominations(READ, PEOPLE, 12), listed)
    assert missing.after == missing.before
    assert not learned


def test_names_that_never_come_again_teach_nothing() -> None:
    names = tuple(f"Person{chr(97 + n)} Unlike{chr(122 - n)}" for n in range(20))
    learned, (missing, _) = learn_entries(nominations(names, names, 1), Lists())
    assert not learned
    assert missing.after == missing.before


def test_without_short_fields_there_is_nothing_to_prove() -> None:
    assert learn_entries(lessons([a_card(1, read("action", plain_words("sat")), "sat")]), Lists()) == (Lists(), ())
