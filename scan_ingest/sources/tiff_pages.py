"""Where the pages of a TIFF lie: a walk over its directories that trusts nothing in the file.

TIFF 6.0 and BigTIFF. Pillow reads the pictures; it neither says how many a cut file should have had nor whether a
picture's data reaches past the end of the file, where fax decoders return white paper without a word.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

NEW_SUBFILE_TYPE, WIDTH, HEIGHT = 254, 256, 257
OFFSETS_AND_COUNTS = ((273, 279), (324, 325))  # strips, tiles
REDUCED_OR_MASK = 0b101  # a thumbnail of another page, or its transparency mask

# SHORT, LONG, IFD, LONG8, IFD8: the types that sizes and offsets come in.
_FORMATS = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}

# One strip a row is the most that writers do; a page has fewer rows than this.
MOST_STRIPS = 1_000_000
NEAR_THE_END = 4096  # bytes; a directory that begins so near the end and is not whole was cut off, else it is garbage


@dataclass(frozen=True)
class Directory:
    """One picture of a TIFF.

    `header` are the bytes with which the file would begin if this were its first picture; `is_page` is false for the
    thumbnail or mask of another page; `whole` is whether all of its data is in the file.
    """

    header: bytes
    width: int
    height: int
    is_page: bool
    whole: bool


@dataclass(frozen=True)
class Broken:
    """The chain of directories cannot be followed any further."""

    cut_short: bool


def directories(file: BinaryIO, at_most: int) -> Iterator[Directory | Broken]:
    """The chain of directories of the TIFF, in order; ends with `Broken` where it does not end well.

    A chain that comes back to a directory it has passed ends there. At most `at_most` directories.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in (b"+\x00", b"\x00+")
    if len(head) < (16 if big else 8):
        yield Broken(cut_short=True)
        return
    (offset,) = struct.unpack(order + ("Q" if big else "I"), head[8:16] if big else head[4:8])
    passed: set[int] = set()
    while offset and offset not in passed and len(passed) < at_most:
        passed.add(offset)
        read = _directory(file, offset, order, big=big, end=end)
        if read is None:
            yield Broken(cut_short=offset > end - NEAR_THE_END)
            return
        header = head[:8] + struct.pack(order + "Q", offset) if big else head[:4] + struct.pack(order + "I", offset)
        tags, offset = read
        yield _describe(header, tags, end)
    if not passed:
        yield Broken(cut_short=False)


def _directory(
    file: BinaryIO, offset: int, order: str, *, big: bool, end: int
) -> tuple[dict[int, tuple[int, ...]], int] | None:
    """The integer tags of the directory at that offset, and the offset of the next; None where it is not whole."""
    count_format, entry_size, inline = ("Q", 20, 8) if big else ("H", 12, 4)
    pointer = "Q" if big else "I"
    count_size = struct.calcsize(order + count_format)
    if offset + count_size > end:
        return None
    file.seek(offset)
    (count,) = struct.unpack(order + count_format, file.read(count_size))
    size = count * entry_size + struct.calcsize(order + pointer)
    if count == 0 or count > 2**16 or offset + count_size + size > end:
        return None
    block = file.read(size)
    tags: dict[int, tuple[int, ...]] = {}
    for at in range(0, count * entry_size, entry_size):
        tag, kind, number = struct.unpack_from(order + "HH" + pointer, block, at)
        value_at = at + 4 + struct.calcsize(order + pointer)
        if kind in _FORMATS and number <= MOST_STRIPS:
            data = block[value_at : value_at + inline]
            if (length := number * _SIZES[kind]) > inline:
                (data_at,) = struct.unpack(order + pointer, data)
                if data_at + length > end:
                    tags[tag] = (end,)  # the list itself lies past the end: so does the picture
                    continue
                file.seek(data_at)
                data = file.read(length)
            tags[tag] = struct.unpack_from(f"{order}{number}{_FORMATS[kind]}", data)
    (following,) = struct.unpack_from(order + pointer, block, count * entry_size)
    return tags, following


def _describe(header: bytes, tags: dict[int, tuple[int, ...]], end: int) -> Directory:
    whole = True
    for offsets, counts in OFFSETS_AND_COUNTS:
        lengths = tags.get(counts, ())
        for index, start in enumerate(tags.get(offsets, ())):
            length = lengths[index] if index < len(lengths) else 1
            whole = whole and start + length <= end
    (kind, *_), (width, *_), (height, *_) = (tags.get(tag) or (0,) for tag in (NEW_SUBFILE_TYPE, WIDTH, HEIGHT))
    return Directory(header, width, height, not kind & REDUCED_OR_MASK, whole)
