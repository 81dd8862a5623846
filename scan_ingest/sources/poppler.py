"""Poppler's programs, asked what is in a PDF; bounded in time, and their words put into ours."""

import math
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scan_ingest.errors import SkipError, ToolMissingError
from scan_ingest.sources.kinds import PDF_END, ends_with

POINTS_PER_INCH = 72.0
MOST_SAID = 32 << 20  # bytes, of a list or of complaints; a thousand pages take some 50,000
PIECE = 65536  # bytes read at once
# Windows offices: no console window flashing up for every page.
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


@dataclass(frozen=True)
class Sheet:
    """A page as it is shown: size in inches, after its rotation. Zero where the file lists a page that is not there."""

    width_inch: float
    height_inch: float


@dataclass(frozen=True)
class Document:
    """`sheets` are the pages up to the limit, `page_count` is all; `complaints` what poppler says on opening."""

    page_count: int
    sheets: tuple[Sheet, ...]
    complaints: frozenset[str]


@dataclass(frozen=True)
class Embedded:
    """A picture drawn on a page: its pixels, and how many of them make an inch there."""

    width: int
    height: int
    x_dpi: float
    y_dpi: float
    grey: bool
    encoding: str

    @property
    def area_inch2(self) -> float:
        return self.width / self.x_dpi * self.height / self.y_dpi


def look_into(path: Path, *, pages: int, seconds: float) -> Document:
    """What `pdfinfo` says of the file, and of its first `pages` pages.

    Raises `SkipError` for a file that poppler cannot open, `ToolMissingError` without poppler.
    """
    done = _run(["pdfinfo", "-f", "1", "-l", str(pages), str(path)], seconds)
    complaints = done.stderr.decode("utf-8", "replace")
    lines = dict(_split(line) for line in done.stdout.decode("utf-8", "replace").splitlines())
    if done.returncode != 0 or not lines.get("Pages", "").isdecimal():
        raise SkipError(_why_not_opened(complaints, path))
    count = int(lines["Pages"])
    sheets = []
    for number in range(1, min(count, pages) + 1):
        size = lines.get(f"Page {number} size", "0 x 0 pts").split()
        width, height = float(size[0]) / POINTS_PER_INCH, float(size[2]) / POINTS_PER_INCH
        if not (math.isfinite(width) and math.isfinite(height)):
            width = height = 0.0
        lying = lines.get(f"Page {number} rot", "0") in ("90", "270")
        sheets.append(Sheet(height, width) if lying else Sheet(width, height))
    return Document(count, tuple(sheets), frozenset(complaints.splitlines()))


def pictures_on(path: Path, number: int, *, seconds: float) -> tuple[Embedded, ...]:
    """The pictures drawn on a page, as `pdfimages -list` tells; soft masks are left out. None of it is decoded."""
    done = _run(["pdfimages", "-list", "-f", str(number), "-l", str(number), str(path)], seconds)
    found = []
    # page num type width height color comp bpc enc interp (object ID | [inline]) x-ppi y-ppi size ratio
    for line in done.stdout.decode("utf-8", "replace").splitlines()[2:]:
        cells = line.split()
        if len(cells) < 14 or cells[2] == "smask":
            continue
        try:
            width, height, x_dpi, y_dpi = int(cells[3]), int(cells[4]), float(cells[-4]), float(cells[-3])
        except ValueError:
            continue
        if min(width, height, x_dpi, y_dpi) > 0 and math.isfinite(x_dpi * y_dpi):
            grey = cells[2] in ("mask", "stencil") or (cells[5] in ("gray", "icc") and cells[6] == "1")
            found.append(Embedded(width, height, x_dpi, y_dpi, grey, cells[8]))
    return tuple(found)


def extract_jpegs(path: Path, number: int, folder: Path, *, seconds: float) -> tuple[Path, ...]:
    """The JPEGs on a page, byte for byte as embedded, written to `folder`."""
    _run(["pdfimages", "-j", "-f", str(number), "-l", str(number), str(path), str(folder / "picture")], seconds)
    return tuple(sorted(folder.glob("picture-*.jpg")))


def missing_poppler(program: str) -> ToolMissingError:
    return ToolMissingError(
        f"{program} is not installed, and PDFs need it: apt install poppler-utils (Debian), brew install poppler "
        "(macOS), or poppler for Windows with its Library/bin folder on the PATH; scan-ingest doctor checks it"
    )


def took_too_long(seconds: float) -> SkipError:
    return SkipError(f"the page took more than {seconds:g} seconds to draw and was given up")


def _run(command: list[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
    """What the program says, both ways. Raises `SkipError` where that takes too long, or is more than `MOST_SAID`."""
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, creationflags=NO_WINDOW, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as exc:
        raise missing_poppler(command[0]) from exc
    said, complained = bytearray(), bytearray()
    with process:
        listening = [
            threading.Thread(target=_take, args=(pipe, into, process), daemon=True)
            for pipe, into in ((process.stdout, said), (process.stderr, complained))
        ]
        for thread in listening:
            thread.start()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired as exc:
            raise took_too_long(seconds) from exc
        finally:
            process.kill()
            for thread in listening:
                thread.join()
    if max(len(said), len(complained)) > MOST_SAID:
        raise SkipError("poppler has more to say of it than of any scan; copy or scan it again")
    return subprocess.CompletedProcess(command, process.returncode, bytes(said), bytes(complained))


def _take(pipe: IO[bytes], into: bytearray, process: subprocess.Popen[bytes]) -> None:
    """Takes what the program says, and ends it where that is too much."""
    while piece := os.read(pipe.fileno(), PIECE):
        into += piece
        if len(into) > MOST_SAID:
            process.kill()
            return


def _split(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return " ".join(key.split()), value.strip()


def _why_not_opened(complaints: str, path: Path) -> str:
    said = complaints.lower()
    if "incorrect password" in said or "security handler" in said or "encrypt" in said:
        return "the PDF is encrypted; save it without a password"
    if not ends_with(path, PDF_END):  # asked first: poppler finds no pages in half a file either
        return "cut short: the end of the PDF is missing; copy or scan it again"
    if "page count 0" in said or "(0)" in said:
        return "the PDF has no pages"
    return "the PDF is damaged and cannot be opened; copy or scan it again"
