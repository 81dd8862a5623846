"""What is kept for how long: when cards were merged and batches discarded, what was purged, legal holds, copies.

Revision ID: w0008
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "w0008"
down_revision = "w0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("discarded_at", "pictures_gone_at", "texts_gone_at"):
        op.add_column("batches", sa.Column(column, UtcTime(), nullable=True))
    op.add_column("cards", sa.Column("merged_at", UtcTime(), nullable=True))
    op.create_table(
        "workspace_holds",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what_kind", sa.String(length=16), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_workspace_holds"),
    )
    op.create_table(
        "workspace_copies",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_workspace_copies"),
    )
    op.create_table(
        "leftover_files",
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_leftover_files"),
    )
