"""The workspace as first shipped.

Revision ID: w0001
"""

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "w0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("collected", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expected_cards", sa.Integer(), nullable=True),
        sa.Column("discard_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_batches"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "batch_files",
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("original", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.number"], name="fk_batch_files_batch"),
        sa.PrimaryKeyConstraint("batch", "position", name="pk_batch_files"),
    )
    op.create_index("ix_batch_files_sha256", "batch_files", ["sha256"], unique=False)
    op.create_table(
        "cards",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("discarded", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("merged_revision", sa.Integer(), nullable=True),
        sa.Column("review", sa.Integer(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.number"], name="fk_cards_batch"),
        sa.PrimaryKeyConstraint("number", name="pk_cards"),
    )
    op.create_index("ix_cards_batch", "cards", ["batch"], unique=False)
    op.create_index(
        "ix_cards_id",
        "cards",
        ["id"],
        unique=True,
        sqlite_where=sa.text("NOT discarded"),
        postgresql_where=sa.text("NOT discarded"),
    )
    op.create_index("ix_cards_state", "cards", ["state"], unique=False)
    op.create_table(
        "label_changes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("collected", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.number"], name="fk_label_changes_batch"),
        sa.PrimaryKeyConstraint("number", name="pk_label_changes"),
    )
    op.create_index("ix_label_changes_batch", "label_changes", ["batch"], unique=False)
    op.create_table(
        "pages",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("file_position", sa.Integer(), nullable=False),
        sa.Column("page_number", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("dpi", sa.Float(), nullable=True),
        sa.Column("picture_sha256", sa.String(length=64), nullable=True),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.number"], name="fk_pages_batch"),
        sa.PrimaryKeyConstraint("number", name="pk_pages"),
        sa.UniqueConstraint("batch", "file_position", "page_number", name="uq_pages_batch_file_position_page_number"),
    )
    op.create_index("ix_pages_file_sha256_page_number", "pages", ["file_sha256", "page_number"], unique=False)
    op.create_index("ix_pages_picture_sha256", "pages", ["picture_sha256"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("card", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["card"], ["cards.number"], name="fk_drafts_card"),
        sa.PrimaryKeyConstraint("card", "reviewer", name="pk_drafts"),
    )
    op.create_table(
        "reviews",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("card", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("state_before", sa.String(length=16), nullable=False),
        sa.Column("review_before", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["card"], ["cards.number"], name="fk_reviews_card"),
        sa.ForeignKeyConstraint(["undoes"], ["reviews.number"], name="fk_reviews_undoes"),
        sa.PrimaryKeyConstraint("number", name="pk_reviews"),
    )
    op.create_index("ix_reviews_card", "reviews", ["card"], unique=False)
    op.create_table(
        "sides",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("placement", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("card", sa.Integer(), nullable=True),
        sa.Column("card_position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["card"], ["cards.number"], name="fk_sides_card"),
        sa.ForeignKeyConstraint(["page"], ["pages.number"], name="fk_sides_page"),
        sa.PrimaryKeyConstraint("number", name="pk_sides"),
        sa.UniqueConstraint("page", "place", name="uq_sides_page_place"),
    )
    op.create_index("ix_sides_card", "sides", ["card"], unique=False)
    op.create_table(
        "readings",
        sa.Column("side", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["side"], ["sides.number"], name="fk_readings_side"),
        sa.PrimaryKeyConstraint("side", "field", name="pk_readings"),
    )
