"""Workbooks of Excel: whether one can be read in bounded memory, whatever its parts are called."""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from openpyxl.reader.excel import ExcelReader

READ_AT_ONCE = 1_000_000
MAX_ROW = 64_000_000  # bytes of XML from one row to the next, and elements in them: both are held in memory
MAX_ELEMENTS = 500_000
CONTENTS = "[Content_Types].xml"
WORKBOOK = "main+xml"  # how the kind of the part ends that names the sheets
SHEET = "worksheet+xml"  # and of a sheet
PARTS = (".xml", ".rels")  # besides those that the contents list, what openpyxl may read
ALWAYS_HELD = frozenset({"xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml", "docProps/custom.xml", CONTENTS})
"""What openpyxl reads by its name, whatever else it may be said to be."""


def has_an_endless_row(workbook: zipfile.ZipFile) -> bool:
    """Whether a sheet has a row of millions of cells, or one of gigabytes: openpyxl builds each row as a whole.

    Goes through every sheet once, wherever the workbook says that it lies, which takes a tenth of reading it; what
    names the sheets is held to the same bounds, as it is read as a whole. What is damaged is left to whoever reads it;
    raises what `zipfile` and openpyxl raise.
    """
    return any(_part_is_endless(workbook, name) for name in _read_as_a_whole(workbook))


def bytes_held(workbook: zipfile.ZipFile) -> int:
    """Unpacked bytes of the parts that openpyxl holds in memory as a whole: the texts that cells share, styles, and all
    else but sheets, which it goes through, and pictures, which it leaves alone where it only reads.

    To be asked where `has_an_endless_row` did not say so. Raises what `zipfile` and openpyxl raise.
    """
    with _reader(workbook) as reader:
        reader.read_manifest()
        kinds: dict[str, set[str]] = {}
        for part in reader.package.Override:
            kinds.setdefault(part.PartName[1:], set()).add(part.ContentType)
        reader.read_workbook()
        sheets = {link.target for _, link in reader.parser.find_sheets()} - ALWAYS_HELD
    gone_through = {name for name in sheets if all(kind.endswith(SHEET) for kind in kinds.get(name, ()))}
    return sum(
        part.file_size
        for part in workbook.infolist()
        if part.filename not in gone_through and (part.filename in kinds or part.filename.lower().endswith(PARTS))
    )


@contextmanager
def _reader(workbook: zipfile.ZipFile) -> Iterator["ExcelReader"]:
    from openpyxl.reader.excel import ExcelReader  # text files should not wait for it

    reader = ExcelReader(workbook.filename, read_only=True, keep_links=False)
    with reader.archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl does not know; nothing here needs it
        yield reader


def _read_as_a_whole(workbook: zipfile.ZipFile) -> Iterator[str]:
    """The names of the parts that say where the sheets lie, each before it is read, and then of the sheets."""
    yield CONTENTS
    yield from (name for name in workbook.namelist() if name.lower().endswith(".rels"))
    with _reader(workbook) as reader:
        reader.read_manifest()
        yield from (part.PartName[1:] for part in reader.package.Override if part.ContentType.endswith(WORKBOOK))
        reader.read_workbook()
        there = set(workbook.namelist())
        yield from (link.target for _, link in reader.parser.find_sheets() if link.target in there)


def _part_is_endless(workbook: zipfile.ZipFile, name: str) -> bool:
    with workbook.open(name) as part:
        return _is_endless(part)


def _is_endless(part: IO[bytes]) -> bool:
    parser = expat.ParserCreate()
    began = elements = most = read = 0

    def begin(name: str, _: object) -> None:
        nonlocal elements
        elements += 1
        if name.rpartition(":")[2] == "row":
            begin_anew()

    def end(name: str) -> None:
        if name.rpartition(":")[2] == "sheetData":  # what follows belongs to no row
            begin_anew()

    def begin_anew() -> None:
        nonlocal began, elements, most
        began, most, elements = parser.CurrentByteIndex, max(most, elements), 0

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        while chunk := part.read(READ_AT_ONCE):
            read += len(chunk)
            parser.Parse(chunk)
            if read - began > MAX_ROW or max(most, elements) > MAX_ELEMENTS:
                return True
    except expat.ExpatError:
        pass
    return False
