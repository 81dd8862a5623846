"""What a person says of a page: placed by hand, blank, foreign, or belonging to a card.

Revision ID: w0003
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "w0003"
down_revision = "w0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pages", sa.Column("decision", sa.Integer(), nullable=True))
    op.add_column("sides", sa.Column("placed_by", sa.Integer(), nullable=True))
    op.add_column("sides", sa.Column("withdrawn_by", sa.Integer(), nullable=True))
    op.create_table(
        "page_decisions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(length=16), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("outcome_before", sa.String(length=16), nullable=False),
        sa.Column("reason_before", sa.Text(), nullable=False),
        sa.Column("card", sa.Integer(), nullable=True),
        sa.Column("card_state_before", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["card"], ["cards.number"], name="fk_page_decisions_card"),
        sa.ForeignKeyConstraint(["page"], ["pages.number"], name="fk_page_decisions_page"),
        sa.ForeignKeyConstraint(["undoes"], ["page_decisions.number"], name="fk_page_decisions_undoes"),
        sa.PrimaryKeyConstraint("number", name="pk_page_decisions"),
    )
    op.create_index("ix_page_decisions_card", "page_decisions", ["card"], unique=False)
    op.create_index("ix_page_decisions_page", "page_decisions", ["page"], unique=False)
