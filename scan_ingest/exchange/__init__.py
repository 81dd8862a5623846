"""The queue on paper, so to speak: cards out with their crops, as JSON lines or a workbook, and
corrections made elsewhere back in."""

from scan_ingest.exchange.incoming import ImportReport, import_corrections
from scan_ingest.exchange.outgoing import export_cards, queue_line
from scan_ingest.exchange.port import ExchangeDesk
from scan_ingest.exchange.problems import BadLine

__all__ = ["BadLine", "ExchangeDesk", "ImportReport", "export_cards", "import_corrections", "queue_line"]
