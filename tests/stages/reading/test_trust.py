"""A word's probability of being right, worked out by the table that ships."""

from dataclasses import replace

import numpy as np
import pytest

from scan_ingest.domain.card import Evidence, Line, Word
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.stages.reading.signs import OF_READING, OF_SECOND, of_reading, of_second, rivals_of
from scan_ingest.stages.reading.trust import Cells, Judged, Trust, Weight, shipped

PROSE = Evidence(0.97, 0.9, 0.95, True, -1.8, True, 5, 0.0)
SHORT = Evidence(0.97, 0.9, 0.95, True, 0.0, False, 5, 0.0)


def a_line(*words: str, evidence: Evidence = PROSE, raw: str | None = None, others: tuple[str, ...] = ()) -> Line:
    text = " ".join(words)
    seen = tuple(
        Word(word, 0.9, BoxMm(10 * at, 0, 8, 5), alternatives=others, evidence=replace(evidence, length=len(word)))
        for at, word in enumerate(words)
    )
    return Line(text, text if raw is None else raw, 0.9, BoxMm(0, 0, 10 * len(words), 5), seen)


def right(line: Line, at: int = 1) -> float:
    return float(Judged.of([line], ()).right[at])


def with_evidence(line: Line, evidence: Evidence, at: int = 1) -> Line:
    words = tuple(replace(word, evidence=evidence) if n == at else word for n, word in enumerate(line.words))
    return replace(line, words=words)


@pytest.mark.parametrize("kind", ["prose", "short"])
def test_the_table_knows_only_signs_that_exist_and_gives_probabilities(kind: str) -> None:
    trusts, chance = shipped()[kind], np.random.default_rng(1)
    assert {weight.sign for weight in trusts.alone.weights} <= set(OF_READING)
    assert {weight.sign for weight in trusts.asked.weights} <= set(OF_READING + OF_SECOND)
    for trust in (trusts.alone, trusts.asked):
        assert {sign for some in trust.cells for sign in some.signs} <= set(OF_READING)
        assert all(len(some.adds) == 2 ** len(some.cuts) == 2 ** len(some.signs) for some in trust.cells)
    wild = chance.normal(0, 5, (200, len(OF_READING + OF_SECOND)))
    for trust in (trusts.alone, trusts.asked):
        likely = trust(wild, OF_READING + OF_SECOND)
        assert ((likely >= 0) & (likely <= 1)).all()
    assert trusts.reach > 0


@pytest.mark.parametrize("evidence", [PROSE, SHORT])
def test_the_surer_the_reading_the_likelier_the_word(evidence: Evidence) -> None:
    line = a_line("they", "cared", "always", evidence=evidence)
    by_posterior = [right(with_evidence(line, replace(evidence, posterior=p))) for p in (0.05, 0.3, 0.7, 0.99)]
    assert by_posterior == sorted(by_posterior)
    by_mean = [right(with_evidence(line, replace(evidence, raw_mean=p, raw_lowest=p / 2))) for p in (0.3, 0.6, 0.99)]
    assert by_mean == sorted(by_mean)
    assert by_mean[0] < by_mean[-1] - 0.02


def test_a_word_that_english_lacks_and_one_that_was_made_up_are_less_likely() -> None:
    line = a_line("they", "cared", "always")
    assert right(with_evidence(line, replace(PROSE, known=False, language=-4.0))) < 0.5 < right(line)
    assert right(replace(line, raw="they xqrzd always")) < right(line)


def test_a_posterior_that_is_missing_is_no_certainty() -> None:
    line = a_line("they", "cared", "always")
    assert right(with_evidence(line, replace(PROSE, posterior=0.0))) < right(line)


def test_names_in_short_fields_are_not_held_against_english() -> None:
    as_a_name = right(a_line("Siobhan", "Nguyen", evidence=replace(SHORT, posterior=0.999, raw_lowest=0.97)))
    assert as_a_name > right(a_line("siobhan", "nguyen", evidence=replace(PROSE, known=False, language=-5.0)))


def test_a_name_that_is_known_is_likelier_than_one_that_only_resembles_one() -> None:
    line = a_line("Sister", "Sarah", "Okafor", evidence=replace(SHORT, known=True))
    assert right(with_evidence(line, replace(SHORT, nearly_known=True))) < right(line) - 0.1


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *((text, True) for text in ("12/03/2025", "1.4.25", "28-2", "3rd", "21ST", "2024")),
        *(
            (text, False)
            for text in ("32/03/2025", "12/13/2025", "12/03-2025", "41st", "45", "3026", "Ward", "1/2/3/4")
        ),
    ],
)
def test_a_day_or_a_year_that_exists_is_told_from_numbers_that_are_none(text: str, is_one: bool) -> None:
    assert of_reading([a_line(text, evidence=SHORT)], ())[0, OF_READING.index("date")] == is_one


def test_what_looks_like_another_script_is_not_believed() -> None:
    line = a_line("they", "cared", "always")
    assert right(with_evidence(line, replace(PROSE, outside=0.9))) < 0.11


def test_block_capitals_are_a_way_to_write_and_no_doubt() -> None:
    small, block = (right(a_line(*words)) for words in (("they", "cared", "always"), ("THEY", "CARED", "ALWAYS")))
    assert block == pytest.approx(small, abs=0.05)


def test_confidence_stands_where_a_recogniser_tells_nothing_else() -> None:
    line = a_line("they", "cared")
    bare = replace(line, words=tuple(replace(word, evidence=None, confidence=0.73) for word in line.words))
    assert list(Judged.of([bare], ()).right) == [0.73, 0.73]


def test_no_lines_have_no_words() -> None:
    judged = Judged.of([], ())
    assert (len(judged.right), judged.near(0.8), judged.by_line()) == (0, (), [])


def test_a_second_opinion_counts_for_the_lines_it_was_asked_about() -> None:
    first, second = a_line("they", "cared"), replace(a_line("with", "love"), box_mm=BoxMm(0, 9, 20, 5))
    judged = Judged.of([first, second], ())
    asked = judged.asked([second], [a_line("with", "love")])
    assert list(asked.right[:2]) == list(judged.right[:2])
    assert list(asked.right[2:]) != list(judged.right[2:])


def test_agreement_is_loose_and_knows_the_other_readings() -> None:
    signs = dict(
        zip(OF_SECOND, of_second([a_line("Thank,", "yov", others=("you",))], [a_line("thank", "you")]).T, strict=True)
    )
    assert list(signs["agreed"]) == [1.0, 0.0]
    assert list(signs["agreed_exactly"]) == [0.0, 0.0]
    assert (signs["agreed_mark"][0], signs["agreed_case"][0]) == (1.0, 1.0)
    assert list(signs["says_another"]) == [0.0, 1.0]


def test_a_word_that_the_other_lacks_has_no_rival() -> None:
    words, others = a_line("she", "sat", "down").words, a_line("she", "down").words
    assert [rival.text if rival else None for rival in rivals_of(words, others)] == ["she", None, "down"]


def test_a_sign_beyond_what_was_seen_counts_as_the_edge() -> None:
    weight = Weight("mean", 0.0, 2.0, 1.0, ((1.0, 1.0),))
    assert list(weight(np.array([-5.0, 0.0, 1.0, 2.0, 50.0]))) == [0.0, 0.0, 1.0, 3.0, 3.0]
    trust = Trust(0.0, (weight,))
    assert trust(np.array([[0.0]]), ("mean",))[0] == 0.5


def test_signs_that_say_something_only_together_add_to_the_odds_by_their_cell() -> None:
    cells = Cells(("short", "long"), (0.5, 2.0), (0.0, 1.0, 2.0, -3.0))
    signs = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 3.0], [1.0, 3.0], [0.5, 2.0]])
    assert cells.at(signs, ("short", "long")).tolist() == [0, 1, 2, 3, 0]
    likely = Trust(0.5, (), (cells, cells))(signs, ("short", "long"))
    assert np.log(likely / (1 - likely)) == pytest.approx([0.5, 2.5, 4.5, -5.5, 0.5])
