"""Nominations and the possible duplicates among them.

Written out rather than taken from `tables.py`: what a version made must not change with the program.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    time = sa.DateTime(timezone=True)
    op.create_table(
        "nominations",
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
        sa.Column("reviewed_at", time),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("extra", json, nullable=False),
        sa.Column("provenance", json, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("likeness", sa.String(64)),
        sa.Column("created_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
    )
    op.create_index("ix_nominations_likeness", "nominations", ["likeness"])
    op.create_table(
        "possible_duplicates",
        sa.Column("first_id", sa.String(36), sa.ForeignKey("nominations.nomination_id"), primary_key=True),
        sa.Column("second_id", sa.String(36), sa.ForeignKey("nominations.nomination_id"), primary_key=True),
        sa.Column("found_at", time, nullable=False),
    )
    op.create_index("ix_possible_duplicates_second_id", "possible_duplicates", ["second_id"])


def downgrade() -> None:
    op.drop_table("possible_duplicates")
    op.drop_table("nominations")
