"""The likeness of each side, and the cards that seem to have been scanned before.

Revision ID: w0004
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "w0004"
down_revision = "w0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Sides that were read before have no likeness: they are proposed with nothing.
    op.add_column("sides", sa.Column("mark", sa.LargeBinary(), nullable=True))
    op.add_column("sides", sa.Column("likeness", sa.LargeBinary(), nullable=True))
    op.create_table(
        "rescans",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("later", sa.Integer(), nullable=False),
        sa.Column("earlier", sa.Integer(), nullable=False),
        sa.Column("alike", sa.Float(), nullable=False),
        sa.Column("texts_alike", sa.Float(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["earlier"], ["cards.number"], name="fk_rescans_earlier"),
        sa.ForeignKeyConstraint(["later"], ["cards.number"], name="fk_rescans_later"),
        sa.PrimaryKeyConstraint("number", name="pk_rescans"),
        sa.UniqueConstraint("later", "earlier", name="uq_rescans_later_earlier"),
    )
    op.create_index("ix_rescans_earlier", "rescans", ["earlier"], unique=False)
