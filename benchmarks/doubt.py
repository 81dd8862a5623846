"""How far the probabilities of words can be believed, and what flags catch; and the fit that they come from.

    python benchmarks/doubt.py [--lines lines.tsv] [--fit] [--no-sample]

The set is that of `reading.py`, each text decoded with weights that were fitted on the other. With `--lines` every word
is judged by weights that were fitted on other writers, then on the other text. `--fit` fits on all of it and writes
the table that ships. A word is wrong where the true text has not the very same there, and where one beside it is
missing; block capitals are right where the cards' convention, the case as written, has them. The sample batch is
read as `ingest` reads it.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.decoding import weights_for
from benchmarks.written import Written, one_line, readings_of_card, written
from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.accuracy import aligned, judged_words
from scan_ingest.domain.calibration import expected_calibration_error, reliability
from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop, LineCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.page import Page
from scan_ingest.domain.template import FieldKind
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.ports.pages import Limits
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ctc import Decoder, Frames, as_line, greedy, in_latin
from scan_ingest.recognisers.decoding import as_seen, make_decoder
from scan_ingest.recognisers.ppocr import seeing
from scan_ingest.recognisers.tesseract import tesseract
from scan_ingest.sources import pages_of
from scan_ingest.stages.opinion import UNSURE_BELOW
from scan_ingest.stages.signs import OF_READING, OF_SECOND, log_odds, of_reading, of_second
from scan_ingest.stages.trust import TABLE, Trust, Weight
from scan_ingest.templates import shipped_templates

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
SHORT_WORDS = 3  # a short field has about as many
FLAGGED = 0.3  # of the words: the share at which flags are judged
FOLDS = 8  # of writers
RIDGE = 30.0  # of standardised weights: least errors of calibration on another text, and as many caught as with less
MOVES = 25  # per cent of words that a second opinion moves by no more than the reach: asking about more gains nothing

BENDS: Mapping[str, tuple[float, ...]] = {
    "posterior": (-2, 0, 2, 4),
    "mean": (1, 2, 3, 4),
    "lowest": (-2, 0, 2),
    "language": (-3, -2, -1),
    "changed": (1, 2),
    "line_mean": (2, 3, 4),
    "field_mean": (2, 3, 4),
    "long": (1, 2),
}
# Nothing that a model of English says, and nothing of sentences.
OF_SHORT = ("posterior", "mean", "lowest", "short", "long", "digits", "mixed", "signs_only", "mark_inside",
            "others", "line_posterior", "line_mean", "beside", "narrow", "wide", "gap_inside", "gap_beside",
            "stray")  # fmt: skip

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Seen:
    """The lines of one paragraph as both recognisers saw them, and their true texts."""

    writer: str
    source: str
    strips: tuple[LineCrop, ...]
    frames: tuple[Frames, ...]
    other: tuple[Line, ...]
    true: tuple[str, ...]


def seen(entries: Sequence[Written]) -> Iterator[Seen]:
    """The lines of a set, put back together as the paragraphs they come from."""
    see, second = seeing(), tesseract()
    for (writer, source), group in groupby(entries, key=lambda entry: (entry.writer, entry.source)):
        lines = list(group)
        crops = [one_line(line.picture) for line in lines]
        strips, top = [], 0.0
        for (strip,) in (crop.lines for crop in crops):
            strips.append(replace(strip, box_mm=replace(strip.box_mm, y=top)))
            top += strip.box_mm.height
        field = replace(crops[0], lines=tuple(strips))
        true = tuple(line.text for line in lines)
        yield Seen(writer, source, field.lines, tuple(map(see, strips)), second(field), true)


@dataclass(frozen=True, eq=False)
class Words:
    """Every word of a set: its signs, whether it is wrong, who wrote it, which text and which line it is of."""

    signs: Numbers
    wrong: Numbers
    writers: NDArray[np.str_]
    sources: NDArray[np.str_]
    lines: NDArray[np.int64]
    confidence: Numbers


NAMES = OF_READING + OF_SECOND


def words_of(paragraphs: Sequence[Seen], decoders: Mapping[str, Decoder], *, short: bool) -> Words:
    """The words as those decoders (by the text that they may not know) read them; `short` in pieces of a few words."""
    signs: list[Numbers] = []
    rows: list[tuple[float, str, str, int, float]] = []
    for paragraph in paragraphs:
        lines: list[Line] = []
        wrong: list[bool] = []
        for strip, frames, true in zip(paragraph.strips, paragraph.frames, paragraph.true, strict=True):
            decode = decoders[paragraph.source]
            line = as_line(decode(frames), greedy(in_latin(frames)), frames, strip.box_mm)
            if line is not None:
                lines.append(line)
                wrong += wrong_words([word.text for word in line.words], true.split())
        heard = of_second(lines, paragraph.other)
        if short:
            pieces = [piece for line in lines for piece in _pieces(line, paragraph.strips)]
            own = np.concatenate([of_reading([line], [strip]) for line, strip in pieces])
        else:
            own = of_reading(lines, paragraph.strips)
        signs.append(np.concatenate([own, heard], axis=1))
        first = rows[-1][3] + 1 if rows else 0
        words = [(at, word) for at, line in enumerate(lines, start=first) for word in line.words]
        rows += [
            (float(bad), paragraph.writer, paragraph.source, at, word.confidence)
            for (at, word), bad in zip(words, wrong, strict=True)
        ]
    wrongs, writers, sources, numbers, confidences = zip(*rows, strict=True)
    return Words(
        np.concatenate(signs),
        np.array(wrongs),
        np.array(writers),
        np.array(sources),
        np.array(numbers),
        np.array(confidences),
    )


BLOCK = 0.7  # of a line's letters are capitals where somebody writes in block capitals
FEWEST_LETTERS = 5


def in_block_capitals(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= FEWEST_LETTERS and sum(map(str.isupper, letters)) > BLOCK * len(letters)


def wrong_words(read: Sequence[str], true: Sequence[str]) -> list[bool]:
    """Which of the read words are wrong; one that is missing is charged to a word beside it that is right.

    Who copies a text in block capitals writes no other case, and the cards' texts keep the case that was written: such
    a line is held against the text in capitals.
    """
    if in_block_capitals(" ".join(read)):
        read, true = [word.upper() for word in read], [word.upper() for word in true]
    pairs = aligned(read, true)
    wrong = [True] * len(read)
    for source, target in pairs:
        if source is not None and target is not None:
            wrong[source] = read[source] != true[target]
    for at, (source, _) in enumerate(pairs):
        beside = [pairs[near][0] for near in (at - 1, at + 1) if 0 <= near < len(pairs)]
        there = [near for near in beside if near is not None]
        if source is None and there and not any(wrong[near] for near in there):
            wrong[there[0]] = True
    return wrong


def _pieces(line: Line, strips: Sequence[LineCrop]) -> Iterator[tuple[Line, LineCrop]]:
    """A line in pieces of a few words, each with its part of the picture, as if written in a short field."""
    (strip,) = (strip for strip in strips if strip.box_mm == line.box_mm)
    px = strip.picture.shape[1] / strip.box_mm.width
    left = strip.box_mm.x
    for start in range(0, len(line.words), SHORT_WORDS):
        words = line.words[start : start + SHORT_WORDS]
        after = line.words[start + SHORT_WORDS : start + SHORT_WORDS + 1]
        right = (words[-1].box_mm.right + after[0].box_mm.x) / 2 if after else strip.box_mm.right
        right = max(right, left + 1.0)
        columns = slice(round((left - strip.box_mm.x) * px), max(round((right - strip.box_mm.x) * px), 1))
        box = BoxMm(left, strip.box_mm.y, right - left, strip.box_mm.height)
        text = " ".join(word.text for word in words)
        yield Line(text, text, line.confidence, box, words), LineCrop(strip.picture[:, columns], box)
        left = right


# -- the fit -------------------------------------------------------------------------------------------------------


def fitted(signs: Numbers, wrong: Numbers, names: Sequence[str]) -> Trust:
    """Logistic regression with a ridge on standardised signs, by Newton's method."""
    columns, owners = [], []
    for name in names:
        values = signs[:, NAMES.index(name)]
        if values.std() < 1e-6:
            continue
        for place in (None, *BENDS.get(name, ())):
            column = values if place is None else np.maximum(values - place, 0.0)
            if column.std() > 1e-6:
                columns.append(column)
                owners.append((name, place))
    raw = np.stack(columns, axis=1)
    means, spreads = raw.mean(axis=0), raw.std(axis=0)
    design = np.concatenate([np.ones((len(raw), 1)), (raw - means) / spreads], axis=1)
    ridge = np.diag([0.0, *[RIDGE] * raw.shape[1]])
    found = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-design @ found))
        slope = design.T @ (p - (1.0 - wrong)) + ridge @ found
        bend = (design * (p * (1.0 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(bend, slope)
        found -= step
        if np.abs(step).max() < 1e-7:
            break
    slopes = found[1:] / spreads
    weights = []
    for name in dict.fromkeys(name for name, _ in owners):
        values = signs[:, NAMES.index(name)]
        own = {place: float(slope) for (owner, place), slope in zip(owners, slopes, strict=True) if owner == name}
        bends = tuple((place, round(slope, 4)) for place, slope in own.items() if place is not None)
        low, high = np.percentile(values, (0.1, 99.9))
        if low == high:  # seldom anything but one value
            low, high = values.min(), values.max()
        weights.append(Weight(name, round(float(low), 4), round(float(high), 4), round(own.get(None, 0.0), 4), bends))
    return Trust(round(float(found[0] - slopes @ means), 4), tuple(weights))


def as_kept(trust: Trust) -> dict[str, object]:
    return {
        "bias": trust.bias,
        "weights": {
            one.sign: {"low": one.low, "high": one.high, "slope": one.slope, "bends": one.bends}
            for one in trust.weights
        },
    }


def reach(alone: Numbers, asked: Numbers) -> float:
    """How far (in log odds) a second opinion moves most words."""
    moved = [abs(log_odds(after) - log_odds(before)) for before, after in zip(alone, asked, strict=True)]
    return round(float(np.percentile(moved, MOVES)), 3)


def fit(words: Words, alone: Sequence[str]) -> dict[str, object]:
    trusts = fitted(words.signs, words.wrong, alone), fitted(words.signs, words.wrong, (*alone, *OF_SECOND))
    before, after = (trust(words.signs, NAMES) for trust in trusts)
    return {"reach": reach(before, after), "alone": as_kept(trusts[0]), "asked": as_kept(trusts[1])}


# -- the report ----------------------------------------------------------------------------------------------------


def across(words: Words, groups: NDArray[np.str_], names: Sequence[str]) -> Numbers:
    """For each word the probability that it is right, by weights fitted without any of its group."""
    kinds = np.unique(groups)
    np.random.default_rng(0).shuffle(kinds)
    right = np.zeros(len(words.wrong))
    for fold in range(min(FOLDS, len(kinds))):
        tested = np.isin(groups, kinds[fold::FOLDS] if len(kinds) > FOLDS else kinds[fold : fold + 1])
        right[tested] = fitted(words.signs[~tested], words.wrong[~tested], names)(words.signs[tested], NAMES)
    return right


def calibration_error(right: Numbers, wrong: Numbers) -> float:
    bins = reliability((float(p), not bad) for p, bad in zip(right, wrong, strict=True))
    return expected_calibration_error(bins) or 0.0


def caught(right: Numbers, wrong: Numbers, share: float = FLAGGED) -> float:
    """How many of the wrong words lie among that share of the words with the lowest probability."""
    order = np.argsort(right, kind="stable")[: round(share * len(right))]
    return float(wrong[order].sum() / max(wrong.sum(), 1))


def report(title: str, words: Words, alone: Sequence[str]) -> None:
    print(f"\n{title}: {len(words.wrong)} words, {100 * words.wrong.mean():.1f} % wrong\n")
    print(f"{'':34}{'ECE':>7}{'caught at 30 %':>16}{f'flagged below {UNSURE_BELOW}':>20}{'caught':>8}{'asked':>8}")
    _row("the recogniser's own confidence", words.confidence, words.wrong)
    for groups, name in ((words.writers, "other writers"), (words.sources, "the other text")):
        before, after = across(words, groups, alone), across(words, groups, (*alone, *OF_SECOND))
        near = np.abs([log_odds(p) - log_odds(UNSURE_BELOW) for p in before]) <= reach(before, after)
        asked = np.isin(words.lines, words.lines[near])
        for kind, right, share in (
            ("alone", before, 0.0),
            ("Tesseract asked always", after, 1.0),
            ("where it may count", np.where(asked, after, before), len(set(words.lines[near])) / len(set(words.lines))),
        ):
            _row(f"{name}: {kind}", right, words.wrong, share)


def _row(name: str, right: Numbers, wrong: Numbers, asked: float = 0.0) -> None:
    flagged = right < UNSURE_BELOW
    caught_there = float(wrong[flagged].sum() / max(wrong.sum(), 1))
    print(
        f"{name:34}{calibration_error(right, wrong):7.3f}{100 * caught(right, wrong):15.1f}%"
        f"{100 * flagged.mean():19.1f}%{100 * caught_there:7.1f}%{100 * asked:7.0f}%",
        flush=True,
    )


def of_sample() -> None:
    """What is flagged in the sample batch, of which words are wrong, and how often Tesseract was asked."""
    reader = make_reader(shipped_templates())
    asked: list[int] = []
    second = reader.second_opinion

    def counted(crop: FieldCrop) -> tuple[Line, ...]:
        asked.append(len(crop.lines))
        assert second is not None
        return second(crop)

    counting: Recogniser = counted
    reader = replace(reader, second_opinion=counting)
    truths = [json.loads(row) for row in (SAMPLE / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    pages = {
        (file.name, page.ref.number): page
        for file in sorted({SAMPLE / page["file"] for truth in truths for page in truth["pages"]})
        for page in pages_of(file, file.name, "0" * 64, Limits(), ())
        if isinstance(page, Page)
    }
    line_count = 0
    judged: list[tuple[float, bool, bool]] = []  # probability, flagged, wrong
    for truth in truths:
        template = reader.templates[truth["template"]]
        readings = readings_of_card([pages[page["file"], page["page"]] for page in truth["pages"]], template.id, reader)
        for name, text in truth["fields"].items():
            if name in readings and template.field(name).kind is FieldKind.TEXT:
                line_count += len(readings[name].lines)
                for word, right in judged_words(readings[name], text):
                    judged.append((word.confidence, bool(word.doubt), not right))
    right, flags, wrong = (np.array(column, dtype=np.float64) for column in zip(*judged, strict=True))
    print(
        f"\nthe sample batch: {len(wrong)} words, {int(wrong.sum())} wrong, {100 * flags.mean():.1f} % flagged, "
        f"{int((flags * wrong).sum())} of the wrong ones; ECE {calibration_error(right, wrong):.3f}; "
        f"Tesseract asked {len(asked)} times about {sum(asked)} of {line_count} lines"
    )


def of_lines(paragraphs: Sequence[Seen], *, keep: bool = False) -> None:
    """The report on a set, or with `keep` the fit on all of it, written to the table that ships."""
    sources = sorted({paragraph.source for paragraph in paragraphs})
    prose = {source: make_decoder(weights=weights_for(source)) for source in sources}
    plain = as_seen()
    kinds: dict[str, tuple[Words, Sequence[str]]] = {
        "prose": (words_of(paragraphs, prose, short=False), OF_READING),
        "short": (words_of(paragraphs, dict.fromkeys(sources, plain), short=True), OF_SHORT),
    }
    if keep:
        found = {kind: fit(words, alone) for kind, (words, alone) in kinds.items()}
        TABLE.write_text(_as_table(found), encoding="utf-8")
        print(f"written: {TABLE.name}")
        return
    titles: Mapping[str, Callable[[int], str]] = {
        "prose": lambda count: f"{count} lines, decoded",
        "short": lambda count: f"{count} lines as seen, in pieces of {SHORT_WORDS} words, as in short fields",
    }
    count = sum(len(paragraph.true) for paragraph in paragraphs)
    for kind, (words, alone) in kinds.items():
        report(titles[kind](count), words, alone)


def _as_table(found: Mapping[str, object]) -> str:
    """JSON with a sign a line."""
    text = json.dumps(found, indent=1)
    text = re.sub(r"\n {5,}", " ", text)
    return re.sub(r"\n {4}\}", " }", text) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, help="a set of written lines")
    parser.add_argument("--fit", action="store_true", help="fit on all of the lines and write the table that ships")
    parser.add_argument("--no-sample", action="store_true", help="leave the sample batch out")
    arguments = parser.parse_args()
    one_thread()
    if arguments.lines:
        of_lines(list(seen(list(written(arguments.lines)))), keep=arguments.fit)
    if not (arguments.no_sample or arguments.fit):
        of_sample()


if __name__ == "__main__":
    main()
