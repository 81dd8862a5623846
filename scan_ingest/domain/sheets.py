"""Excel's sheets as XML: whether one can be read in bounded memory."""

import zipfile
from typing import IO
from xml.parsers import expat

READ_AT_ONCE = 1_000_000
MAX_ROW = 64_000_000  # bytes of XML from one row to the next, and elements in them: both are held in memory
MAX_ELEMENTS = 500_000


def has_an_endless_row(workbook: zipfile.ZipFile) -> bool:
    """Whether a sheet has a row of millions of cells, or one of gigabytes: openpyxl builds each row as a whole.

    Goes through every sheet once, which takes a tenth of reading it. What is damaged is left to whoever reads it;
    raises what `zipfile` raises.
    """
    names = [name for name in workbook.namelist() if name.lower().startswith("xl/worksheets/")]
    for name in names:
        if name.lower().endswith(".xml"):
            with workbook.open(name) as sheet:
                if _is_endless(sheet):
                    return True
    return False


def _is_endless(sheet: IO[bytes]) -> bool:
    parser = expat.ParserCreate()
    began = elements = most = read = 0

    def begin(name: str, _: object) -> None:
        nonlocal began, elements, most
        elements += 1
        if name.rpartition(":")[2] == "row":
            began, most, elements = parser.CurrentByteIndex, max(most, elements), 0

    parser.StartElementHandler = begin
    try:
        while chunk := sheet.read(READ_AT_ONCE):
            read += len(chunk)
            parser.Parse(chunk)
            if read - began > MAX_ROW or max(most, elements) > MAX_ELEMENTS:
                return True
    except expat.ExpatError:
        pass
    return False
