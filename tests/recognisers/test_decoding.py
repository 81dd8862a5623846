"""What a line says, by what was seen and by what English is like; and what is never put into English."""

import numpy as np
import pytest

from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.recognisers.ctc import Decoder, Frames, WordSeen, as_line, greedy, text_of
from scan_ingest.recognisers.decoding import as_seen, make_decoder
from scan_ingest.recognisers.ppocr import is_prose

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALPHABET = ("", *LETTERS, *LETTERS.upper(), *"0123456789.,'-/@&ŵŷłśéóâ", " ")


def frames(written: str, also: dict[int, tuple[str, float]] | None = None, sure: float = 0.97) -> Frames:
    """A frame for each character and a blank after it; `also` is what else was seen at a place, and how surely.

    A `□` is a character of another script.
    """
    table = np.full((2 * len(written), len(ALPHABET)), 1e-6, dtype=np.float32)
    table[1::2, 0] = 0.999
    for place, character in enumerate(written):
        if character == "□":
            continue
        other, share = (also or {}).get(place, ("", 0.0))
        table[2 * place, ALPHABET.index(character)] = sure - share
        if other:
            table[2 * place, ALPHABET.index(other)] = share
    return Frames(table, ALPHABET, np.zeros(len(table), dtype=np.float32))


def text(words: tuple[WordSeen, ...]) -> str:
    return " ".join(word.text for word in words)


@pytest.fixture(scope="module")
def decode() -> Decoder:
    return make_decoder()


def test_a_misread_letter_is_put_right_where_english_knows_better(decode: Decoder) -> None:
    seen = frames("she was very kird to us", {15: ("n", 0.3)})
    assert text(decode(seen)) == "she was very kind to us"
    assert text_of(greedy(seen)) == "she was very kird to us"


def test_a_space_that_was_half_seen_is_put_back(decode: Decoder) -> None:
    seen = frames("she heldmy hand")
    seen.probabilities[2 * 7 + 1, ALPHABET.index(" ")] = 0.01
    assert text(decode(seen)) == "she held my hand"


@pytest.mark.parametrize("name", ["Okafor", "Siân", "Niamh", "Wójcik", "Nwosu", "Llŷr", "Mbeki", "Aoife"])
@pytest.mark.parametrize("sure", [0.99, 0.85])
def test_a_colleagues_name_is_not_turned_into_a_word(decode: Decoder, name: str, sure: float) -> None:
    line = f"we thank {name} for this"
    seen = frames(line, dict.fromkeys(range(10, 8 + len(name)), ("e", 0.05)), sure)
    assert text(decode(seen)) == line


@pytest.mark.parametrize("number", ["27", "1496", "10.30", "2019"])
def test_digits_stay_as_they_were_read(decode: Decoder, number: str) -> None:
    line = f"it was {number} or so"
    assert text(decode(frames(line, {7: ("I", 0.4), 8: ("t", 0.4)}))) == line


@pytest.mark.parametrize(
    "written",
    ["26/9/2025", "01248 776315", "951 251 6948", "LL57 7AB", "7B", "3 miles", "10.30 pm", "NHS", "A&E",
     "joy.nurse@wales.nhs.uk"],
)  # fmt: skip
def test_no_figure_is_dropped_and_no_number_glued_for_languages_sake(decode: Decoder, written: str) -> None:
    """Everywhere the recogniser half thinks that there is nothing, or no space."""
    line = f"ask at {written} about her"
    seen = frames(line, sure=0.6)
    for place, character in enumerate(written, start=len("ask at ")):
        seen.probabilities[2 * place, 0] = 0.35
        if character == " ":
            seen.probabilities[2 * place, ALPHABET.index(" ")] = 0.4
            seen.probabilities[2 * place, 0] = 0.3
    assert text(decode(seen)) == line
    assert text_of(greedy(seen)) == line


def test_a_sign_beside_a_number_is_weighed_all_the_same(decode: Decoder) -> None:
    seen = frames("it was 27 . we met", {8: ("1", 0.2)})
    assert text(decode(seen)).split()[2].startswith("27")


def test_how_sure_a_number_is_comes_from_how_it_was_seen(decode: Decoder) -> None:
    shares = [decode(frames("bed 27 please", sure=sure))[1].evidence.posterior for sure in (0.97, 0.6)]
    assert shares[0] > 0.9 > 0.5 > shares[1]


def test_a_name_that_stands_in_the_sites_list_stays_as_it_was_read() -> None:
    others = dict.fromkeys(range(7, 11), ("e", 0.12))
    line = "we met Ffion Small today"
    seen = frames(line, {**others, 13: ("s", 0.34)}, sure=0.72)
    seen.probabilities[2 * 8, 0] = 0.25
    assert text(make_decoder()(seen)) != line
    assert text(make_decoder(names={"Ffion", "Small"})(seen)) == line


@pytest.mark.parametrize("word", ["ŵyl", "tŷ", "łza", "środa", "café"])
def test_letters_of_other_latin_languages_survive(decode: Decoder, word: str) -> None:
    assert text(decode(frames(f"to {word} and more"))) == f"to {word} and more"


def test_what_else_a_word_may_be_is_told_the_likeliest_first(decode: Decoder) -> None:
    for how in (decode, as_seen()):
        word = how(frames("Jane", {0: ("D", 0.3), 3: ("t", 0.1)}))[0]
        assert word.text == "Jane"
        assert "Dane" in word.alternatives
        assert len(word.alternatives) <= 4
        assert "Jane" not in word.alternatives


def test_short_fields_are_read_without_language() -> None:
    words = as_seen()(frames("Jame Smyth", {2: ("n", 0.4)}))
    assert text(words) == "Jame Smyth"
    assert words[0].alternatives[0] == "Jane"


def test_what_runs_two_words_together_is_no_other_reading_of_one(decode: Decoder) -> None:
    seen = frames("Ngozi Bello", {4: ("l", 0.3)})
    seen.probabilities[10:12, ALPHABET.index(" ")], seen.probabilities[10:12, 0] = 0.6, 0.35
    for how in (decode, as_seen()):
        ngozi, bello = how(seen)
        assert "Ngozl" in as_seen()(seen)[0].alternatives
        assert not [other for word in (ngozi, bello) for other in word.alternatives if len(other) > len("Ngozi") + 1]


@pytest.mark.parametrize(
    ("name", "height", "prose"),
    [("action", 9, True), ("impact", 30, True), ("nominee", 30, False), ("story", 30, True), ("bleep", 9, False)],
)
def test_only_fields_for_sentences_get_language(name: str, height: float, prose: bool) -> None:
    assert is_prose(Field(name, "front", FieldKind.TEXT, BoxMm(0, 0, 100, height))) is prose


def test_a_line_in_another_script_is_no_latin_noise(decode: Decoder) -> None:
    seen = frames("□□□□ □□a□□ □□□")
    for how in (decode, as_seen()):
        line = as_line(how(seen), greedy(seen), seen, BoxMm(0, 0, 100, 8))
        assert line is None or line.confidence < 0.5


def test_a_word_of_another_script_among_english_is_doubted(decode: Decoder) -> None:
    words = decode(frames("she was very □i□d to us"))
    by_text = {word.text: word.evidence.outside for word in words}
    assert by_text["very"] < 0.1
    assert max(by_text.values()) > 0.3


def test_a_name_in_another_script_between_english_words_leaves_doubt(decode: Decoder) -> None:
    seen = frames("Nurse □□ held my hand")
    for how in (decode, as_seen()):
        line = as_line(how(seen), greedy(seen), seen, BoxMm(0, 0, 100, 8))
        assert line is not None
        assert line.text == "Nurse held my hand"
        surely = {word.text: word.confidence > 0.5 for word in line.words}
        assert list(surely.values()).count(False) in (1, 2)
        assert surely["my"]
        assert surely["hand"]


def test_a_sites_own_word_is_known_once_it_was_learned() -> None:
    seen = frames("the zonkery was kind", {4: ("d", 0.45)}, sure=0.95)
    plain = make_decoder()(seen)[1].evidence
    learned = make_decoder({"zonkery": 200})(seen)[1]
    assert not plain.known
    assert learned.text == "zonkery"
    assert learned.evidence.known


def test_the_evidence_for_a_word_tells_where_decoder_and_recogniser_part(decode: Decoder) -> None:
    words = decode(frames("she was very kird to us", {15: ("n", 0.3)}))
    put_right, untouched = words[3].evidence, words[1].evidence
    assert (put_right.agrees, untouched.agrees) == (False, True)
    assert put_right.raw_lowest == pytest.approx(0.67, abs=0.02)
    assert 0 < put_right.posterior <= untouched.posterior <= 1
    assert put_right.known
    assert put_right.length == 4
    assert put_right.language < 0


def test_the_words_beside_a_word_speak_for_it_or_tell_that_both_are_one(decode: Decoder) -> None:
    thank, you, every, one = (word.evidence for word in decode(frames("thank you every one")))
    assert thank.leads == you.follows > 1.0
    assert every.joins == one.joins > 2.0
    assert thank.joins == you.joins == 0.0
    assert decode(frames("thank yon every day"))[1].evidence.follows == 0.0


@pytest.mark.parametrize("seed", range(12))
def test_scribble_gives_words_in_order_and_confidences_from_0_to_1(decode: Decoder, seed: int) -> None:
    chance = np.random.default_rng(seed)
    table = chance.gamma(0.05, size=(60, len(ALPHABET))).astype(np.float32) + 1e-7
    seen = Frames(table / table.sum(axis=1, keepdims=True), ALPHABET, np.zeros(60, dtype=np.float32))
    for how in (decode, as_seen()):
        line = as_line(how(seen), greedy(seen), seen, BoxMm(0, 0, 60, 8))
        assert line is not None
        lefts = [word.box_mm.x for word in line.words]
        assert lefts == sorted(lefts)
        assert all(0 <= word.confidence <= 1 and word.box_mm.width > 0 for word in line.words)


def test_nothing_seen_is_nothing_read(decode: Decoder) -> None:
    empty = Frames(np.full((6, len(ALPHABET)), 1e-6, dtype=np.float32), ALPHABET, np.zeros(6, dtype=np.float32))
    empty.probabilities[:, 0] = 1.0
    assert decode(empty) == () == as_seen()(empty)
