"""Files → pages, one at a time: PDF, TIFF, JPEG, PNG, and folders of them."""

from scan_ingest.sources.inputs import find_files
from scan_ingest.sources.open import BY_SUFFIX, count_pages, pages_of

__all__ = ["BY_SUFFIX", "count_pages", "find_files", "pages_of"]
