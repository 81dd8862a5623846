"""Which program and which model read a card, in a few words: readings of two editions are not weighed as one."""

import hashlib
from importlib.resources import files

from scan_ingest import __version__

DIGITS = 8  # hexadecimal: 32 bits tell any two releases apart


def edition() -> str:
    """The program's version, the model's name, and a digest of the model and of all tables that readings hang on, as in
    `0.1.0 PP-OCRv6_rec_small 3f2a90bc`. Raises `ToolMissingError` where the model is missing."""
    from scan_ingest.recognisers.ppocr import model_path

    model = model_path()
    digest = hashlib.sha256(model.read_bytes())
    for package, folder in (("identity", "words"), ("recognisers", "tables"), ("stages/reading", "tables")):
        tables = (files("scan_ingest") / package / folder).iterdir()
        for table in sorted((table for table in tables if table.is_file()), key=lambda table: table.name):
            digest.update(table.name.encode() + table.read_bytes())
    return f"{__version__} {model.stem} {digest.hexdigest()[:DIGITS]}"
