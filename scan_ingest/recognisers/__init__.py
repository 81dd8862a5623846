"""The recognisers, by name. A new one is a module with one function and one line here."""

from collections.abc import Callable, Mapping

from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.recognisers.tesseract import tesseract

RECOGNISERS: Mapping[str, Callable[[], Recogniser]] = {
    "pp-ocrv6": pp_ocrv6,
    "tesseract": tesseract,
}
