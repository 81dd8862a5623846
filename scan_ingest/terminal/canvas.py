"""What this terminal can draw."""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from textual.widget import Widget

from scan_ingest.terminal.picture import Cell, Manner

ARE_YOU_THERE, I_AM = b"\x1b[5n", b"\x1b[0n"  # the status report that every terminal knows
LONGEST_ANSWER_SECONDS = 2.0  # a line over a satellite; nobody who waits so long has a terminal that answers


@dataclass(frozen=True)
class Canvas:
    """The manners a terminal can draw pictures in, best first, and what is needed for them.

    `image_widget` is textual-image's and `pixels` the size of a character, both only where the terminal shows real
    pictures. Without `greys`, half blocks are black and white.
    """

    manners: tuple[Manner, ...]
    greys: bool = True
    image_widget: type[Widget] | None = None
    pixels: Cell | None = None


def canvas_of(environment: Mapping[str, str], *, on_windows: bool = False) -> Canvas:
    """What a terminal without real pictures can draw, as its environment says."""
    greys = "NO_COLOR" not in environment and (
        "256color" in environment.get("TERM", "")
        or environment.get("COLORTERM", "") in ("truecolor", "24bit")
        or "WT_SESSION" in environment
    )
    # The Linux console and the old Windows console have no braille in their fonts.
    no_braille = environment.get("TERM") == "linux" or (on_windows and "WT_SESSION" not in environment)
    manners = (Manner.HALF_BLOCKS,) if no_braille else (Manner.BRAILLE, Manner.HALF_BLOCKS)
    return Canvas(manners, greys)


def discard_late_answers() -> None:
    """Waits until the terminal has answered all that it was asked, and drops the answers.

    Over a slow line they come after the question was given up, and would be typed into whatever is shown then. A
    terminal answers in order, so that the answer to one last question comes behind all others. The old Windows console
    and Windows Terminal are never far away: there nothing is done.
    """
    if os.name == "nt" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    import select
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSANOW)
        os.write(sys.stdout.fileno(), ARE_YOU_THERE)
        read, until = b"", time.monotonic() + LONGEST_ANSWER_SECONDS
        while I_AM not in read and (left := until - time.monotonic()) > 0:
            if select.select([terminal], [], [], left)[0]:
                read += os.read(terminal, 1024)
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def ask_terminal(environment: Mapping[str, str], *, on_windows: bool = False) -> Canvas:
    """What this terminal can draw; it is asked for kitty's protocol and sixel.

    To be called before Textual runs, on a terminal, and not for `--help`: the question goes out when textual-image is
    imported, and its answer comes back on standard input.
    """
    if not _has_a_size():
        return canvas_of(environment, on_windows=on_windows)
    from textual_image._terminal import get_cell_size
    from textual_image.renderable import Image as Best
    from textual_image.renderable import SixelImage, TGPImage
    from textual_image.widget import Image

    discard_late_answers()
    plain = canvas_of(environment, on_windows=on_windows)
    if Best not in (SixelImage, TGPImage):
        return plain
    size = get_cell_size()
    discard_late_answers()
    return Canvas((Manner.PIXELS, *plain.manners), plain.greys, Image, Cell(size.width, size.height))


def _has_a_size() -> bool:
    """Whether the terminal says how many characters it shows: some over a serial line or in a container say 0 × 0, and
    textual-image divides by that."""
    try:
        return min(os.get_terminal_size(sys.stdout.fileno())) > 0
    except OSError:  # no terminal
        return False
