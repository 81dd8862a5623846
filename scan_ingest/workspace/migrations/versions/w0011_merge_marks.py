"""What a card was merged as, so that the next merge sees cheaply that nothing is to be done.

Revision ID: w0011
"""

import sqlalchemy as sa
from alembic import op

revision = "w0011"
down_revision = "w0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cards", sa.Column("merged_mark", sa.String(64), nullable=True))
