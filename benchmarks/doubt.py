"""How far the probabilities of words can be believed, and what flags catch.

    python benchmarks/doubt.py [--lines lines.tsv] [--no-sample]

The set is that of `reading.py`, each text decoded with weights that were fitted on the other; short fields are also
invented ones in handwriting fonts. With `--lines` every word is judged by weights that were fitted on other writers and
fonts, then on the other text and names of other origins; `trust.py` fits those that ship. The sample batch is read as
`ingest` reads it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.trust import fitted, reach
from benchmarks.words import LINES, NAMES, SHORT_WORDS, Numbers, Seen, Words, answers, fields_seen, seen, short_words
from benchmarks.written import readings_of_card, written
from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.accuracy import judged_words
from scan_ingest.domain.calibration import expected_calibration_error, reliability
from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.page import Page
from scan_ingest.domain.template import FieldKind
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.ports.pages import Limits
from scan_ingest.ports.reading import Recogniser
from scan_ingest.sources.open import pages_of
from scan_ingest.stages.reading.opinion import UNSURE_BELOW
from scan_ingest.stages.reading.signs import log_odds
from scan_ingest.templates import shipped_templates

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
FLAGGED = 0.3  # of the words: the share at which flags are judged
FOLDS = 8  # of writers


def across(words: Words, groups: NDArray[np.str_], kind: str, *, asked: bool = False) -> Numbers:
    """For each word the probability that it is right, by weights fitted without any of its group."""
    kinds = np.unique(groups)
    np.random.default_rng(0).shuffle(kinds)
    right = np.zeros(len(words.wrong))
    for fold in range(min(FOLDS, len(kinds))):
        tested = np.isin(groups, kinds[fold::FOLDS] if len(kinds) > FOLDS else kinds[fold : fold + 1])
        right[tested] = fitted(words.only(~tested), kind, asked=asked)(words.signs[tested], NAMES)
    return right


def calibration_error(right: Numbers, wrong: Numbers) -> float:
    bins = reliability((float(p), not bad) for p, bad in zip(right, wrong, strict=True))
    return expected_calibration_error(bins) or 0.0


def caught(right: Numbers, wrong: Numbers, share: float = FLAGGED) -> float:
    """How many of the wrong words lie among that share of the words with the lowest probability."""
    order = np.argsort(right, kind="stable")[: round(share * len(right))]
    return float(wrong[order].sum() / max(wrong.sum(), 1))


def report(title: str, words: Words, kind: str) -> None:
    print(f"\n{title}: {len(words.wrong)} words, {100 * words.wrong.mean():.1f} % wrong\n")
    print(f"{'':34}{'ECE':>7}{'caught at 30 %':>16}{f'flagged below {UNSURE_BELOW}':>20}{'caught':>8}{'asked':>8}")
    _row("the recogniser's own confidence", words.confidence, words.wrong)
    for groups, name in ((words.writers, "other writers"), (words.sources, "other texts")):
        before, after = across(words, groups, kind), across(words, groups, kind, asked=True)
        near = np.abs([log_odds(p) - log_odds(UNSURE_BELOW) for p in before]) <= reach(before, after)
        asked = np.isin(words.lines, words.lines[near])
        for which, right, share in (
            ("alone", before, 0.0),
            ("Tesseract asked always", after, 1.0),
            ("where it may count", np.where(asked, after, before), len(set(words.lines[near])) / len(set(words.lines))),
        ):
            _row(f"{name}: {which}", right, words.wrong, share)


def _row(name: str, right: Numbers, wrong: Numbers, asked: float = 0.0) -> None:
    print(f"{name:34}{_judged(right, wrong)}{100 * asked:7.0f}%", flush=True)


def _judged(right: Numbers, wrong: Numbers) -> str:
    """Calibration error, what the least sure catch, how many are flagged and what that catches."""
    flagged = right < UNSURE_BELOW
    caught_there = float(wrong[flagged].sum() / max(wrong.sum(), 1))
    return (
        f"{calibration_error(right, wrong):7.3f}{100 * caught(right, wrong):15.1f}%"
        f"{100 * flagged.mean():19.1f}%{100 * caught_there:7.1f}%"
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


def of_lines(paragraphs: Sequence[Seen]) -> None:
    """The report on a set, as answers and, beside invented short fields, as short fields."""
    count = sum(len(paragraph.true) for paragraph in paragraphs)
    report(f"{count} lines, decoded", answers(paragraphs), "prose")
    fields = list(fields_seen())
    words = short_words([*paragraphs, *fields])
    title = f"short fields, as seen: {count} lines in pieces of {SHORT_WORDS} words, {len(fields)} invented fields"
    report(title, words, "short")
    by_field(words)


def by_field(words: Words) -> None:
    """What the flags of short fields catch, each kind of field on its own, by weights fitted on other writers."""
    right = across(words, words.writers, "short")
    invented = words.fields != LINES
    parts = {"lines": ~invented, "invented fields": invented}
    parts |= {f"  {field}": words.fields == field for field in dict.fromkeys(words.fields[invented].tolist())}
    print(
        f"\n{'':18}{'words':>8}{'wrong':>8}{'ECE':>7}{'caught at 30 %':>16}"
        f"{f'flagged below {UNSURE_BELOW}':>20}{'caught':>8}"
    )
    for name, part in parts.items():
        print(f"{name:18}{part.sum():8}{100 * words.wrong[part].mean():7.1f}%{_judged(right[part], words.wrong[part])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, help="a set of written lines")
    parser.add_argument("--no-sample", action="store_true", help="leave the sample batch out")
    arguments = parser.parse_args()
    one_thread()
    if arguments.lines:
        of_lines(list(seen(written(arguments.lines))))
    if not arguments.no_sample:
        of_sample()


if __name__ == "__main__":
    main()
