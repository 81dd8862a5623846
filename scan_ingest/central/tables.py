"""The tables of the nominations store, as this version of the program has them; `migrations/` makes them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from scan_ingest.sql import UtcTime, copies, holds, ledger

metadata = sa.MetaData()

LEDGER = ledger(metadata, "central")
HOLDS = holds(metadata, "central")
COPIES = copies(metadata, "central")

Json = sa.JSON().with_variant(JSONB(), "postgresql")

nominations = sa.Table(
    "nominations",
    metadata,
    sa.Column("nomination_id", sa.String(36), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("box", sa.Text, nullable=False),
    sa.Column("ward", sa.Text, nullable=False),
    sa.Column("nominee", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("nominator", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("impact", sa.Text, nullable=False),
    sa.Column("collected_on", sa.Date),
    sa.Column("reviewed_by", sa.Text, nullable=False),
    sa.Column("reviewed_at", UtcTime),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("extra", Json, nullable=False),
    sa.Column("provenance", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
)

possible_duplicates = sa.Table(
    "possible_duplicates",
    metadata,
    sa.Column("first_id", sa.ForeignKey("nominations.nomination_id"), primary_key=True),
    sa.Column("second_id", sa.ForeignKey("nominations.nomination_id"), primary_key=True, index=True),
    sa.Column("found_at", UtcTime, nullable=False),
    sa.Column("pair_id", sa.String(10), nullable=False, index=True),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("evidence", Json, nullable=False),
    sa.Column("answer", sa.String(16)),
    sa.Column("answered_by", sa.Text),
    sa.Column("answered_at", UtcTime),
)

sketches = sa.Table(
    "sketches",
    metadata,
    sa.Column("nomination_id", sa.ForeignKey("nominations.nomination_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("organisation", sa.Text, nullable=False, index=True),
    sa.Column("sketch", sa.LargeBinary, nullable=False),
)
"""What nominations are looked up by when possible duplicates are searched for. One that has no sketch, or was changed
and lost it, is still to be compared."""

removed = sa.Table(
    "removed",
    metadata,
    sa.Column("nomination_id", sa.String(36), primary_key=True),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("why", sa.String(16), nullable=False),  # purge or erase
    sa.Column("at", UtcTime, nullable=False),
)
"""Nominations that went and must not come back, by ids that say nothing of them."""

withheld = sa.Table(
    "withheld",
    metadata,
    sa.Column("nomination_id", sa.String(36), primary_key=True),
    sa.Column("salt", sa.String(32), primary_key=True),
    sa.Column("words", sa.Integer, nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("delivered", sa.String(64), nullable=False),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
"""Names that were taken out of nominations and must not come back, by marks that say nothing: `domain/withheld.py`."""
