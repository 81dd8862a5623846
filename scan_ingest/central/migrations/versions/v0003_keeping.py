"""Legal holds, files written out of the store, and the ids of nominations that went for good.

Revision ID: v0003
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "central_holds",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("what_kind", sa.String(length=16), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False, server_default=""),
        sa.Column("ended_at", UtcTime()),
    )
    op.create_table(
        "central_copies",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
    )
    op.create_table(
        "removed",
        sa.Column("nomination_id", sa.String(length=36), primary_key=True),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )


def downgrade() -> None:
    for table in ("removed", "central_copies", "central_holds"):
        op.drop_table(table)
