"""Nominations for research: what people wrote, without who they are."""

from scan_ingest.research.keys import key_from as key_from
from scan_ingest.research.pseudonyms import SMALLEST as SMALLEST
from scan_ingest.research.pseudonyms import SUPPRESSED as SUPPRESSED
from scan_ingest.research.pseudonyms import pseudonymised as pseudonymised
