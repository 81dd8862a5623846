"""Likenesses are finer: those taken before say nothing beside them and go.

Revision ID: w0013
"""

import sqlalchemy as sa
from alembic import op

revision = "w0013"
down_revision = "w0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sides = sa.table("sides", sa.column("mark", sa.LargeBinary()), sa.column("likeness", sa.LargeBinary()))
    op.execute(sides.update().values(mark=None, likeness=None))
