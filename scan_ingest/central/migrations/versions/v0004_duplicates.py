"""Possible duplicates with their evidence and what a person said of them; what nominations are looked up by.

Every nomination is still to be compared: the next merge or import does so. Pairs proposed by the older rule (the same
words throughout) are proposed anew by the new one.

Revision ID: v0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from scan_ingest.sql import UtcTime

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("possible_duplicates")
    op.create_table(
        "possible_duplicates",
        sa.Column("first_id", sa.String(36), sa.ForeignKey("nominations.nomination_id"), primary_key=True),
        sa.Column("second_id", sa.String(36), sa.ForeignKey("nominations.nomination_id"), primary_key=True),
        sa.Column("found_at", UtcTime(), nullable=False),
        sa.Column("pair_id", sa.String(10), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("answer", sa.String(16)),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", UtcTime()),
    )
    op.create_index("ix_possible_duplicates_second_id", "possible_duplicates", ["second_id"])
    op.create_index("ix_possible_duplicates_pair_id", "possible_duplicates", ["pair_id"])
    op.create_table(
        "sketches",
        sa.Column(
            "nomination_id",
            sa.String(36),
            sa.ForeignKey("nominations.nomination_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_sketches_organisation", "sketches", ["organisation"])
    op.drop_index("ix_nominations_likeness", table_name="nominations")
    op.drop_column("nominations", "likeness")


def downgrade() -> None:
    raise NotImplementedError("a store is not made older; restore the backup that was made before the upgrade")
