"""Letters that English does not have: how many of them come through, in ten languages written in Latin.

    python benchmarks/reading.py --only letters

Ten sentences a language (`letters.tsv`), each written in every hand whose font has its letters, the words wobbling on
the line: as the recogniser sees them, decoded by the model of English, and by Tesseract on the same pictures.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

sys.path.insert(0, str(Path(__file__).parents[1]))  # the hands that write lie among the tests

from benchmarks.written import one_line
from scan_ingest.domain.accuracy import NO_ERRORS, ErrorCount, aligned, character_errors
from scan_ingest.domain.card import Reading
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.stages.reading.opinion import read_text
from tests.drawing.cards import handwriting
from tests.drawing.hands import BLACK, FONTS, Font, Hand, missing, typeface

SENTENCES = Path(__file__).with_suffix(".tsv")
HANDS = (
    Hand(FONTS["kaushan"], BLACK),
    Hand(FONTS["dkg"], BLACK, gap_mm=0.6),
    Hand(FONTS["breip"], BLACK, gap_mm=0.6),
    Hand(FONTS["dancing"], BLACK),
    Hand(FONTS["kristi"], BLACK, gap_mm=0.4),
    Hand(Font("truetype/liberation/LiberationSerif-Italic.ttf", "fonts-liberation"), BLACK),
    Hand(Font("truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"), BLACK),  # the only one that writes Vietnamese
)
READERS = ("raw", "decoded", "tesseract")
ALL = "all"


@dataclass(frozen=True)
class Kept:
    """Letters beyond English that came through, of how many; the errors of the whole texts; and of the words that lost
    one, how many no doubt points at."""

    kept: int = 0
    letters: int = 0
    errors: ErrorCount = NO_ERRORS
    words_lost: int = 0
    unseen: int = 0

    def with_text(self, true: str, read: str) -> "Kept":
        kept, letters = survivors(true, read)
        errors = self.errors + character_errors(true, read)
        return Kept(self.kept + kept, self.letters + letters, errors, self.words_lost, self.unseen)

    def with_lost(self, lost: int, unseen: int) -> "Kept":
        return Kept(self.kept, self.letters, self.errors, self.words_lost + lost, self.unseen + unseen)


def main() -> None:
    one_thread()
    report()


def report() -> None:
    """Prints a row a language, and one for all of them."""
    primary, second = RECOGNISERS["pp-ocrv6"](), RECOGNISERS["tesseract"]()
    found: dict[str, dict[str, Kept]] = defaultdict(lambda: dict.fromkeys(READERS, Kept()))
    for language, sentence, picture in written():
        crop = one_line(picture)
        reading = read_text(crop, primary, second)
        read = {
            "raw": " ".join(line.raw for line in reading.lines),
            "decoded": " ".join(line.text for line in reading.lines),
            "tesseract": " ".join(line.text for line in second(crop)),
        }
        lost, unseen = lost_words(reading, sentence)
        for row in (language, ALL):
            for name, text in read.items():
                found[row][name] = found[row][name].with_text(sentence, text)
            found[row]["decoded"] = found[row]["decoded"].with_lost(lost, unseen)
    found[ALL] = found.pop(ALL)  # below the others
    print("\nletters beyond English that come through, and the CER of the sentences they stand in\n")
    print(f"{'':12}{'letters':>8}{'raw':>16}{'decoded':>16}{'Tesseract':>16}   words undoubted that lost one")
    for language, of in found.items():
        shown = "".join(f"{_percent(of[name]):>8}{100 * of[name].errors.rate:8.1f}" for name in READERS)
        decoded = of["decoded"]
        print(f"{language:12}{decoded.letters:8}{shown}   {decoded.unseen} of {decoded.words_lost}", flush=True)


def lost_words(reading: Reading, true: str) -> tuple[int, int]:
    """How many words lost a letter beyond English, and how many of them no doubt points at."""
    words = [word for line in reading.lines for word in line.words]
    others = true.split()
    lost = [
        words[source]
        for source, target in aligned([word.text for word in words], others)
        if source is not None and target is not None and _has_lost(words[source].text, others[target])
    ]
    return len(lost), sum(not word.doubt for word in lost)


def sentences() -> Iterator[tuple[str, str]]:
    """Language and sentence."""
    with SENTENCES.open(encoding="utf-8", newline="") as rows:
        yield from ((language, text) for language, text in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))


def written() -> Iterator[tuple[str, str, GreyImage]]:
    """Language, sentence and picture, in every hand that can write it."""
    for seed, (language, sentence) in enumerate(sentences()):
        for hand in HANDS:
            if not missing(hand.font, sentence):
                yield language, sentence, line_of(sentence, hand, seed)


def line_of(sentence: str, hand: Hand, seed: int) -> GreyImage:
    """The sentence on one line of plain paper, its words wobbling."""
    face = typeface(hand.font, hand.size_mm, SIDE_PX_PER_MM)
    words, x = [], 6.0
    for word in sentence.split():
        words.append(((x, 10.0), word))
        x += float(face.getlength(word + " ")) / SIDE_PX_PER_MM + hand.gap_mm
    width_mm = x + 6.0
    sheet = np.full((round(17 * SIDE_PX_PER_MM), round(width_mm * SIDE_PX_PER_MM)), 255, dtype=np.uint8)
    return handwriting(sheet, width_mm, words, hand, seed)


def survivors(true: str, read: str) -> tuple[int, int]:
    """How many of the true text's letters beyond ASCII stand in the other where they should, and how many there are."""
    places = {place for place, letter in enumerate(true) if ord(letter) > 127 and letter.isalpha()}
    stand = {
        place
        for step in Levenshtein.opcodes(true, read)
        if step.tag == "equal"
        for place in range(step.src_start, step.src_end)
    }
    return len(places & stand), len(places)


def _has_lost(word: str, true: str) -> bool:
    kept, letters = survivors(true, word)
    return kept < letters


def _percent(one: Kept) -> str:
    return f"{100 * one.kept / one.letters:.1f} %" if one.letters else "-"


if __name__ == "__main__":
    main()
