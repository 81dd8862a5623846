"""What text becomes in a spreadsheet's cell."""

import re

# The last four are what = + - @ look like from an East Asian keyboard; spreadsheets there run them too.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
"""What a spreadsheet may take for a formula once somebody edits the cell."""

EXCEL_CELL = 32_767  # UTF-16 units; Excel cuts what is longer
NOT_IN_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})  # no characters, and a workbook is XML
_LIKE_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def fits_a_cell(text: str) -> bool:
    return len(text.encode("utf-16-le")) // 2 <= EXCEL_CELL


def as_written(text: str) -> str:
    """`text` as a workbook's XML holds it: what looks like Excel's own escape of a character (`_x0041_`) is escaped."""
    return _LIKE_ESCAPED.sub("_x005F_", text.translate(NOT_IN_XML))


def as_meant(written: str) -> str:
    """The text that a workbook's XML stands for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), written)
