"""The website's nominations: a delivered table, read by its mapping, carried into the nominations store."""

from scan_ingest.online.carry import OnlineReport as OnlineReport
from scan_ingest.online.carry import import_nominations as import_nominations
from scan_ingest.online.mapping import Mapping as Mapping
from scan_ingest.online.mapping import load_mapping as load_mapping
