"""The tables of a workspace.

A card's `id` derives from its picture, so the card of a discarded batch and of the same pages ingested again share it:
the key of a card is its `number`, and only one card of an id is not discarded. `reviews` and `label_changes` are only
ever added to, `page_decisions` too. What a reading says is JSON (see `rows.py`), one row a field, never updated.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from scan_ingest.sql import UtcTime, copies, holds

NOT_DISCARDED = text("NOT discarded")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

HOLDS = holds(metadata, "workspace")
COPIES = copies(metadata, "workspace")

batches = Table(
    "batches",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("ward", Text, nullable=False),
    Column("collected", Date, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expected_cards", Integer),
    Column("discard_reason", Text, nullable=False, default=""),
    Column("collated", String(32), nullable=False, server_default="duplex"),  # the order the sides were scanned in
    Column("discarded_at", UtcTime),
    Column("pictures_gone_at", UtcTime),  # purged: pages, sides and the scans themselves
    Column("texts_gone_at", UtcTime),  # purged: readings, reviewed texts, drafts
    sqlite_autoincrement=True,  # a batch's name is never given twice
)

batch_files = Table(
    "batch_files",
    metadata,
    Column("batch", ForeignKey("batches.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("original", Text),  # its place under the workspace folder; null where the file could not be read
    Column("reason", Text, nullable=False, default=""),
)

label_changes = Table(
    "label_changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("batch", ForeignKey("batches.number"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("organisation", Text, nullable=False),  # the label as it was before
    Column("ward", Text, nullable=False),
    Column("collected", Date, nullable=False),
)

pages = Table(
    "pages",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("batch", ForeignKey("batches.number"), nullable=False),
    Column("file_position", Integer, nullable=False),
    Column("page_number", Integer, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("dpi", Float),
    Column("picture_sha256", String(64), index=True),
    Column("picture", Text),  # its place under the workspace folder
    Column("decision", Integer),  # what a person said of it, the one that stands; see `page_decisions`
    UniqueConstraint("batch", "file_position", "page_number"),
    Index("ix_pages_file_sha256_page_number", "file_sha256", "page_number"),
)

cards = Table(
    "cards",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(20), nullable=False),
    Column("batch", ForeignKey("batches.number"), nullable=False, index=True),
    Column("template", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON: the field notes, in the order of the template
    Column("discarded", Boolean, nullable=False, default=False),
    Column("erased_at", UtcTime),  # such a card is discarded, too
    Column("state", String(16), nullable=False),  # as it stands without a lease
    Column("revision", Integer, nullable=False, default=0),  # counts decisions and amended labels
    Column("merged_revision", Integer),  # what the nominations store has; null: nothing yet
    Column("merged_at", UtcTime),
    Column("merged_mark", String(64)),  # what merge made of it at that revision; null: look at it again
    Column("review", Integer),  # the review that stands
    Column("leased_by", Text),
    Column("leased_until", UtcTime),
    Column("second_look", String(16)),  # waiting, differs or settled; null: not drawn
    Index("ix_cards_id", "id", unique=True, sqlite_where=NOT_DISCARDED, postgresql_where=NOT_DISCARDED),
    Index("ix_cards_state", "state"),
)

sides = Table(
    "sides",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("page", ForeignKey("pages.number"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("template", Text, nullable=False),
    Column("side", String(16), nullable=False),
    Column("placement", Text, nullable=False),  # JSON: matrix, residual, inliers, corners
    Column("picture", Text, nullable=False),  # the registered side, its place under the workspace folder
    Column("written", Boolean, nullable=False),
    Column("card", ForeignKey("cards.number"), index=True),
    Column("card_position", Integer),  # 0 the front
    Column("placed_by", Integer),  # the page decision it came with; null: the ingest placed it
    Column("mark", LargeBinary),  # of its likeness; null where next to nothing is written, as `likeness` is
    Column("likeness", LargeBinary),
    Column("withdrawn_by", Integer),  # the page decision that took it away; null: it stands
    UniqueConstraint("page", "place"),
)

readings = Table(
    "readings",
    metadata,
    Column("side", ForeignKey("sides.number"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("reading", Text, nullable=False),  # JSON
    Column("doubtful", Integer, nullable=False, server_default="0"),  # places of it that a reviewer has to look at
)

rescans = Table(
    "rescans",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("later", ForeignKey("cards.number"), nullable=False),
    Column("earlier", ForeignKey("cards.number"), nullable=False, index=True),
    Column("alike", Float, nullable=False),
    Column("texts_alike", Float, nullable=False),
    Column("answer", String(16)),  # null: it waits for a person
    Column("answered_by", Text, nullable=False, default=""),
    Column("at", UtcTime),
    UniqueConstraint("later", "earlier"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("card", ForeignKey("cards.number"), nullable=False, index=True),
    Column("decision", String(16), nullable=False),  # accept, reject, set-aside, second-look, or undo
    Column("undoes", ForeignKey("reviews.number")),
    Column("reviewer", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False, default=""),  # the reviewer's, about the card
    Column("texts", Text, nullable=False),  # JSON: every field as it stands after it
    Column("state_before", String(16), nullable=False),
    Column("review_before", Integer),
    Column("shown", Text),  # JSON: what was on the screen; null where there was none, as for a correction from a file
    Column("second_look_before", String(16)),
)

drafts = Table(
    "drafts",
    metadata,
    Column("card", ForeignKey("cards.number"), primary_key=True),
    Column("reviewer", Text, primary_key=True),
    Column("texts", Text, nullable=False),  # JSON
    Column("note", Text, nullable=False, default=""),
    Column("at", UtcTime, nullable=False),
    Column("began_from", Integer),  # the review that stood when the card was opened for it
    Column("opened_at", UtcTime),
)

page_decisions = Table(
    "page_decisions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("page", ForeignKey("pages.number"), nullable=False, index=True),
    Column("call", String(16), nullable=False),  # placed, blank, foreign, attached, or undo
    Column("undoes", ForeignKey("page_decisions.number")),
    Column("before", Integer),  # the decision that stood until then
    Column("person", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("outcome_before", String(16), nullable=False),
    Column("reason_before", Text, nullable=False),
    Column("card", ForeignKey("cards.number"), index=True),  # which card an attached page belongs to
    Column("card_state_before", String(16)),
)

leftover_files = Table(
    "leftover_files",
    metadata,
    Column("place", Text, primary_key=True),  # under the workspace folder
)
"""Files that no row needs any more, written in the transaction that made them so: whoever is killed before they are
gone finds them here the next time."""


identity_settlements = Table(
    "identity_settlements",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("card", ForeignKey("cards.number"), nullable=False, index=True),
    Column("field", Text, nullable=False),
    Column("answer", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("of_text", String(64), nullable=False),  # what it was given on, see `text_key`
    Column("person", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

page_looks = Table(
    "page_looks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("page", ForeignKey("pages.number"), nullable=False, index=True),
    Column("answer", String(16), nullable=False),  # black, part or clean
    Column("person", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
"""What people said of pages that belong to a card which words were taken out of."""

redactions = Table(
    "redactions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("card", ForeignKey("cards.number"), nullable=False, index=True),
    Column("person", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("is_done", Boolean, nullable=False, default=False),
)
