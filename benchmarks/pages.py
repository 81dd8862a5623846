"""Seconds and peak memory a page, by stage and as a whole, beside ocrmypdf and plain tesseract on the same pages.

    python benchmarks/pages.py [--pages 24] [--rounds 3] [--jobs 2] [FILE…]

Without files the PDF of the sample batch is taken. The programs take turns (A B C A B C), so that a machine that gets
slower does not favour one; quote the ratios. ocrmypdf comes from Debian's package of that name (`make bench`).
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2

from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.page import Page
from scan_ingest.pipeline import walk
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.inputs import find_files
from scan_ingest.sources.open import pages_of
from scan_ingest.templates import shipped_templates

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
MEBIBYTE = 1024  # ru_maxrss counts kibibytes on Linux


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--pages", type=int, default=24, help="how many pages at most")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        one_thread()  # numpy settles its threads when it is imported: begin again, as a worker does
        os.execv(sys.executable, [sys.executable, *sys.argv])
    files = arguments.files or sorted(SAMPLE.glob("*.pdf"))
    pages = load(files, arguments.pages)
    print(f"{len(pages)} pages of {', '.join(file.name for file in files)}\n")
    by_stage(pages)
    whole(pages, arguments.rounds, arguments.jobs)


def load(files: Sequence[Path], most: int) -> list[Page]:
    pages: list[Page] = []
    for file in find_files(files):
        for page in pages_of(file, file.name, "0" * 64, Limits(), ()):
            if isinstance(page, Page) and len(pages) < most:
                pages.append(page)
    return pages


# -- by stage ----------------------------------------------------------------------------------------------------------


def by_stage(pages: Sequence[Page]) -> None:
    """Every stage of the walk on one thread: mean seconds a page, and its share."""
    one_thread()  # OpenCV's, in this process
    started = time.perf_counter()
    reader = make_reader(shipped_templates())
    print(f"a worker is ready after {time.perf_counter() - started:.2f} s")
    spent: dict[str, float] = defaultdict(float)
    with timed_stages(spent):
        walk.read_page(pages[0], reader)  # the first call loads libraries
        spent.clear()
        started = time.perf_counter()
        for page in pages:
            walk.read_page(page, reader)
        total = time.perf_counter() - started
    spent["the rest"] = total - sum(spent.values())
    print(f"{'stage':24} {'s/page':>8} {'share':>7}")
    for stage, seconds in spent.items():
        print(f"{stage:24} {seconds / len(pages):8.3f} {seconds / total:7.0%}")
    print(f"{'one page, one thread':24} {total / len(pages):8.3f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE
    print(f"peak memory of this process, all pages decoded in it: {peak:.0f} MiB\n")


@contextmanager
def timed_stages(spent: dict[str, float], clock: Callable[[], float] = time.perf_counter) -> Iterator[None]:
    """The functions that `walk` calls, wrapped in a clock under their own names."""
    originals = {name: getattr(walk, name) for name in walk.STAGES}

    def clocked(name: str) -> object:
        def call(*arguments: object, **named: object) -> object:
            started = clock()
            try:
                return originals[name](*arguments, **named)
            finally:
                spent[name] += clock() - started

        return call

    try:
        for name in originals:
            setattr(walk, name, clocked(name))
        yield
    finally:
        for name, original in originals.items():
            setattr(walk, name, original)


# -- whole programs ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    seconds: float
    peak_mib: float  # of the largest single process


def whole(pages: Sequence[Page], rounds: int, jobs: int) -> None:
    """Whole programs on the same pages, in turns."""
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        pictures = write_pictures(pages, scratch)
        box = write_pdf(pictures, pages, scratch / "box.pdf")
        runs: dict[str, list[Run]] = defaultdict(list)
        for _ in range(rounds):
            runs["scan-ingest ingest"].append(ingest_run(box, scratch / "data", jobs))
            if shutil.which("ocrmypdf"):
                runs["ocrmypdf"].append(ocrmypdf_run(box, scratch / "out.pdf", jobs))
            runs["tesseract"].append(tesseract_run(pictures, jobs))
    if "ocrmypdf" not in runs:
        print("ocrmypdf is not installed: `make bench` installs it", file=sys.stderr)
    ours = statistics.median(run.seconds for run in runs["scan-ingest ingest"])
    print(f"{'program':20} {'s/page':>8} {'pages/min':>10} {'times ours':>11} {'MiB, largest process':>21}")
    for program, measured in runs.items():
        seconds = statistics.median(run.seconds for run in measured)
        peak = max(run.peak_mib for run in measured)
        rate = 60 * len(pages) / seconds
        print(f"{program:20} {seconds / len(pages):8.2f} {rate:10.0f} {seconds / ours:11.2f} {peak:21.0f}")


def ingest_run(box: Path, data: Path, jobs: int) -> Run:
    shutil.rmtree(data, ignore_errors=True)
    command = [sys.executable, "-m", "scan_ingest", "--data", str(data), "--templates", str(shipped_templates())]
    command += ["ingest", str(box), "--organisation", "Benchmark", "--ward", "Benchmark", "--jobs", str(jobs)]
    return timed([command], jobs=1, may_exit=(0, 10))


def ocrmypdf_run(box: Path, out: Path, jobs: int) -> Run:
    command = ["ocrmypdf", "--deskew", "--rotate-pages", "--force-ocr", "--jobs", str(jobs), "-q", str(box), str(out)]
    return timed([command], jobs=1, may_exit=(0,))


def tesseract_run(pictures: Sequence[Path], jobs: int) -> Run:
    return timed([["tesseract", str(picture), "-", "-l", "eng"] for picture in pictures], jobs, may_exit=(0,))


# A process counts what its parent held before it began: the programs are started by one that holds nothing.
LIGHT = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def timed(commands: Sequence[Sequence[str]], jobs: int, may_exit: Sequence[int]) -> Run:
    """Runs the commands, `jobs` at a time; the clock covers all of them."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def run(command: Sequence[str]) -> int:
        light = [sys.executable, "-S", "-c", LIGHT, *command]
        said = subprocess.run(light, stdout=subprocess.PIPE, text=True, env=environment, check=True).stdout
        code, peak = map(int, said.split())
        if code not in may_exit:
            raise SystemExit(f"a command ended with exit code {code}: {command[0]}")
        return peak

    started = time.perf_counter()
    with ThreadPoolExecutor(jobs) as running:
        peak = max(running.map(run, commands))
    return Run(time.perf_counter() - started, peak / MEBIBYTE)


def write_pictures(pages: Sequence[Page], folder: Path) -> list[Path]:
    pictures = []
    for number, page in enumerate(pages, start=1):
        path = folder / f"page{number:03}.jpg"
        cv2.imwrite(str(path), page.image, [cv2.IMWRITE_JPEG_QUALITY, 90])
        pictures.append(path)
    return pictures


def write_pdf(pictures: Sequence[Path], pages: Sequence[Page], path: Path) -> Path:
    from PIL import Image

    images = [Image.open(picture) for picture in pictures]
    dpi = pages[0].dpi or 200.0
    images[0].save(path, save_all=True, append_images=images[1:], resolution=dpi, quality=90)
    return path


if __name__ == "__main__":
    main()
