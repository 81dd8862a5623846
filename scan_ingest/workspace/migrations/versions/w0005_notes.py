"""A reviewer's note about a card, kept with the decision and with the draft.

Revision ID: w0005
"""

import sqlalchemy as sa
from alembic import op

revision = "w0005"
down_revision = "w0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviews", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("drafts", sa.Column("note", sa.Text(), nullable=False, server_default=""))
