"""Marks of names that were taken out of nominations, so that no later delivery brings them back.

Revision ID: v0005
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "v0005"
down_revision = "v0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withheld",
        sa.Column("nomination_id", sa.String(length=36), primary_key=True),
        sa.Column("salt", sa.String(length=32), primary_key=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("delivered", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("withheld")
