"""The queue on paper, so to speak: cards out as JSON lines with their crops, and corrections made elsewhere back in."""

from scan_ingest.exchange.incoming import BadLine, ImportReport, import_corrections
from scan_ingest.exchange.outgoing import export_cards, queue_line
from scan_ingest.exchange.port import ExchangeDesk

__all__ = ["BadLine", "ExchangeDesk", "ImportReport", "export_cards", "import_corrections", "queue_line"]
