"""PP-OCRv6 (small, recogniser only) on onnxruntime: the first reader.

The model lies in rapidocr's wheel (Apache-2.0). Only the file is used: the package's own code loads a second OpenCV and
reports wrong confidences for words.
"""

import unicodedata
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop, LineCrop, inked
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.template import Field
from scan_ingest.errors import SkipError, ToolMissingError
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.capitals import with_beginnings
from scan_ingest.recognisers.ctc import BLANK, SPACE, Decoder, Frames, as_line, greedy, in_latin
from scan_ingest.recognisers.decoding import as_seen, in_another_language, make_decoder
from scan_ingest.recognisers.language import english
from scan_ingest.recognisers.silent import onnxruntime
from scan_ingest.recognisers.tongue import in_english

engine = onnxruntime.capi.onnxruntime_pybind11_state

DISTRIBUTION = "rapidocr"
MODEL_FILE = "PP-OCRv6_rec_small.onnx"
HEIGHT = 48  # pixels; what the model was trained on
MIN_WIDTH = 48  # pixels; a narrower picture has too few frames for one character
MAX_WIDTH = 4800  # pixels; 100 times its height is no line of writing

# What onnxruntime raises where a file is no model, memory runs out, or it cannot compute; they share no base.
ENGINE_ERRORS: tuple[type[Exception], ...] = (
    engine.EPFail,
    engine.Fail,
    engine.InvalidArgument,
    engine.InvalidGraph,
    engine.InvalidProtobuf,
    engine.NoSuchFile,
    engine.NotImplemented,
    engine.RuntimeException,
    MemoryError,
    RuntimeError,
)

# Punctuation that people write; the model's other signs are never meant on a card.
PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[]_|~£€§°½¼¾×÷‘’“”–—…•©®")


def model_path() -> Path:
    """Where the model lies. Raises `ToolMissingError` where rapidocr is not installed or has no such file."""
    try:
        files = distribution(DISTRIBUTION).files or []
    except PackageNotFoundError as exc:
        raise ToolMissingError(f"{MODEL_FILE} is missing: install the Python package {DISTRIBUTION}") from exc
    for file in files:
        if file.name == MODEL_FILE:
            path = Path(str(file.locate()))
            if path.is_file():
                return path
    raise ToolMissingError(f"{MODEL_FILE} is missing from the installed {DISTRIBUTION}: install version 3.10.0 of it")


SHORT = frozenset({"nominee", "role", "ward", "nominator", "date"})
ANSWERS = frozenset({"action", "impact"})
SEVERAL_LINES_MM = 16.0  # a field of another name that is this high holds prose: two lines of 8 mm


def is_prose(field: Field) -> bool:
    """Whether sentences are written there. Names, wards, roles and dates are no language that a model could know."""
    return field.name in ANSWERS or (field.name not in SHORT and field.box_mm.height >= SEVERAL_LINES_MM)


Seer = Callable[[LineCrop], Frames]
"""The model, loaded: from a line to what it sees there. Raises `SkipError` where it fails."""


def pp_ocrv6(prose: Decoder | None = None, short: Decoder | None = None, see: Seer | None = None) -> Recogniser:
    """A recogniser with the model loaded, or with one that is (`see`); `prose` decodes answers in English, `short` the
    fields that are read as seen. What of an answer is in another language is read as seen too.

    Raises `ToolMissingError` where the model is not there or cannot be loaded.
    """
    see = see or seeing()
    decode_prose, decode_short = prose or make_decoder(), short or as_seen()
    decode_foreign, lexicon = in_another_language(), english()[1]

    def recognise(crop: FieldCrop) -> tuple[Line, ...]:
        is_answer = is_prose(crop.field)
        frames = [see(line) for line in crop.lines]
        seen = [greedy(in_latin(one)) for one in frames]
        decoders = [decode_short] * len(seen)
        if is_answer:
            decoders = [decode_prose if it_is else decode_foreign for it_is in in_english(seen, lexicon)]
        read = (
            as_line(decode(one), raw, one, line.box_mm)
            for decode, one, raw, line in zip(decoders, frames, seen, crop.lines, strict=True)
        )
        lines = [line for line in read if line is not None]
        return tuple(with_beginnings(lines) if is_answer else lines)

    return recognise


def seeing() -> Seer:
    """Loads the model.

    Raises `ToolMissingError` where the model is not there or cannot be loaded.
    """
    path = model_path()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the cores are shared out by page
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except ENGINE_ERRORS as exc:
        raise ToolMissingError(f"{path.name} cannot be loaded: reinstall {DISTRIBUTION}") from exc
    source = session.get_inputs()[0].name
    columns, alphabet = latin(session.get_modelmeta().custom_metadata_map["character"].splitlines())

    def see(crop: LineCrop) -> Frames:
        pixels = as_input(crop.picture)
        try:
            probabilities = session.run(None, {source: pixels})[0][0]
        except ENGINE_ERRORS as exc:
            raise SkipError("PP-OCRv6 failed on a line") from exc
        return Frames(probabilities[:, columns], alphabet, gaps(crop.picture, len(probabilities)))

    return see


def latin(characters: list[str]) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """The model's columns to keep, and what they stand for: blank, Latin letters, digits, punctuation and the space.

    `characters` are the model's own, without the blank before and the space after them.
    """
    kept = [(index + 1, character) for index, character in enumerate(characters) if _is_latin(character)]
    indices = [BLANK, *(index for index, _ in kept), len(characters) + 1]
    return np.array(indices), ("", *(character for _, character in kept), SPACE)


def _is_latin(character: str) -> bool:
    if len(character) != 1:
        return False
    if character in PUNCTUATION or character in "0123456789":
        return True
    # Up to Latin Extended-A, and Romanian's comma letters; later ones are phonetic or African and only add misreads.
    return (ord(character) < 0x180 and unicodedata.category(character) in ("Lu", "Ll")) or character in "ȘșȚț"


def as_input(picture: GreyImage) -> NDArray[np.float32]:
    """1 × 3 × 48 × W, from −1 (black) to 1, as the model was trained."""
    height, width = picture.shape
    scaled_width = int(np.clip(round(width * HEIGHT / height), MIN_WIDTH, MAX_WIDTH))
    scaled = cv2.resize(picture, (scaled_width, HEIGHT), interpolation=cv2.INTER_LINEAR)
    plane = scaled.astype(np.float32) / 127.5 - 1.0
    return np.ascontiguousarray(np.broadcast_to(plane, (1, 3, *plane.shape)))


CORE_HEIGHTS = 4.0  # a line's picture is its text core and 1.5 core heights above and below (lines.py)


def gaps(picture: GreyImage, frame_count: int) -> NDArray[np.float32]:
    """For each frame, the width of the stretch without ink that it lies in, in core heights; 0 where there is ink."""
    height, width = picture.shape
    columns = inked(picture).any(axis=0)
    changes = np.flatnonzero(np.diff(np.concatenate([[True], columns, [True]]).astype(np.int8)))
    widths = np.zeros(width, dtype=np.float32)
    for start, end in zip(changes[::2], changes[1::2], strict=True):
        widths[start:end] = (end - start) * CORE_HEIGHTS / height
    edges = np.linspace(0, width, frame_count + 1).astype(int)
    return np.array(
        [widths[a : max(b, a + 1)].max(initial=0.0) for a, b in pairwise(edges)],
        dtype=np.float32,
    )
