"""Patients' identities: what people made of what was found, and redactions.

Revision ID: w0009
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "w0009"
down_revision = "w0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_settlements",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("card", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("of_text", sa.String(length=64), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["card"], ["cards.number"], name="fk_identity_settlements_card"),
        sa.PrimaryKeyConstraint("number", name="pk_identity_settlements"),
    )
    op.create_index("ix_identity_settlements_card", "identity_settlements", ["card"], unique=False)
    op.create_table(
        "redactions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("card", sa.Integer(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["card"], ["cards.number"], name="fk_redactions_card"),
        sa.PrimaryKeyConstraint("number", name="pk_redactions"),
    )
    op.create_index("ix_redactions_card", "redactions", ["card"], unique=False)
