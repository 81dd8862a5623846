"""Whoever belongs to one organisation reaches into no other's rows: every table and every reference between tables, as
the database itself lists them, so that a table that is added later is walked too."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from scan_ingest.central.kind import KIND as CENTRAL
from scan_ingest.sql.roles import ADMINISTRATOR, ALL_ORGANISATIONS, PREFIX, READER, role_of
from scan_ingest.workspace.kind import KIND as WORKSPACE
from tests.postgres import Server
from tests.sql.logins import NORTHGATE, ST_MARYS, Shared, make_shared

VERSIONS = {WORKSPACE.version_table, CENTRAL.version_table}
"""Tables that hold no rows of anybody."""
OF_NOBODY = {"leftover_files"}
"""Places under the site's folder, which say nothing of what was there; any organisation's administrator sees all."""
EVERY_TABLE = {**WORKSPACE.tables.tables, **CENTRAL.tables.tables}
REFERENCES = [
    (table.name, column.name, key.column.table.name, key.column.name)
    for table in EVERY_TABLE.values()
    for column in table.columns
    for key in column.foreign_keys
    if key.column.table is not table
]
Session = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def shared(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with postgres_server.fresh_database() as url:
        yield make_shared(postgres_server, url, tmp_path_factory.mktemp("closed"))


@pytest.fixture
def ours(shared: Shared) -> Iterator[Session]:
    """A session of somebody who may do everything with the rows of one organisation; taken back at the end."""
    with shared.login(ADMINISTRATOR, role_of(NORTHGATE.organisation)) as name, shared.session(name) as session:
        yield session


def asked_of_owner(shared: Shared, question: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(shared.url.replace("+psycopg", "")) as connection:
        return connection.execute(question, values or None).fetchall()


def key_of_theirs(shared: Shared, table: str, column: str) -> object:
    """The key of a row that the other organisation has in that table."""
    with shared.login(READER, role_of(ST_MARYS.organisation)) as name, shared.session(name) as session:
        question = sql.SQL("SELECT {} FROM {} ORDER BY 1 LIMIT 1")
        row = session.execute(question.format(sql.Identifier(column), sql.Identifier(table))).fetchone()
    assert row is not None
    return row[0]


# -- what the database has ---------------------------------------------------------------------------------------------


def test_every_table_that_there_is_has_its_rows_closed_to_everybody_else(shared: Shared) -> None:
    tables = asked_of_owner(
        shared,
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class JOIN pg_namespace AS place "
        "ON place.oid = relnamespace WHERE relkind IN ('r', 'p', 'f') "
        "AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')",
    )
    assert {name for name, closed in tables if not closed} == VERSIONS
    assert {name for name, _ in tables} == {*EVERY_TABLE, *VERSIONS}


def test_nothing_beside_the_tables_could_show_their_rows(shared: Shared) -> None:
    beside = (
        "SELECT relname FROM pg_class JOIN pg_namespace AS place ON place.oid = relnamespace "
        "WHERE relkind IN ('v', 'm') AND nspname NOT IN ('pg_catalog', 'information_schema')"
    )
    functions = (
        "SELECT proname FROM pg_proc JOIN pg_namespace AS place ON place.oid = pronamespace "
        "WHERE nspname NOT IN ('pg_catalog', 'information_schema')"
    )
    triggers = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    for question in (beside, functions, triggers):
        assert asked_of_owner(shared, question) == []


def test_only_who_may_see_all_organisations_is_let_through_without_a_question(shared: Shared) -> None:
    let_through = asked_of_owner(
        shared,
        "SELECT polrelid::regclass::text, array(SELECT rolname::text FROM pg_roles WHERE oid = ANY (polroles)) "
        "FROM pg_policy WHERE pg_get_expr(polqual, polrelid) = 'true' OR pg_get_expr(polwithcheck, polrelid) = 'true'",
    )
    assert {table for table, roles in let_through if roles != [ALL_ORGANISATIONS]} == OF_NOBODY
    to_whom = asked_of_owner(
        shared,
        "SELECT DISTINCT rolname::text FROM pg_policy, unnest(polroles) AS role LEFT JOIN pg_roles ON oid = role",
    )
    assert all(name and name.startswith(PREFIX) for (name,) in to_whom)


def test_everybody_alike_is_granted_nothing(shared: Shared) -> None:
    assert (
        asked_of_owner(
            shared,
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = 'PUBLIC' AND table_schema NOT IN ('pg_catalog', 'information_schema')",
        )
        == []
    )


def reached(session: Session, statement: sql.Composable) -> set[str]:
    """What it tells of the rows it reached; nothing where it is refused, which tells nothing either."""
    refusals: list[str] = []
    try:
        with session.transaction():
            return {row[0] for row in session.execute(statement)}
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation) as refused:
        refusals.append(str(refused))
    assert "St Mary" not in refusals[0]
    return set()


# -- reaching over -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "column", "parent", "key"), REFERENCES, ids=lambda each: str(each))
def test_no_row_can_be_made_to_belong_to_theirs(
    table: str, column: str, parent: str, key: str, shared: Shared, ours: Session
) -> None:
    """Neither a new one, a copy of one of ours, nor one of ours moved over."""
    theirs = key_of_theirs(shared, parent, key)
    columns = [each.name for each in EVERY_TABLE[table].columns if not _numbered(each)]
    into, mine = sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    copied = sql.SQL(", ").join(sql.Literal(theirs) if each == column else sql.Identifier(each) for each in columns)
    for statement in (
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} LIMIT 1 RETURNING '1'").format(into, mine, copied, into),
        sql.SQL("UPDATE {} SET {} = {} RETURNING '1'").format(into, sql.Identifier(column), sql.Literal(theirs)),
    ):
        assert reached(ours, statement) == set()  # refused, or there was none of ours to begin with


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_no_row_of_theirs_is_read_changed_or_deleted_by_whatever_statement(
    table: str, shared: Shared, ours: Session
) -> None:
    into = sql.Identifier(table)
    with shared.login(READER, role_of(ST_MARYS.organisation)) as name:
        before = shared.rows(name, table)
    first = sql.Identifier(next(iter(EVERY_TABLE[table].columns)).name)
    for statement in (
        sql.SQL("SELECT each::text FROM {} AS each").format(into),
        sql.SQL("UPDATE {} AS each SET {} = {} RETURNING each::text").format(into, first, first),
        sql.SQL("DELETE FROM {} AS each RETURNING each::text").format(into),
    ):
        assert not reached(ours, statement) & set(before)


TRIED = {
    "a copy of what a question finds": "COPY (SELECT organisation FROM batches) TO STDOUT",
    "a view of one's own": "CREATE TEMPORARY VIEW mine AS SELECT organisation FROM nominations; SELECT * FROM mine",
    "a function with its maker's rights": "CREATE FUNCTION pg_temp.all() RETURNS SETOF text LANGUAGE sql "
    "SECURITY DEFINER AS 'SELECT organisation FROM nominations'; SELECT * FROM pg_temp.all()",
    "a cursor": "DECLARE mine CURSOR FOR SELECT organisation FROM nominations; FETCH ALL FROM mine",
    "a prepared statement": "PREPARE mine AS SELECT organisation FROM nominations; EXECUTE mine",
    "rows of another table's column": "SELECT (SELECT string_agg(organisation, ',') FROM batches)",
    "a table made of it": "CREATE TEMPORARY TABLE mine AS SELECT organisation FROM nominations; SELECT * FROM mine",
    "a list of what changed": "SELECT organisation FROM central_audit",
    "what is in the server's log": "SELECT setting FROM pg_settings WHERE name = 'log_destination' AND false",
    "a sample": "SELECT organisation FROM nominations TABLESAMPLE BERNOULLI (100)",
    "a lock and a look": "SELECT organisation FROM nominations FOR SHARE",
}


@pytest.mark.parametrize("how", TRIED)
def test_it_shows_nothing_of_theirs_to_ask_by(how: str, ours: Session) -> None:
    told = b""
    for statement in TRIED[how].split("; "):
        with ours.cursor() as cursor:
            if statement.startswith("COPY"):
                with cursor.copy(statement) as copy:
                    told = b"".join(copy)
            else:
                cursor.execute(statement)
                told = str(cursor.fetchall() if cursor.description else "").encode()
    assert b"St Mary" not in told


@pytest.mark.parametrize(
    "statement",
    [
        "SET SESSION AUTHORIZATION card_room",
        f"SET ROLE {role_of(ST_MARYS.organisation)}",
        f"GRANT {role_of(ST_MARYS.organisation)} TO CURRENT_USER",
        "ALTER TABLE nominations NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE nominations OWNER TO CURRENT_USER",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "CREATE ROLE another",
        "COPY nominations TO PROGRAM 'cat'",
        "COPY nominations TO '/tmp/nominations'",
        "SELECT currval('batches_number_seq')",
        "SELECT last_value FROM batches_number_seq",
        "CREATE STATISTICS mine ON organisation, ward FROM nominations",
        "CREATE PUBLICATION mine FOR TABLE nominations",
        "CREATE RULE mine AS ON INSERT TO nominations DO ALSO NOTHING",
        "CREATE EXTENSION dblink",
        "SELECT * FROM pg_authid",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_export(0, '/tmp/x')",
    ],
)
def test_what_would_open_the_rows_is_refused(statement: str, ours: Session) -> None:
    with pytest.raises(
        (
            psycopg.errors.InsufficientPrivilege,
            psycopg.errors.ObjectNotInPrerequisiteState,  # no number was drawn in this session
            psycopg.errors.UndefinedFile,  # the extension is not installed
        )
    ):
        ours.execute(statement)


def _numbered(column: sa.Column[Any]) -> bool:
    """Whether the database gives the number."""
    return column.table.autoincrement_column is column
