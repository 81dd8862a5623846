"""Whose rows a login of a shared store may write, where what was done concerns no single organisation."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

OF_THIS_LOGIN = sa.text(
    """
    SELECT obj_description(oid, 'pg_policy') FROM pg_policy, unnest(polroles) AS role
    WHERE polrelid = to_regclass(:name) AND row_security_active(to_regclass(:name)) AND pg_has_role(role, 'USAGE')
    """
)
"""The organisations of this login, as `sql.roles` remembers them; without a name: all of them."""


def chains_of(connection: Connection, table: sa.Table, organisation: str) -> tuple[str, ...]:
    """Under which organisations it is to be written down: the one, or "" for all; of a login that has only some, those.

    `table` says by its policies whose rows the login may write.
    """
    if organisation or connection.dialect.name != "postgresql":
        return (organisation,)
    names = set(connection.execute(OF_THIS_LOGIN, {"name": table.name}).scalars())
    return tuple(sorted(names)) if names and None not in names else (organisation,)
