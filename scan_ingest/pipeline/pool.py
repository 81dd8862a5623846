"""Worker processes that read pages: started by spawn, each with a reader of its own, ended when a page hangs."""

import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from pebble import ProcessExpired, ProcessPool

from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import RunError, ToolMissingError
from scan_ingest.pipeline import worker

if TYPE_CHECKING:  # numpy and OpenCV would keep the workers waiting for their start
    from scan_ingest.domain.crop import PageResult
    from scan_ingest.domain.page import Page
    from scan_ingest.pipeline.walk import Reader

SPARED_AT_MOST = 2  # fields of a page that end their worker and are left out one by one; at the next, all are
PAGES_PER_JOB = 2  # one being read, one ready, so that a worker never waits for a page to be decoded


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """What is started meanwhile never hears Ctrl-C, not even before its first line."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread may say so
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Meanwhile whoever ends this process, or the line it hangs on, interrupts it as Ctrl-C does: the workers end with
    it, and what they started. A signal that somebody answers to or is deaf to (`nohup`) stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@dataclass(frozen=True, eq=False)
class WorkerPool:
    """A `PagePool` of processes."""

    processes: ProcessPool
    window: int
    seconds_per_page: float
    stopping: threading.Event
    steps: Path  # a folder of its own: what each worker's recogniser is about to do
    numbers: Iterator[int]

    @classmethod
    @contextmanager
    def started(cls, jobs: int, make_reader: "Callable[[], Reader]", seconds_per_page: float) -> Iterator[Self]:
        """`make_reader` must be picklable: a function of a module, or a partial of one."""
        worker.one_thread()  # here too: numpy's threads are settled when it is imported, before a worker's first line
        processes = ProcessPool(
            max_workers=jobs, context=get_context("spawn"), initializer=worker.start, initargs=(make_reader,)
        )
        stopping = threading.Event()
        try:
            with _deaf_to_ctrl_c():
                started = processes.active  # asking starts the workers, which get ready while a page is decoded
            assert started, "a pool that was just made is active"
            with (
                _ended_as_by_ctrl_c(),
                TemporaryDirectory(prefix="scan-ingest-", ignore_cleanup_errors=True) as steps,
            ):
                yield cls(processes, jobs * PAGES_PER_JOB, seconds_per_page, stopping, Path(steps), count())
            processes.close()
        finally:
            stopping.set()
            processes.stop()
            processes.join()

    def submit(self, page: "Page") -> "Future[PageResult]":
        """The reading of the page, some time. A recogniser that ends its worker, hangs or trips over a bug costs its
        field: the page is read again without it, and where that goes on, at last without any."""
        answer: Future[PageResult] = Future()
        self._schedule(page, answer, frozenset(), all_spared=False)
        return answer

    def _schedule(
        self, page: "Page", answer: "Future[PageResult]", spared: frozenset[str], *, all_spared: bool
    ) -> None:
        steps = self.steps / f"{next(self.numbers)}"  # each attempt's own: an older one's step is not taken for its

        def settle(done: "Future[PageResult]") -> None:
            try:
                self._settle(page, answer, done, steps, spared, all_spared=all_spared)
            finally:
                if (fault := sys.exception()) is not None:  # whoever waits for the answer would wait for ever
                    answer.set_exception(fault)

        arguments = (page, steps, spared, all_spared)
        self.processes.schedule(worker.read, args=arguments, timeout=self.seconds_per_page).add_done_callback(settle)

    def _settle(
        self,
        page: "Page",
        answer: "Future[PageResult]",
        done: "Future[PageResult]",
        steps: Path,
        spared: frozenset[str],
        *,
        all_spared: bool,
    ) -> None:
        """Gives the answer, or has the page read again without the field on which its worker failed."""
        if done.cancelled() or self.stopping.is_set():
            answer.cancel()  # nobody waits for it any more
            return
        step = steps.read_text(encoding="utf-8") if steps.exists() else ""
        with suppress(OSError):  # Windows keeps a file that another program looks at; the folder goes at the end
            steps.unlink(missing_ok=True)
        error = done.exception()
        if error is None:
            answer.set_result(done.result())
        elif isinstance(error, BrokenProcessPool):
            answer.set_exception(ToolMissingError("the worker processes cannot start; scan-ingest doctor says why"))
        elif isinstance(error, RunError | KeyboardInterrupt):
            answer.set_exception(error)
        else:
            reason = _reason(page, error, self.seconds_per_page)
            if step and not all_spared:
                most = 1 if isinstance(error, TimeoutError) else SPARED_AT_MOST  # waiting again is dear
                self._schedule(page, answer, spared | {step}, all_spared=len(spared) >= most)
            else:
                answer.set_result(_failed(reason))


def _failed(reason: str) -> "PageResult":
    from scan_ingest.domain.crop import PageResult
    from scan_ingest.domain.page import Outcome

    return PageResult(Outcome.FAILED, reason)


def _reason(page: "Page", error: BaseException, seconds: float) -> str:
    """Why a page failed in its worker. A bug is told on standard error with its place, but not its message, which
    could hold words from the card."""
    if isinstance(error, TimeoutError):
        return f"reading it took longer than {seconds:g} seconds, the limit seconds_per_page"
    if isinstance(error, ProcessExpired):
        return "its reading ended the worker process (out of memory, or a fault in a library)"
    if isinstance(error, MemoryError):
        return "there was not enough memory to read it"
    frames = traceback.extract_tb(error.__traceback__)
    remote = getattr(error, "traceback", None)  # pebble carries the worker's own as text
    place = str(remote) if remote else "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    where = [line.strip() for line in place.splitlines() if line.strip().startswith(("File ", "/"))]
    print(f"{for_a_terminal(str(page.ref))}: a bug, {type(error).__name__}:", *where, sep="\n  ", file=sys.stderr)
    return f"a bug in the program ({type(error).__name__}); please report it"
