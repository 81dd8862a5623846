"""Cards that were erased for a person who asked.

Revision ID: w0010
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "w0010"
down_revision = "w0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cards", sa.Column("erased_at", UtcTime(), nullable=True))
