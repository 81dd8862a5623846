"""Roles of a shared store on PostgreSQL: who may do what (grants), and with whose rows (row-level security).

Two kinds of role, none of which can log in: what somebody may do (reader, reviewer, administrator; each may do what the
one before may) and whose rows they see (one role an organisation, and one that sees all of them). A login is granted
one of the first and one or more of the second. Row-level security is forced, so that it binds the tables' owner too.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from scan_ingest.domain.audit import Act
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import InputError
from scan_ingest.sql.engines import reading, writing
from scan_ingest.sql.failures import as_store_error
from scan_ingest.sql.kinds import RightsOn, StoreKind
from scan_ingest.sql.portable import numbered_by
from scan_ingest.sql.versions import one_at_a_time

PREFIX = "scan_ingest_"
READER, REVIEWER, ADMINISTRATOR = (PREFIX + name for name in ("reader", "reviewer", "administrator"))
ALL_ORGANISATIONS = PREFIX + "all_organisations"
OF = PREFIX + "of_"
PLAIN_LETTERS = 30  # of an organisation's name in that of its role; PostgreSQL cuts names off after 63 bytes


@dataclass(frozen=True)
class Role:
    """A role and, for people, what it is."""

    name: str
    what: str


@dataclass(frozen=True)
class RolesMade:
    """The roles there are now, and the SQL that made them so."""

    roles: tuple[Role, ...]
    sql: tuple[str, ...]


def make_roles(engine: Engine, kind: StoreKind, more: Sequence[str], person: str, *, dry_run: bool) -> RolesMade:
    """Makes or renews the roles of a store, in one transaction: for every organisation that it has rows of or had a
    role for, and for `more`. With `dry_run` nothing is changed.

    Raises `StoreError` where this login may not, `InputError` where an organisation has no name.
    """
    named = [as_kept(one).strip() for one in more]
    if not all(named):
        raise InputError("--organisation: an organisation has a name")
    with reading(engine) as connection:
        organisations = sorted({*organisations_in(connection, kind), *named})
        schema = str(connection.execute(sa.select(sa.func.current_schema())).scalar_one())
    made = RolesMade(roles_for(organisations), tuple(statements(kind, organisations, schema)))
    if not dry_run:
        with writing(engine) as connection:
            one_at_a_time(connection)
            kind.ledger.write(
                connection,
                Act.ROLES,
                organisation="",
                person=person,
                subject=kind.name,
                detail={"organisations": len(organisations)},
            )
            apply(connection, made.sql)
    return made


def role_of(organisation: str) -> str:
    """The name of an organisation's role: its plain letters, and a few of its digest, as two may have the same."""
    plain = unicodedata.normalize("NFKD", organisation).encode("ascii", "ignore").decode().lower()
    letters = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:PLAIN_LETTERS].strip("_")
    digest = hashlib.sha256(organisation.encode()).hexdigest()[:8]
    return f"{OF}{letters}_{digest}" if letters else f"{OF}{digest}"


def roles_for(organisations: Sequence[str]) -> tuple[Role, ...]:
    """Every role that there should be."""
    return (
        Role(READER, "may look at everything"),
        Role(REVIEWER, "may scan, review and merge as well"),
        Role(ADMINISTRATOR, "may amend, discard and purge as well"),
        Role(ALL_ORGANISATIONS, "sees the rows of all organisations"),
        *(Role(role_of(one), f"sees the rows of {one}") for one in organisations),
    )


def organisations_in(connection: Connection, kind: StoreKind) -> frozenset[str]:
    """The organisations that the store has rows of (as far as this login sees them), or a role for already."""
    found: set[str] = set()
    for name in kind.owned:
        column = kind.tables.tables[name].c.organisation
        found.update(connection.execute(sa.select(column).distinct()).scalars())
    remembered = sa.text(
        "SELECT DISTINCT obj_description(oid, 'pg_policy') FROM pg_policy "
        "WHERE starts_with(polname, :prefix) AND polrelid = to_regclass(:table)"
    )
    for name in kind.owned:
        found.update(connection.execute(remembered, {"prefix": OF, "table": name}).scalars())
    return frozenset(one for one in found if one)


def statements(kind: StoreKind, organisations: Sequence[str], schema: str) -> Iterator[str]:
    """The SQL that makes the roles of a store what they should be, whatever they were; to be run in one transaction."""
    for role in roles_for(organisations):
        # Roles belong to the whole server: another store in it may have made them, or be making them just now.
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal(role.name)}) "
            f"THEN CREATE ROLE {quoted(role.name)} NOLOGIN; END IF; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    yield f"GRANT {READER} TO {REVIEWER}"
    yield f"GRANT {REVIEWER} TO {ADMINISTRATOR}"
    # Whoever owns the tables could lift the policies anyway, and has to back the store up and upgrade it.
    yield (
        "DO $$ BEGIN EXECUTE (SELECT format('GRANT "
        f"{ADMINISTRATOR}, {ALL_ORGANISATIONS} TO %I', pg_get_userbyid(relowner)) FROM pg_class "
        f"WHERE oid = {literal(quoted(kind.version_table))}::regclass); END $$"
    )
    yield f"REVOKE CREATE ON SCHEMA {quoted(schema)} FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {READER}"
    yield f"GRANT SELECT ON {quoted(kind.version_table)} TO {READER}"
    for table in kind.tables.sorted_tables:
        yield from _grants(table, kind.rights.get(table.name))
        yield from _policies(table, kind, organisations)


def apply(connection: Connection, sql: Sequence[str]) -> None:
    """Runs the statements as they are: nothing in them is a parameter, even where a name holds a % or a colon."""
    cursor = connection.connection.cursor()
    try:
        for statement in sql:
            cursor.execute(statement)
    except psycopg.Error as exc:
        raise as_store_error(connection.engine.url, exc) from exc
    finally:
        cursor.close()


# -- what each may do --------------------------------------------------------------------------------------------------


def _grants(table: sa.Table, rights: RightsOn | None) -> Iterator[str]:
    """Takes back what was granted on the table, and grants what is right now. What no rule names is for looking at."""
    name = quoted(table.name)
    everybody = f"{READER}, {REVIEWER}, {ADMINISTRATOR}, {ALL_ORGANISATIONS}, PUBLIC"
    yield f"REVOKE ALL ON {name} FROM {everybody}"
    # Rights on columns are not taken back with those on the table.
    columns = ", ".join(quoted(column.name) for column in table.columns)
    yield f"REVOKE ALL ({columns}) ON {name} FROM {everybody}"
    yield f"GRANT SELECT ON {name} TO {READER}"
    if rights is None:
        return
    administrator = rights.administrator if rights.administrator is not None else ("INSERT", "UPDATE", "DELETE")
    for role, may in ((READER, rights.reader), (REVIEWER, rights.reviewer), (ADMINISTRATOR, administrator)):
        for privilege in may:
            yield f"GRANT {_on_columns(privilege, table)} ON {name} TO {role}"
    counted = numbered_by(table)
    if counted is not None:
        sequence = quoted(f"{table.name}_{counted.name}_seq")
        yield f"REVOKE ALL ON SEQUENCE {sequence} FROM {everybody}"
        yield f"GRANT USAGE ON SEQUENCE {sequence} TO {READER}"


def _on_columns(privilege: str, table: sa.Table) -> str:
    """A row's number is the database's to give: asking for one that is taken would tell that it is."""
    counted = numbered_by(table)
    if counted is None or privilege not in ("INSERT", "UPDATE"):
        return privilege
    return f"{privilege} ({', '.join(quoted(column.name) for column in table.columns if column is not counted)})"


# -- with whose rows ---------------------------------------------------------------------------------------------------


def _policies(table: sa.Table, kind: StoreKind, organisations: Sequence[str]) -> Iterator[str]:
    name = quoted(table.name)
    # Whatever policies of ours there were, also of organisations that are no more.
    yield (
        "DO $$ DECLARE old name; BEGIN FOR old IN SELECT polname FROM pg_policy "
        f"WHERE polrelid = {literal(name)}::regclass AND starts_with(polname, {literal(PREFIX)}) "
        f"LOOP EXECUTE format('DROP POLICY %I ON {name}', old); END LOOP; END $$"
    )
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield _policy(ALL_ORGANISATIONS, name, ALL_ORGANISATIONS, "true")
    own = kind.own_rule(table.name)
    if own is not None:
        for organisation in organisations:
            role = role_of(organisation)
            yield _policy(role, name, role, own.format(organisation=literal(organisation)))
            # The name, so that the role is remembered while the organisation has no rows.
            yield f"COMMENT ON POLICY {quoted(role)} ON {name} IS {literal(organisation)}"
        return
    parents = list(_through_parents(table))
    if parents:
        yield _policy(PREFIX + "as_its_parents", name, READER, " AND ".join(parents))


def _through_parents(table: sa.Table) -> Iterator[str]:
    """A row is seen by whoever sees all the rows that it refers to: those are read under the same policies."""
    for column in table.columns:
        for key in column.foreign_keys:
            if key.column.table is table:  # a table's policy cannot ask the table itself
                continue
            parent, there = quoted(key.column.table.name), quoted(key.column.name)
            here = f"{quoted(table.name)}.{quoted(column.name)}"
            found = f"EXISTS (SELECT FROM {parent} AS parent WHERE parent.{there} = {here})"
            yield f"({here} IS NULL OR {found})" if column.nullable else found


def _policy(policy: str, table: str, role: str, rule: str) -> str:
    return f"CREATE POLICY {quoted(policy)} ON {table} TO {quoted(role)} USING ({rule}) WITH CHECK ({rule})"


def quoted(name: str) -> str:
    """A name, as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, as SQL has it."""
    return "'" + text.replace("'", "''") + "'"
