"""Excel's sheets as XML: whether one can be read in bounded memory."""

import warnings
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

READ_AT_ONCE = 1_000_000
MAX_ROW = 64_000_000  # bytes of XML from one row to the next, and elements in them: both are held in memory
MAX_ELEMENTS = 500_000
CONTENTS = "[Content_Types].xml"
WORKBOOK = "main+xml"  # how the kind of the part ends that names the sheets


def has_an_endless_row(workbook: zipfile.ZipFile) -> bool:
    """Whether a sheet has a row of millions of cells, or one of gigabytes: openpyxl builds each row as a whole.

    Goes through every sheet once, wherever the workbook says that it lies, which takes a tenth of reading it; what
    names the sheets is held to the same bounds, as it is read as a whole. What is damaged is left to whoever reads it;
    raises what `zipfile` and openpyxl raise.
    """
    return any(_part_is_endless(workbook, name) for name in _read_as_a_whole(workbook))


def _read_as_a_whole(workbook: zipfile.ZipFile) -> Iterator[str]:
    """The names of the parts that say where the sheets lie, each before it is read, and then of the sheets."""
    from openpyxl.reader.excel import ExcelReader  # text files should not wait for it

    yield CONTENTS
    yield from (name for name in workbook.namelist() if name.lower().endswith(".rels"))
    reader = ExcelReader(workbook.filename, read_only=True, keep_links=False)
    with reader.archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl does not know; nothing here needs it
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
