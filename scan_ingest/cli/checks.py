"""What the program needs around it, each looked at for real: programs are started, the model loaded, stores opened."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scan_ingest.domain.finding import Finding, State
from scan_ingest.errors import ConfigurationError, ExitCode, StoreError, ToolMissingError

SECONDS = 20  # for a program to tell its version; the first start after an installation may be slow


MARKS = {State.FINE: "ok", State.NOTE: "note", State.WRONG: "WRONG"}


@dataclass(frozen=True)
class Remedy:
    """What to install, by system."""

    linux: str
    macos: str
    windows: str

    def here(self, platform: str = sys.platform) -> str:
        return {"darwin": self.macos, "win32": self.windows}.get(platform, self.linux)


TESSERACT = Remedy(
    "apt install tesseract-ocr",
    "brew install tesseract",
    "winget install UB-Mannheim.TesseractOCR, then put its folder on the PATH",
)
POPPLER = Remedy(
    "apt install poppler-utils", "brew install poppler", "scoop install poppler, or put its Library\\bin on the PATH"
)
SYSTEM_LIBRARIES = Remedy(
    "apt install libgl1 libglib2.0-0",
    "pip install --force-reinstall opencv-python",
    "install Microsoft's Visual C++ Redistributable (on an N edition also the Media Feature Pack)",
)
SAME_OPENCV = "pip install --force-reinstall scan-ingest"
MODEL = "pip install --force-reinstall rapidocr==3.10.0"


def check_tesseract() -> Finding:
    """Tesseract, and the English data it reads with."""
    told = _ask("tesseract", "--version")
    if told is None:
        return Finding("tesseract", State.WRONG, "not found on the PATH", TESSERACT.here())
    languages = (_ask("tesseract", "--list-langs") or "").split()
    name = _first_line(told)
    if "eng" not in languages:
        english = Remedy("apt install tesseract-ocr-eng", "brew install tesseract-lang", TESSERACT.windows)
        return Finding("tesseract", State.WRONG, f"{name}, without its English data", english.here())
    return Finding("tesseract", State.FINE, f"{name}, with English")


def check_poppler() -> Finding:
    """The three programs of poppler that PDFs are read with."""
    told = {name: _ask(name, "-v") for name in ("pdfinfo", "pdfimages", "pdftoppm")}
    missing = [name for name, answer in told.items() if answer is None]
    if missing:
        return Finding("poppler", State.WRONG, f"{', '.join(missing)} not found on the PATH", POPPLER.here())
    return Finding("poppler", State.FINE, _first_line(told["pdftoppm"] or ""))


def check_opencv() -> Finding:
    """OpenCV, whose system libraries may be missing, and whose two packages must be one version."""
    try:
        import cv2
    except ImportError as exc:
        return Finding("opencv", State.WRONG, f"cannot be loaded: {exc}", SYSTEM_LIBRARIES.here())
    installed = {name: _version(name) for name in ("opencv-python", "opencv-python-headless")}
    if len({number for number in installed.values() if number}) > 1:
        both = " and ".join(f"{name} {number}" for name, number in installed.items())
        return Finding("opencv", State.WRONG, f"{both} share one folder and must be one version", SAME_OPENCV)
    return Finding("opencv", State.FINE, f"OpenCV {cv2.__version__}")


def check_model() -> Finding:
    """The recognition model, loaded as the recogniser loads it."""
    what = "recognition model"
    try:
        from scan_ingest.recognisers.ppocr import DISTRIBUTION, MODEL_FILE, pp_ocrv6
    except ImportError as exc:
        return Finding(what, State.WRONG, f"its engine cannot be loaded: {exc}", SYSTEM_LIBRARIES.here())
    try:
        pp_ocrv6()
    except ToolMissingError as exc:
        return Finding(what, State.WRONG, str(exc), MODEL)
    return Finding(what, State.FINE, f"{MODEL_FILE} of {DISTRIBUTION} {_version(DISTRIBUTION)}")


def check_templates(folder: Callable[[], Path]) -> Finding:
    """Every card template that a page would be compared with. Finding their folder, too, needs OpenCV."""
    try:
        from scan_ingest.templates import load_templates

        templates = load_templates(folder())
    except ImportError:
        return Finding("templates", State.NOTE, "not looked at, since OpenCV cannot be loaded")
    except ConfigurationError as exc:
        remedy = "scan-ingest template check FOLDER says more"
        return Finding("templates", State.WRONG, str(exc), remedy, ExitCode.CONFIGURATION)
    return Finding("templates", State.FINE, f"{', '.join(template.id for template in templates)} in {folder()}")


def check_data_folder(data: Path, private: tuple[Path, ...]) -> Finding:
    """The data folder can be written to, and the program's own folders in it (`private`) are the owner's alone."""
    from scan_ingest.sql import on_network_share  # `--help` should not wait for SQLAlchemy

    what = "data folder"
    exists = data.exists()
    nearest = next(folder for folder in (data.absolute(), *data.absolute().parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        remedy = "name another with --data, or have it made writable for you"
        return Finding(what, State.WRONG, f"{nearest} cannot be written to", remedy, ExitCode.STORE)
    # Windows has no such bits; there a folder's rights are its parent's.
    open_ones = [
        folder for folder in private if os.name == "posix" and folder.is_dir() and folder.stat().st_mode & 0o77
    ]
    if open_ones:
        folders = " ".join(map(str, open_ones))
        says = f"others can look into {folders}, which holds cards"
        return Finding(what, State.WRONG, says, f"chmod 700 {folders}", ExitCode.STORE)
    if on_network_share(nearest):
        remedy = "keep it on a disk of this machine, or use postgresql:// addresses"
        return Finding(what, State.NOTE, f"{data} lies on a network share, where SQLite's locks do not hold", remedy)
    return Finding(what, State.FINE, f"{data.absolute()}{'' if exists else ' (not made yet)'}")


def check_store(what: str, embedded: Path | None, opened: Callable[[], AbstractContextManager[object]]) -> Finding:
    """A store that opens, and is of this program's version.

    `embedded` is the file of a store that nobody named an address for: before the first batch it is not there, and
    nothing is wrong.
    """
    if embedded is not None and not embedded.exists():
        return Finding(what, State.NOTE, f"none yet in {embedded.parent.parent.absolute()}; the first ingest makes it")
    try:
        with opened() as store:
            place = getattr(store, "place", embedded)
    except StoreError as exc:
        remedy = "see --workspace, --central and --data, and whether the server runs"
        return Finding(what, State.WRONG, str(exc), remedy, ExitCode.STORE)
    return Finding(what, State.FINE, str(place) if place else "opens")


def check_terminal(environment: Mapping[str, str], *, is_terminal: bool) -> Finding:
    """Which pictures of handwriting this terminal gets. Asks the terminal, so only where there is one."""
    what = "pictures"
    if not is_terminal:
        return Finding(what, State.NOTE, "not asked: standard output is no terminal here")
    try:
        from scan_ingest.terminal.canvas import ask_terminal
    except ImportError:
        return Finding(what, State.NOTE, "not asked, since OpenCV cannot be loaded")
    canvas = ask_terminal(environment, on_windows=sys.platform == "win32")
    if canvas.image_widget is not None:
        return Finding(what, State.FINE, "real pictures (kitty's protocol or sixel)")
    return Finding(
        what,
        State.NOTE,
        f"drawn in characters ({canvas.manners[0].value}), as this terminal shows no real pictures",
        Remedy(
            "for real ones use kitty, foot, WezTerm or xterm -ti vt340",
            "for real ones use kitty, WezTerm or iTerm2",
            "for real ones use Windows Terminal 1.22 or later",
        ).here(),
    )


def _ask(program: str, *arguments: str) -> str | None:
    """What the program prints, on either stream; None where it is not there, does not start, or hangs."""
    found = shutil.which(program)
    if found is None:
        return None
    try:
        done = subprocess.run(
            [found, *arguments],
            capture_output=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
