"""CSV files as websites and spreadsheet programs write them: their encoding, what parts their cells, their rows."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scan_ingest.errors import InputError
from scan_ingest.online.mapping import DELIMITERS, Mapping, key_of

MAX_LINE = 16_000_000  # characters between two line ends; a table has no such line, and it is held in memory
MAX_CELL = 16_000_000  # as far as a cell is read; what is too long for a nomination is refused row by row
UTF_8_MARK, UTF_16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
UTF_32_MARKS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
STRAY_QUOTE = 'a " that does not belong; inside a cell it is written twice'


@dataclass(frozen=True)
class TextFile:
    """How a file is to be read, and its header."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]


def header_of(file: Path, mapping: Mapping) -> TextFile:
    """The encoding and the delimiter, found out where the mapping does not say, and the header row.

    Cells are parted by whatever parts the header into the most columns that are asked for. Raises `InputError`.
    """
    encoding = encoding_of(file) if mapping.encoding is None else _by_name(file, mapping.encoding)
    asked = {key_of(column) for column in mapping.columns}
    best: tuple[int, int, TextFile] | None = None
    for delimiter in [mapping.delimiter] if mapping.delimiter else DELIMITERS:
        read = text_rows(file, TextFile(encoding, delimiter, ()))
        header = next((cells for number, cells in read if number == mapping.header_row), ())
        if isinstance(header, str):
            continue  # stray quotes
        found = len(asked & {key_of(name) for name in header}), len(header)
        if best is None or found > best[:2]:
            best = (*found, TextFile(encoding, delimiter, tuple(header)))
    if best is None:
        raise InputError(f"{file}: row {mapping.header_row}, with the names of the columns, has {STRAY_QUOTE}")
    return best[2]


def text_rows(file: Path, text: TextFile) -> Iterator[tuple[int, Sequence[str] | str]]:
    """Each row with its number from 1: its cells, or what is wrong with it in words.

    Raises `InputError` where the file cannot be read to its end.
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))  # of the whole program
    reader = csv.reader(_lines(file, text.encoding), delimiter=text.delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as exc:  # its text may quote the row
            if "unexpected end" in str(exc) or "field limit" in str(exc):
                raise InputError(
                    f"{file}: row {number} opens a quote that is never closed; is the file whole?"
                ) from None
            yield number, STRAY_QUOTE
            continue
        if cells is None:
            return
        if number == 1 and len(cells) <= 2 and cells and cells[0].lower().startswith("sep="):
            number -= 1  # Excel's own note to itself, which it does not show
            continue
        yield number, cells


def _lines(file: Path, encoding: str) -> Iterator[str]:
    # What cannot be decoded becomes lone surrogates, which no field may hold: it spoils its row, not the file.
    errors = "surrogatepass" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    try:
        with file.open(encoding=encoding, errors=errors, newline="") as opened:
            while line := opened.readline(MAX_LINE):
                if len(line) >= MAX_LINE:
                    raise InputError(f"{file}: a line of more than {MAX_LINE} characters; this is no table")
                yield line
    except OSError as exc:
        raise InputError(f"{file}: cannot be read ({exc.strerror or exc})") from exc
    except UnicodeDecodeError:  # it carries the file's bytes
        raise InputError(f"{file}: ends in the middle of a character; is the file whole?") from None


def encoding_of(file: Path) -> str:
    """UTF-16 and UTF-32 by their marks, UTF-16 by its zeros too; UTF-8 where no fewer of the lines with accents are
    UTF-8 than are not; else Windows-1252."""
    try:
        with file.open("rb") as opened:
            start = opened.read(200)
            if start[:4] in UTF_32_MARKS:  # before that of UTF-16, which begins alike
                return "utf-32"
            if start[:2] in UTF_16_MARKS:
                return "utf-16"
            if start.startswith(UTF_8_MARK):
                return "utf-8-sig"
            if len(start) > 3 and 0 in (start[0], start[1]) and start[0] != start[1]:
                return "utf-16-be" if start[0] == 0 else "utf-16-le"
            opened.seek(0)
            return _by_lines(iter(lambda: opened.readline(MAX_LINE), b""))
    except OSError as exc:
        raise InputError(f"{file}: cannot be read ({exc.strerror or exc})") from exc


def _by_lines(lines: Iterator[bytes]) -> str:
    """A single damaged line makes no UTF-8 file one of Windows-1252, whose every accent would then be two letters."""
    whole = broken = 0
    for line in lines:
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            broken += 1
        else:
            whole += 1
    return "utf-8" if whole >= broken else "cp1252"


def _by_name(file: Path, name: str) -> str:
    """The encoding that the mapping names, a mark at the beginning allowed for."""
    with file.open("rb") as opened:
        start = opened.read(3)
    if name == "utf-16" and start[:2] not in UTF_16_MARKS:
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    return "utf-8-sig" if name == "utf-8" and start == UTF_8_MARK else name
