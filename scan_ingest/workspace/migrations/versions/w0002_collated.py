"""A batch remembers in which order the sides of its cards were scanned.

Revision ID: w0002
"""

import sqlalchemy as sa
from alembic import op

revision = "w0002"
down_revision = "w0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Whatever was ingested before was read as a duplex scanner gives it.
    op.add_column("batches", sa.Column("collated", sa.String(length=32), nullable=False, server_default="duplex"))
