"""A kept page picture remembers how large the page was as scanned, so that placements can be drawn on it."""

import re

NOTE = b"page as scanned: %d x %d"
NOTED = re.compile(rb"page as scanned: (\d+) x (\d+)")
COMMENT = b"\xff\xfe"
HEADERS = (0xE0, 0xFE)  # JFIF's, and a comment


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG with a comment after its JFIF header: the page's pixels as scanned."""
    note = NOTE % (width, height)
    after = 4 + int.from_bytes(jpeg[4:6], "big") if jpeg[2:4] == b"\xff\xe0" else 2
    return jpeg[:after] + COMMENT + (len(note) + 2).to_bytes(2, "big") + note + jpeg[after:]


def size_as_scanned(jpeg: bytes) -> tuple[int, int] | None:
    """(width, height) of the page as scanned; None where the picture is not shrunk and says nothing of it."""
    at = 2
    while jpeg[at : at + 1] == b"\xff" and jpeg[at + 1] in HEADERS:
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if found := NOTED.fullmatch(jpeg[at + 4 : at + 2 + length]):
            return int(found[1]), int(found[2])
        at += 2 + length
    return None
