"""The pandas room: nominations out of the store as CSV, Excel, Parquet or JSON lines, with a dictionary beside them.

The columns are the contract's, then any other fields in alphabetical order. Everything is text: dates ISO 8601, times
UTC with Z. Excel, Parquet and JSON lines come back without loss; a CSV is made safe for spreadsheets instead. Some
thousand rows are in memory at a time, however many there are.
"""

from scan_ingest.export.dictionary import write_dictionary as write_dictionary
from scan_ingest.export.formats import writer_for as writer_for
from scan_ingest.export.rows import COLUMNS as COLUMNS
from scan_ingest.export.rows import Exported as Exported
from scan_ingest.export.write import export_nominations as export_nominations
from scan_ingest.export.write import write_nominations as write_nominations
