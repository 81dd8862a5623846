"""Reading printed codes (bar codes, QR codes)."""

import zxingcpp

from scan_ingest.domain.card import Doubt, Reading
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.text import as_read

RECOGNISER = "zxing-cpp"
PRINT_SHARE = 0.02  # of the field darker than half; a blank place for a label has less


def read_code(crop: FieldCrop) -> Reading:
    """What the printed code says; "" with doubt where none can be decoded: `unsure` where something is printed there,
    `empty` where a required one is not."""
    decoded = zxingcpp.read_barcodes(crop.picture)
    texts = [as_read(code.text) for code in decoded if code.valid]
    if texts:
        doubt = (Doubt.UNSURE,) if len(set(texts)) > 1 else ()
        return Reading(crop.field.name, texts[0], 1.0 if not doubt else 0.5, RECOGNISER, doubt=doubt)
    if float((crop.picture < 128).mean()) > PRINT_SHARE:
        return Reading(crop.field.name, "", 0.0, RECOGNISER, doubt=(Doubt.UNSURE,))
    return Reading(crop.field.name, "", 1.0, RECOGNISER, doubt=(Doubt.EMPTY,) if crop.field.required else ())
