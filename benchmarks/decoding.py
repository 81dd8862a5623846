"""What decoding with a language model gains over the bare recogniser, on a set of written lines.

    python benchmarks/decoding.py lines.tsv [--every 1] [--fit]

The set is that of `reading.py`; its lines are copies of two texts, told apart by the `_pXXX_` in the picture's name.
Each text is read with weights that were fitted on the other (kept in `decoding.json`; `--fit` finds them anew). The
language model itself knows neither text: `tools/language/texts.py` sees to that.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.written import one_line, written
from scan_ingest.domain.accuracy import NO_ERRORS, ErrorCount, character_errors, word_errors
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.recognisers.beam import Weights
from scan_ingest.recognisers.capitals import Capitals, CaseWeights
from scan_ingest.recognisers.ctc import Character, Decoder, Frames, WordSeen, greedy, in_latin, text_of
from scan_ingest.recognisers.decoding import make_decoder
from scan_ingest.recognisers.language import english
from scan_ingest.recognisers.ppocr import seeing

W = TypeVar("W", Weights, CaseWeights)
KEPT = Path(__file__).with_suffix(".json")
# Where `--fit` starts, whatever is shipped, and how far it goes at first.
START = Weights(
    seen=0.85,
    characters=0.5,
    name_characters=0.1,
    per_character=2.0,
    words=0.2,
    per_word=1.0,
    unknown=-20.0,
    unknown_name=-10.0,
    pairs=0.2,
    sign=0.0,
    case=CaseWeights(0.5, 1.0, 1.0, 0.0, 0.0, 2.0, 0.0, 2.0, -2.0, -2.0),
)
STEPS = {
    "seen": 0.1,
    "characters": 0.1,
    "per_character": 0.3,
    "words": 0.1,
    "per_word": 0.8,
    "unknown": 3.0,
    "unknown_name": 3.0,
    "pairs": 0.2,
    "sign": 0.8,
}
CASE_STEPS = {field.name: 0.3 if field.name in ("alike", "other", "usual") else 1.0 for field in fields(CaseWeights)}
TRIES = 60  # of the search's weights; those of the capitals are tried on what it found, which takes no time
GOAL_CHARACTERS, GOAL_WORDS = 0.65, 0.52  # of the bare recogniser's errors; the fit weighs both by how far they are


@dataclass(frozen=True, eq=False)
class Seen:
    """A line as the recogniser saw it, the text that it copies a part of, and the true part."""

    source: str
    true: str
    frames: Frames


@dataclass(frozen=True)
class Errors:
    characters: ErrorCount = NO_ERRORS
    words: ErrorCount = NO_ERRORS

    def with_text(self, true: str, read: str) -> "Errors":
        return Errors(self.characters + character_errors(true, read), self.words + word_errors(true, read))

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(self.characters + other.characters, self.words + other.words)


def seen(file: Path, every: int) -> tuple[list[Seen], float]:
    """Every nth line as the recogniser sees it, and the seconds a line that it took."""
    see = seeing()
    lines: list[Seen] = []
    seconds = 0.0
    for line in list(written(file))[::every]:
        crop = one_line(line.picture)
        start = time.thread_time()
        frames = see(crop.lines[0])
        seconds += time.thread_time() - start
        lines.append(Seen(line.source, line.text, frames))
    return lines, seconds / max(len(lines), 1)


def raw_errors(lines: Sequence[Seen]) -> Errors:
    errors = Errors()
    for line in lines:
        errors = errors.with_text(line.true, text_of(greedy(line.frames)))
    return errors


def read(words: Sequence[WordSeen]) -> str:
    return " ".join(word.text for word in words)


def decoded_errors(lines: Sequence[Seen], decode: Decoder) -> tuple[Errors, float]:
    """And the seconds a line."""
    errors = Errors()
    start = time.thread_time()
    for line in lines:
        errors = errors.with_text(line.true, read(decode(line.frames)))
    return errors, (time.thread_time() - start) / max(len(lines), 1)


def fitted(lines: Sequence[Seen], tries: int = TRIES) -> Weights:
    """The weights with the fewest errors on these lines that a coordinate search of so many tries finds.

    First those of the search, by the errors without regard to case; then those of the capitals, by all errors.
    """
    raw = raw_errors(lines)

    def loss(errors: Errors) -> float:
        characters = errors.characters.rate / raw.characters.rate / GOAL_CHARACTERS
        return characters + errors.words.rate / raw.words.rate / GOAL_WORDS

    def of_search(weights: Weights) -> float:
        decode, errors = make_decoder(weights=weights), Errors()
        for line in lines:
            errors = errors.with_text(line.true.lower(), read(decode(line.frames)).lower())
        return loss(errors)

    weights = descended(START, STEPS, of_search, tries)
    decode = make_decoder(weights=weights)
    small = [[_small(word.characters) for word in decode(line.frames)] for line in lines]
    lexicon = english()[1]

    def of_capitals(case: CaseWeights) -> float:
        capitals, errors = Capitals(lexicon, case), Errors()
        for line, words in zip(lines, small, strict=True):
            written = capitals.of_line(words, in_latin(line.frames))
            errors = errors.with_text(line.true, " ".join(text_of(word.characters) for word in written))
        return loss(errors)

    return replace(weights, case=descended(weights.case, CASE_STEPS, of_capitals, 3 * tries))


def _small(word: Sequence[Character]) -> tuple[Character, ...]:
    return tuple(replace(character, text=character.text.lower()) for character in word)


def descended(weights: W, first_steps: Mapping[str, float], loss: Callable[[W], float], tries: int) -> W:
    """A coordinate search: one weight at a time a step up or down, and half the step where neither helps."""
    chance, steps, least = random.Random(1), dict(first_steps), loss(weights)
    names, left = list(steps), tries
    while left > 0:
        chance.shuffle(names)
        for name in names:
            for sign in (1, -1):
                tried = replace(weights, **{name: round(getattr(weights, name) + sign * steps[name], 4)})
                left -= 1
                found = loss(tried)
                if found < least:
                    weights, least = tried, found
                    break
            else:
                steps[name] /= 2
            if left <= 0:
                break
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every nth line")
    parser.add_argument("--fit", action="store_true", help="fit the weights anew, which takes some minutes")
    arguments = parser.parse_args()
    one_thread()
    lines, recognising = seen(arguments.lines, arguments.every)
    sources = sorted({line.source for line in lines})
    if arguments.fit:
        found = {source: asdict(fitted([line for line in lines if line.source == source])) for source in sources}
        KEPT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    table(lines, kept_weights())
    print(f"the recogniser alone {1000 * recognising:.1f} ms a line")


def kept_weights() -> dict[str, Weights]:
    """The weights that were fitted on each text."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return {source: Weights(**{**found, "case": CaseWeights(**found["case"])}) for source, found in kept.items()}


def weights_for(source: str) -> Weights:
    """Weights that were not fitted on that text."""
    return next((weights for name, weights in kept_weights().items() if name != source), Weights())


def table(lines: Sequence[Seen], kept: dict[str, Weights]) -> None:
    """Prints the errors of each text, read with the weights of the other."""
    print(f"{'':22}{'lines':>6}{'raw CER/WER':>15}{'decoded':>15}{'ratio':>15}{'ms/line':>9}")
    all_raw, all_decoded, spent = Errors(), Errors(), 0.0
    for source in sorted({line.source for line in lines}):
        part = [line for line in lines if line.source == source]
        other = next((weights for name, weights in kept.items() if name != source), Weights())
        raw = raw_errors(part)
        decoded, seconds = decoded_errors(part, make_decoder(weights=other))
        all_raw, all_decoded, spent = all_raw + raw, all_decoded + decoded, spent + seconds * len(part)
        _row(f"{source}, fitted on other", len(part), raw, decoded, seconds)
    _row("both", len(lines), all_raw, all_decoded, spent / max(len(lines), 1))
    shipped, seconds = decoded_errors(lines, make_decoder())
    _row("as shipped", len(lines), all_raw, shipped, seconds)


def _row(name: str, count: int, raw: Errors, decoded: Errors, seconds: float) -> None:
    pairs = [(errors.characters.rate, errors.words.rate) for errors in (raw, decoded)]
    ratios = [after / before if before else 0.0 for before, after in zip(*pairs, strict=True)]
    shown = "".join(f"{100 * c:8.2f} /{100 * w:5.1f}" for c, w in pairs)
    print(f"{name:22}{count:6}{shown}{ratios[0]:8.3f} /{ratios[1]:5.3f}{1000 * seconds:9.1f}", flush=True)


if __name__ == "__main__":
    main()
