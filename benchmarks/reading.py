"""Every figure of how well the pipeline reads, in one run.

    python benchmarks/reading.py [--lines lines.tsv --pages pages.tsv] [--every 1] [--only lines,cards]

A set is a tab-separated file of picture path (from the file's folder), writer, true text: `--lines` one written line
each, `--pages` whole paragraphs by the same people. Without sets only what needs none: the short fields of invented
cards, sentences in other languages than English, and the sample batch. With `--every n` every nth line and every nth
writer's paragraph. Strict counts every character; loose ignores case, punctuation and the width of spaces.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cards' printing press and scanner lie among the tests

from benchmarks import cards, cutting, decoding, doubt, engines, letters, short_fields, stamped, words
from benchmarks.written import Written, one_line, readings_of_card, written
from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.accuracy import NO_ERRORS, ErrorCount, character_errors, word_errors
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.page import Page
from scan_ingest.domain.template import FieldKind
from scan_ingest.pipeline.walk import Reader
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.ports.pages import Limits
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.sources.open import pages_of
from scan_ingest.stages.reading.opinion import read_text
from scan_ingest.templates import shipped_templates

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
ANSWERS = ("action", "impact")
INVENTED_CARDS = 3000
ENGINES_EVERY = 3  # of the lines, for the recogniser run in other ways


@dataclass(frozen=True)
class Sets:
    """What was given on the command line: every nth line, every nth paragraph, and all lines."""

    file: Path
    all_lines: Sequence[Written]
    lines: Sequence[Written]
    pages: Sequence[Written]
    every: int


@dataclass(frozen=True)
class Score:
    """Errors of many texts, and how long reading them took."""

    strict: ErrorCount = NO_ERRORS
    strict_words: ErrorCount = NO_ERRORS
    loose: ErrorCount = NO_ERRORS
    loose_words: ErrorCount = NO_ERRORS
    texts: int = 0
    seconds: float = 0.0

    def with_text(self, true: str, read: str, seconds: float = 0.0) -> "Score":
        plain_true, plain_read = plain(true), plain(read)
        return Score(
            self.strict + character_errors(true, read),
            self.strict_words + word_errors(true, read),
            self.loose + character_errors(plain_true, plain_read),
            self.loose_words + word_errors(plain_true, plain_read),
            self.texts + 1,
            self.seconds + seconds,
        )


def plain(text: str) -> str:
    """Without case and punctuation."""
    return " ".join("".join(c for c in text.casefold() if c.isalnum() or c.isspace()).split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, help="a set of written lines")
    parser.add_argument("--pages", type=Path, help="a set of written paragraphs by the same people")
    parser.add_argument("--every", type=int, default=1, help="take every nth entry of a set")
    parser.add_argument("--only", help=f"sections, by comma: {', '.join([*OF_SETS, *OF_THEMSELVES])}")
    arguments = parser.parse_args()
    if bool(arguments.lines) != bool(arguments.pages):
        parser.error("--lines and --pages go together")
    wanted = arguments.only.split(",") if arguments.only else [*OF_SETS, *OF_THEMSELVES]
    if unknown := set(wanted) - {*OF_SETS, *OF_THEMSELVES}:
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join([*OF_SETS, *OF_THEMSELVES])}")
    one_thread()
    if arguments.lines:
        every, lines = arguments.every, list(written(arguments.lines))
        sets = Sets(arguments.lines, lines, lines[::every], list(written(arguments.pages))[::every], every)
        for name in wanted:
            if name in OF_SETS:
                OF_SETS[name](sets)
    for name in wanted:
        if name in OF_THEMSELVES:
            OF_THEMSELVES[name]()


# -- sections ------------------------------------------------------------------------------------------------------


def lines_section(sets: Sets) -> None:
    _table(f"{len(sets.lines)} written lines, each on its own", of_lines(sets.lines))


def paragraphs_section(sets: Sets) -> None:
    cutting.paragraphs(sets.all_lines, sets.pages, cutting.Readers.of(sets.all_lines))


def conditions_section(sets: Sets) -> None:
    cutting.conditions(sets.all_lines, sets.pages, cutting.Readers.of(sets.all_lines))


def ruled_section(sets: Sets) -> None:
    cutting.ruled(sets.lines, cutting.Readers.of(sets.all_lines))


def decoding_section(sets: Sets) -> None:
    print(f"\n{len(sets.lines)} lines, decoded with weights that were fitted on the other text\n")
    seen, _ = decoding.seen(sets.file, sets.every)
    decoding.table(seen, decoding.kept_weights())


def doubt_section(sets: Sets) -> None:
    doubt.of_lines(list(words.seen(sets.lines)))


def cards_section(sets: Sets) -> None:
    cards.report(sets.all_lines, sets.pages)


def stamps_section(sets: Sets) -> None:
    stamped.report(sets.all_lines, sets.pages)


def speed_section(sets: Sets) -> None:
    cutting.speed(sets.pages)
    engines.report(sets.lines[::ENGINES_EVERY], sets.pages)


def short_section() -> None:
    short_fields.figures(INVENTED_CARDS)


def sample_section() -> None:
    _table("the sample batch", of_sample(make_reader(shipped_templates())))
    doubt.of_sample()


OF_SETS: dict[str, Callable[[Sets], None]] = {
    "lines": lines_section,
    "paragraphs": paragraphs_section,
    "conditions": conditions_section,
    "ruled": ruled_section,
    "decoding": decoding_section,
    "doubt": doubt_section,
    "cards": cards_section,
    "stamps": stamps_section,
    "speed": speed_section,
}
OF_THEMSELVES: dict[str, Callable[[], None]] = {
    "short": short_section,
    "letters": letters.report,
    "sample": sample_section,
}


# -- lines ---------------------------------------------------------------------------------------------------------


def of_lines(lines: Sequence[Written]) -> dict[str, Score]:
    """The scores of PP-OCRv6 as it sees, of Tesseract, and of the pipeline: decoded, both weighed."""
    scores: dict[str, Score] = defaultdict(Score)
    primary, second = RECOGNISERS["pp-ocrv6"](), RECOGNISERS["tesseract"]()
    readers: dict[str, Callable[[FieldCrop], str]] = {
        "pp-ocrv6, raw": lambda crop: " ".join(line.raw for line in primary(crop)),
        "tesseract": lambda crop: " ".join(line.text for line in second(crop)),
        "pipeline": lambda crop: " ".join(line.text for line in read_text(crop, primary, second).lines),
    }
    for line in lines:
        crop = one_line(line.picture)
        for name, read in readers.items():
            start = time.perf_counter()
            found = read(crop)
            scores[name] = scores[name].with_text(line.text, found, time.perf_counter() - start)
    return scores


# -- the sample batch ----------------------------------------------------------------------------------------------


def of_sample(reader: Reader) -> dict[str, Score]:
    """Answers, short fields, ticks and codes, read through the whole pipeline."""
    truths = [json.loads(row) for row in (SAMPLE / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    scores: dict[str, Score] = defaultdict(Score)
    pages = {
        (file.name, page.ref.number): page
        for file in sorted({SAMPLE / page["file"] for truth in truths for page in truth["pages"]})
        for page in pages_of(file, file.name, "0" * 64, Limits(), ())
        if isinstance(page, Page)
    }
    for truth in truths:
        template = reader.templates[truth["template"]]
        start = time.perf_counter()
        readings = readings_of_card([pages[page["file"], page["page"]] for page in truth["pages"]], template.id, reader)
        taken = time.perf_counter() - start
        scores["whole cards"] = scores["whole cards"].with_text("", "", taken)
        for name, text in truth["fields"].items():
            read = readings[name].text.replace("\n", " ") if name in readings else ""
            kind = template.field(name).kind
            group = "answers" if name in ANSWERS else "short fields" if kind is FieldKind.TEXT else f"{kind}s"
            scores[group] = scores[group].with_text(text, read)
            if read != text:
                print(f"  {truth['pages'][0]['file']}#{truth['pages'][0]['page']} {name}: {read!r} for {text!r}")
    return scores


def _table(title: str, scores: dict[str, Score]) -> None:
    print(f"\n{title}\n")
    print(f"{'':16}{'texts':>7}{'CER':>8}{'WER':>8}{'CER loose':>11}{'WER loose':>11}{'s/text':>9}")
    for name, score in scores.items():
        rates = (score.strict.rate, score.strict_words.rate, score.loose.rate, score.loose_words.rate)
        shown = "".join(f"{100 * rate:{width}.2f}" for rate, width in zip(rates, (8, 8, 11, 11), strict=True))
        print(f"{name:16}{score.texts:7}{shown} {score.seconds / max(score.texts, 1):8.3f}")
    print(flush=True)


if __name__ == "__main__":
    main()
