"""The reader once more, for `learn`: answers read from kept pictures with one vocabulary and with another."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from math import exp
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from scan_ingest.domain.crop import FieldCrop
from scan_ingest.learning.again import Pictures, cut_again
from scan_ingest.learning.lessons import PROSE, Lesson
from scan_ingest.learning.vocabulary import Language
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.recognisers.ctc import Decoder, Frames, WordSeen
from scan_ingest.recognisers.decoding import make_decoder
from scan_ingest.recognisers.language import english, plain
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.templates import load_templates

CARDS = 60  # with five lines each 300 lines, about a minute


@contextmanager
def reading_again(desk: Pictures, templates: Path) -> Iterator[Language]:
    """The language of the shipped reader, with a progress bar on standard error while cards are read again."""
    one_thread()
    by_id = {template.id: template for template in load_templates(templates, ())}
    _, lexicon = english()
    seen: list[Frames] = []
    decoders = lru_cache(maxsize=2)(lambda words: make_decoder(dict(words)))  # the shipped one, and a fold's

    def share(word: str) -> float | None:
        known = lexicon.log_p("".join(map(plain, word)).removesuffix("'s"))
        return None if known is None else exp(known)

    def keep(frames: Frames) -> tuple[WordSeen, ...]:
        seen.append(frames)
        return ()

    recogniser = cache(lambda: pp_ocrv6(keep))  # loaded only where there are words to try

    def frames_of(crop: FieldCrop) -> tuple[Frames, ...]:
        seen.clear()
        recogniser()(crop)
        return tuple(seen)

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading answers again", total=CARDS, visible=False)

        def read_again(lesson: Lesson, vocabularies: Sequence[Mapping[str, int]]) -> Sequence[Mapping[str, str]]:
            progress.update(task, advance=1, visible=True)
            template = by_id.get(lesson.template_id)
            wanted = {name: lesson.texts[name] for name in PROSE if lesson.texts.get(name)}
            crops = cut_again(desk, lesson.card_id, template, wanted) if template else ()
            answers = {crop.field.name: frames_of(crop) for crop in crops}
            return [
                {
                    name: " ".join(_text(decoders(tuple(words.items())), line) for line in lines)
                    for name, lines in answers.items()
                }
                for words in vocabularies
            ]

        yield Language(share, read_again, CARDS)


def _text(decode: Decoder, line: Frames) -> str:
    return " ".join(word.text for word in decode(line))
