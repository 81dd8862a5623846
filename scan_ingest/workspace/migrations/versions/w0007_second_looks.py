"""Second looks, what was on the screen, what a draft began from, and how doubtful a reading is.

Revision ID: w0007
"""

import json

import sqlalchemy as sa
from alembic import op

from scan_ingest.sql import UtcTime

revision = "w0007"
down_revision = "w0006"
branch_labels = None
depends_on = None

SIDES_AT_ONCE = 500  # with all that was read on them about 5 MB


def upgrade() -> None:
    op.add_column("cards", sa.Column("second_look", sa.String(length=16), nullable=True))
    op.add_column("reviews", sa.Column("shown", sa.Text(), nullable=True))
    op.add_column("reviews", sa.Column("second_look_before", sa.String(length=16), nullable=True))
    op.add_column("drafts", sa.Column("began_from", sa.Integer(), nullable=True))
    op.add_column("drafts", sa.Column("opened_at", UtcTime(), nullable=True))
    op.add_column("readings", sa.Column("doubtful", sa.Integer(), nullable=False, server_default="0"))
    _count_doubtful_places()


def _count_doubtful_places() -> None:
    """Of the readings there are already: doubtful words, else the field where it is in doubt."""
    readings = sa.table("readings", *map(sa.column, ("side", "field", "reading", "doubtful")))
    connection = op.get_bind()
    last = connection.execute(sa.select(sa.func.max(readings.c.side))).scalar() or 0
    change = readings.update().where(
        readings.c.side == sa.bindparam("of_side"), readings.c.field == sa.bindparam("of_field")
    )
    for before in range(0, last, SIDES_AT_ONCE):
        some = connection.execute(
            sa.select(readings).where(readings.c.side > before, readings.c.side <= before + SIDES_AT_ONCE)
        )
        counted = [
            {"of_side": row.side, "of_field": row.field, "doubtful": _doubtful_places(json.loads(row.reading))}
            for row in some
        ]
        if counted:
            connection.execute(change, counted)


def _doubtful_places(reading: dict[str, list[dict[str, list[dict[str, object]]]]]) -> int:
    words = sum(bool(word.get("doubt")) for line in reading.get("lines", []) for word in line.get("words", []))
    return words or int(bool(reading.get("doubt")))
