"""What runs inside a worker process. The process that starts workers imports this too, so it is light: pictures and
recognisers are imported where they are first needed."""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scan_ingest.errors import RunError

if TYPE_CHECKING:
    from scan_ingest.domain.crop import PageResult
    from scan_ingest.domain.page import Page
    from scan_ingest.pipeline.walk import Reader


class _Worker:
    """What a worker process keeps between pages; only pages and results cross the border."""

    reader: "Reader | None" = None
    refusal: RunError | None = None  # why there is no reader


def start(make_reader: "Callable[[], Reader]") -> None:
    """Makes the worker's reader, once."""
    # Ctrl-C is the parent's to answer: it records what is read, then ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    one_thread()
    try:
        _Worker.reader = make_reader()
    except RunError as error:  # told with the first page; a worker that ends here could not say why
        _Worker.refusal = error


def read(page: "Page", steps: Path, spared: frozenset[str], all_spared: bool) -> "PageResult":
    """`steps` is a file that holds what a recogniser is about to do: it outlives the worker."""
    from scan_ingest.pipeline.walk import Watch, read_page

    if _Worker.refusal is not None:
        raise _Worker.refusal
    assert _Worker.reader is not None
    return read_page(page, _Worker.reader, Watch(partial(_tell, steps), spared, all_spared))


def _tell(steps: Path, step: str) -> None:
    steps.write_text(step, encoding="utf-8")


def one_thread() -> None:
    """The cores are shared out by process; libraries that start threads of their own only get in each other's way.

    Holds for this process, as far as its libraries are not imported yet, and for those that it starts.
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"  # Tesseract's
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's: two that wait for one core made a small sum take 80 ms
    os.environ["OPENCV_FOR_THREADS_NUM"] = "1"
    opencv = sys.modules.get("cv2")
    if opencv is not None:
        opencv.setNumThreads(1)
