"""What people said of pages that belong to a card which words were taken out of.

Revision ID: w0012
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "w0012"
down_revision = "w0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_looks",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("page", sa.Integer(), sa.ForeignKey("pages.number"), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("ix_page_looks_page", "page_looks", ["page"])
