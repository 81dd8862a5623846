"""The contact sheet of a batch: every page small, what was found on it, and what became of it. HTML or PDF, one file.

`pages` makes ready what is shown of a page, `html` and `pdf` write it down page by page, `contact_sheet` joins them.
"""

from scan_ingest.sheet.write import contact_sheet, writer_for

__all__ = ["contact_sheet", "writer_for"]
