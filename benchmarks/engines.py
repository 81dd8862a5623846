"""Other ways to run the recogniser beside the one that is used, on the same lines in turns; and what keeping saves.

    python benchmarks/engines.py --lines lines.tsv --pages pages.tsv [--every 4]

The last layer cut down to the Latin columns, eight-bit numbers, OpenVINO: each with its share of the time of the model
as it is, and the errors of what it reads. The first two are made here from the model's file with `onnx`. Where that or
`openvino` is not installed (`pip install -e .[bench]`), the row says so.
"""

import logging
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cards' printing press and scanner lie among the tests

import numpy as np
from numpy.typing import NDArray

from benchmarks.written import Written, one_line, sets_asked_for
from scan_ingest.domain.accuracy import NO_ERRORS, ErrorCount, character_errors
from scan_ingest.domain.crop import LineCrop
from scan_ingest.recognisers.ctc import Frames, greedy, in_latin, outside_by_frame, text_of
from scan_ingest.recognisers.decoding import make_decoder
from scan_ingest.recognisers.language import english
from scan_ingest.recognisers.ppocr import as_input, gaps, latin, model_path
from scan_ingest.recognisers.silent import onnxruntime
from scan_ingest.stages.cleaning.ink import clean

WARMING = 3  # lines that each engine sees before the clock runs
LEARNED_FROM = 48  # lines at most that tell the ranges of eight-bit numbers; they are not measured
TURNS = 20  # of starting the model, of cleaning a side

Pixels = NDArray[np.float32]
Run = Callable[[Pixels], NDArray[np.float32]]
"""From 1 × 3 × 48 × W to T × K probabilities."""


@dataclass(frozen=True, eq=False)
class Engine:
    """A way to run the model; `columns` are those of its answer that are Latin, None where it has no others."""

    run: Run
    columns: NDArray[np.intp] | None

    def see(self, crop: LineCrop, alphabet: tuple[str, ...]) -> Frames:
        found = self.run(as_input(crop.picture))
        kept = found if self.columns is None else found[:, self.columns]
        return Frames(kept, alphabet, gaps(crop.picture, len(found)))


def main() -> None:
    lines, pages, every = sets_asked_for(__doc__, 4, "line")
    report(lines[::every], pages)


def report(lines: Sequence[Written], pages: Sequence[Written]) -> None:
    """Prints both tables."""
    crops = [(line.text, crop) for line in lines for crop in one_line(line.picture).lines]
    with tempfile.TemporaryDirectory() as scratch:
        learned_from = min(LEARNED_FROM, len(crops) // 3)
        compared(crops[learned_from:], dict(engines(crops[:learned_from], Path(scratch))))
        kept([crop for _, crop in crops], pages[0], Path(scratch))


def compared(crops: Sequence[tuple[str, LineCrop]], by_name: Mapping[str, Engine | str]) -> None:
    alphabet, decode = _latin()[1], make_decoder()
    spent: dict[str, float] = defaultdict(float)
    raw: dict[str, ErrorCount] = defaultdict(lambda: NO_ERRORS)
    decoded: dict[str, ErrorCount] = defaultdict(lambda: NO_ERRORS)
    told: dict[str, list[float]] = defaultdict(list)
    present = {name: engine for name, engine in by_name.items() if isinstance(engine, Engine)}
    for number, (true, crop) in enumerate([*crops[:WARMING], *crops]):
        for name, engine in present.items():
            start = time.process_time()  # of all threads: OpenVINO has its own
            frames = engine.see(crop, alphabet)
            taken = time.process_time() - start
            if number >= WARMING:
                spent[name] += taken
                raw[name] += character_errors(true, text_of(greedy(in_latin(frames))))
                decoded[name] += character_errors(true, " ".join(word.text for word in decode(frames)))
                told[name].append(float(outside_by_frame(frames).mean()))
    print(f"\nthe recogniser in other ways, {len(crops)} lines, one thread; outside: what it gives to other scripts\n")
    print(f"{'':38}{'time':>7}{'raw CER':>9}{'decoded':>9}{'outside':>9}")
    as_it_is = spent[next(iter(present))]
    for name, found in by_name.items():
        if isinstance(found, str):
            print(f"{name:38} {found}")
            continue
        rates = 100 * raw[name].rate, 100 * decoded[name].rate
        print(f"{name:38}{spent[name] / as_it_is:7.2f}{rates[0]:9.2f}{rates[1]:9.2f}{np.mean(told[name]):9.4f}")
    sys.stdout.flush()


def engines(learned_from: Sequence[tuple[str, LineCrop]], scratch: Path) -> Iterator[tuple[str, Engine | str]]:
    """Each by its name; where it cannot be had, why."""
    columns = _latin()[0]
    yield "as it is (onnxruntime)", Engine(_onnx(model_path()), columns)
    if find_spec("onnx") is None:
        for name in ("last layer cut to Latin", "eight-bit matrices", "eight bits throughout"):
            yield name, "not measured: onnx is not installed"
    else:
        yield "last layer cut to Latin", Engine(_onnx(_cut_down(columns, scratch)), None)
        yield "eight-bit matrices", Engine(_onnx(_eight_bit_matrices(scratch)), columns)
        yield "eight bits throughout", Engine(_onnx(_eight_bits(learned_from, scratch)), columns)
    if find_spec("openvino") is None:
        yield "OpenVINO", "not measured: openvino is not installed"
    else:
        yield "OpenVINO, 32-bit numbers", Engine(_openvino("f32"), columns)
        yield "OpenVINO, as it chooses", Engine(_openvino(None), columns)


def _latin() -> tuple[NDArray[np.intp], tuple[str, ...]]:
    found = _session(model_path()).get_modelmeta().custom_metadata_map["character"]
    return latin(found.splitlines())


def _session(path: Path, options: onnxruntime.SessionOptions | None = None) -> onnxruntime.InferenceSession:
    options = options or onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _onnx(path: Path) -> Run:
    session = _session(path)
    source = session.get_inputs()[0].name
    return lambda pixels: np.asarray(session.run(None, {source: pixels})[0][0], dtype=np.float32)


def _openvino(precision: str | None) -> Run:
    import openvino

    settings: dict[str, Any] = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    if precision is not None:
        settings["INFERENCE_PRECISION_HINT"] = precision
    asked = openvino.Core().compile_model(str(model_path()), "CPU", settings).create_infer_request()
    return lambda pixels: np.array(next(iter(asked.infer([pixels]).values()))[0], dtype=np.float32)


# -- models made from the model --------------------------------------------------------------------------------------


def _cut_down(columns: NDArray[np.intp], scratch: Path) -> Path:
    """The model with only those columns in its last layer, so that their probabilities sum to 1."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(model_path()))
    last = [node for node in model.graph.node if node.op_type in ("MatMul", "Add")][-2:]
    names = {name for node in last for name in node.input}
    for weights in model.graph.initializer:
        if weights.name in names:
            kept_columns = np.ascontiguousarray(numpy_helper.to_array(weights)[..., columns])
            weights.CopyFrom(numpy_helper.from_array(kept_columns, weights.name))
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[-1].dim_value = len(columns)
    del model.graph.value_info[:]
    onnx.save(model, str(scratch / "latin.onnx"))
    return scratch / "latin.onnx"


def _eight_bit_matrices(scratch: Path) -> Path:
    from onnxruntime.quantization import quantize_dynamic

    with _quiet():
        quantize_dynamic(model_path(), scratch / "matrices.onnx", op_types_to_quantize=["MatMul"])
    return scratch / "matrices.onnx"


def _eight_bits(lines: Sequence[tuple[str, LineCrop]], scratch: Path) -> Path:
    """Convolutions too, in ranges that those lines tell."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    source = _session(model_path()).get_inputs()[0].name
    pictures = iter([{source: as_input(crop.picture)} for _, crop in lines])

    class Lines(CalibrationDataReader):
        def get_next(self) -> dict[str, Pixels] | None:
            return next(pictures, None)

    with _quiet():
        quant_pre_process(model_path(), scratch / "prepared.onnx", skip_symbolic_shape=True)
        quantize_static(
            scratch / "prepared.onnx",
            scratch / "eight.onnx",
            Lines(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "MatMul"],
        )
    return scratch / "eight.onnx"


@contextmanager
def _quiet() -> Iterator[None]:
    """onnxruntime's tool for eight bits gives advice on the root logger."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


# -- what is kept ----------------------------------------------------------------------------------------------------


def kept(crops: Sequence[LineCrop], page: Written, scratch: Path) -> None:
    """Prints how much longer each step would take if nothing were kept from line to line, page to page."""
    print("\nwithout what is kept, times as long as with it\n")
    see, alphabet = Engine(_onnx(model_path()), _latin()[0]), _latin()[1]
    frames = [see.see(crop, alphabet) for crop in crops]
    decode = make_decoder()

    def forgetful() -> None:
        for one in frames:
            english()[0].forget()
            make_decoder()(one)

    remembering = _least(lambda: [decode(one) for one in frames], 3)
    print(f"{'decoding: the steps of the language':52}{_least(forgetful, 3) / remembering:6.2f}")
    blank = np.full_like(page.picture, 255)
    blank[40::60] = 90  # rules
    known = _least(lambda: clean(page.picture, blank), TURNS)
    afresh = _least(lambda: clean(page.picture, blank.copy()), TURNS)
    print(f"{'cleaning: the print of the blank side, made ready':52}{afresh / known:6.2f}")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(scratch / "ready.onnx")
    _session(model_path(), options)
    ready = onnxruntime.SessionOptions()
    ready.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    from_file = _least(lambda: _session(model_path()), 5)
    from_ready = _least(lambda: _session(scratch / "ready.onnx", ready), 5)
    print(f"{'start: the optimised model on disk (not kept)':52}{from_file / from_ready:6.2f}", end="")
    print(f"   {1000 * from_file:.0f} against {1000 * from_ready:.0f} ms, once in each worker", flush=True)


def _least(call: Callable[[], object], turns: int) -> float:
    """Seconds of the quickest turn."""
    found = []
    for _ in range(turns):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


if __name__ == "__main__":
    main()
