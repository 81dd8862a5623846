"""What this terminal can draw."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.widget import Widget

from scan_ingest.terminal.picture import Cell, Manner


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


def ask_terminal(environment: Mapping[str, str], *, on_windows: bool = False) -> Canvas:
    """What this terminal can draw; it is asked for kitty's protocol and sixel.

    To be called before Textual runs, on a terminal, and not for `--help`: the question goes out when textual-image is
    imported, and its answer comes back on standard input.
    """
    from textual_image._terminal import get_cell_size
    from textual_image.renderable import Image as Best
    from textual_image.renderable import SixelImage, TGPImage
    from textual_image.widget import Image

    plain = canvas_of(environment, on_windows=on_windows)
    if Best not in (SixelImage, TGPImage):
        return plain
    size = get_cell_size()
    return Canvas((Manner.PIXELS, *plain.manners), plain.greys, Image, Cell(size.width, size.height))
