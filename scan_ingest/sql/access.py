"""What the login of this run may see of a shared store."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scan_ingest.errors import StoreError
from scan_ingest.sql.kinds import StoreKind

NO_ROWS_FOR_THIS_LOGIN = sa.text(
    """
    SELECT row_security_active(to_regclass(:name)) AND NOT EXISTS (
      SELECT FROM pg_policy, unnest(polroles) AS role
      WHERE polrelid = to_regclass(:name) AND (role = 0 OR pg_has_role(role, 'USAGE')))
    """
)


def refuse_without_access(connection: Connection, kind: StoreKind, place: str) -> None:
    """Raises `StoreError` where this login belongs to no organisation of the store: nothing in it would be shown, and
    a store that is closed must not look like an empty one."""
    if connection.dialect.name != "postgresql":
        return
    for table in kind.owned:
        if connection.execute(NO_ROWS_FOR_THIS_LOGIN, {"name": table}).scalar():
            raise StoreError(
                f"{place}: this login belongs to no organisation of the {kind.what}; the database's administrator "
                "grants it one of the roles that `scan-ingest store roles` made"
            )


ROWS_ARE_HIDDEN = sa.text(
    """
    SELECT row_security_active(to_regclass(:name)) AND NOT EXISTS (
      SELECT FROM pg_policy, unnest(polroles) AS role
      WHERE polrelid = to_regclass(:name) AND pg_get_expr(polqual, polrelid) = 'true'
        AND (role = 0 OR pg_has_role(role, 'USAGE')))
    """
)


def refuse_partial_view(connection: Connection, kind: StoreKind, place: str) -> None:
    """Raises `StoreError` where this login sees only some organisations' rows: half a store must not pass for one."""
    if connection.dialect.name != "postgresql":
        return
    for table in kind.owned:
        if connection.execute(ROWS_ARE_HIDDEN, {"name": table}).scalar():
            raise StoreError(
                f"{place}: this login sees some organisations only; backing up and copying needs one that may see "
                "all of them (see docs/roles.md)"
            )
