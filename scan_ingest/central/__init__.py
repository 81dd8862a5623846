"""The nominations store: the nominations of every organisation, from paper and from the website.

Engines, pragmas, private folders and migrations come from `scan_ingest/sql/`, shared with `workspace/`.
"""

from scan_ingest.central.store import Central as Central
from scan_ingest.central.store import open_central as open_central
