"""Whoever belongs to one organisation reads, claims, merges and exports that organisation's rows, and nobody else's:
tried as the login itself, in raw SQL and through the program."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from scan_ingest.central import open_central
from scan_ingest.central.kind import KIND as CENTRAL
from scan_ingest.domain.card import CardState
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError, StoreError
from scan_ingest.merge import merge
from scan_ingest.ports.review import Draft
from scan_ingest.sql import StoreKind
from scan_ingest.sql.backup import write_backup
from scan_ingest.sql.kinds import RightsOn
from scan_ingest.sql.roles import (
    ADMINISTRATOR,
    ALL_ORGANISATIONS,
    READER,
    REVIEWER,
    make_roles,
    role_of,
    statements,
)
from scan_ingest.workspace import open_workspace
from scan_ingest.workspace.kind import KIND as WORKSPACE
from tests.accepted import Desk, accepted, contents, merged
from tests.drawing.box import put_box
from tests.postgres import Server
from tests.sql.logins import NORTHGATE, ST_MARYS, Shared, batch_of, make_shared
from tests.sql.stores import reached

OURS, THEIRS = role_of(NORTHGATE.organisation), role_of(ST_MARYS.organisation)
TABLES = [*WORKSPACE.tables.tables, *CENTRAL.tables.tables]
Session = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def shared(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """Stores that the tests of this module only look at, or take back what they did to."""
    with postgres_server.fresh_database() as url:
        yield make_shared(postgres_server, url, tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="module")
def ours(shared: Shared) -> Iterator[str]:
    """A login that may do everything with the rows of one organisation."""
    with shared.login(ADMINISTRATOR, OURS) as name:
        yield name


@pytest.fixture
def session(shared: Shared, ours: str) -> Iterator[Session]:
    with shared.session(ours) as session:
        yield session


@pytest.fixture(scope="module")
def theirs(shared: Shared) -> Iterator[dict[str, str]]:
    """What the other organisation has, as one knows it who should not: a row of each table, column by column."""
    with shared.login(READER, THEIRS) as name, shared.session(name) as session:
        found: dict[str, str] = {}
        for table, column in (
            ("batches", "number"),
            ("pages", "number"),
            ("cards", "number"),
            ("sides", "number"),
            ("reviews", "number"),
            ("nominations", "nomination_id"),
        ):
            row = session.execute(f"SELECT {column} FROM {table} ORDER BY 1").fetchone()
            assert row is not None
            found[table] = str(row[0])
        yield found


# -- looking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_each_sees_the_rows_of_one_organisation_and_together_they_see_all(shared: Shared, table: str) -> None:
    with shared.login(READER, OURS) as one, shared.login(READER, THEIRS) as other:
        here, there, all_rows = shared.rows(one, table), shared.rows(other, table), shared.rows(None, table)

    of_nobody = [row for row in all_rows if row.startswith('("",')]  # the audit's chain of what concerns all
    assert not set(here) & set(there)
    assert sorted([*here, *there, *of_nobody]) == all_rows


def test_the_stores_have_something_to_be_hidden(shared: Shared) -> None:
    empty = {table for table in TABLES if not shared.rows(None, table)}
    assert empty <= {
        "removed",
        "page_looks",
        "withheld",
        "leftover_files",
        "page_decisions",
        "rescans",
        "redactions",
        "possible_duplicates",
    }


def test_whoever_may_see_all_organisations_is_a_role_of_its_own(shared: Shared) -> None:
    with shared.login(READER, ALL_ORGANISATIONS) as everything, shared.login(ALL_ORGANISATIONS) as nothing_granted:
        for table in TABLES:
            assert shared.rows(everything, table) == shared.rows(None, table)
        with shared.session(nothing_granted) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("SELECT FROM nominations")


def test_the_tables_owner_is_bound_too(shared: Shared) -> None:
    question = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = ANY(%s)"
    with psycopg.connect(shared.url.replace("+psycopg", "")) as connection:
        assert connection.execute(question, [TABLES]).fetchall() == [(True,)] * len(TABLES)


LOOKING = {
    "a condition": "SELECT nominee FROM nominations WHERE organisation <> 'Northgate Trust'",
    "a subquery": "SELECT 1 WHERE EXISTS (SELECT FROM nominations WHERE organisation LIKE 'St Mary%')",
    "a join": "SELECT reviews.texts FROM reviews JOIN cards ON cards.number = reviews.card "
    "JOIN batches ON batches.number = cards.batch WHERE batches.organisation LIKE 'St Mary%'",
    "a reading by its key": "SELECT reading FROM readings WHERE side = {sides}",
    "a card by its key": "SELECT id FROM cards WHERE number = {cards} FOR UPDATE",
    "whole rows": "SELECT n FROM nominations AS n WHERE n::text LIKE '%St Mary%'",
    "what the planner remembers": "SELECT most_common_vals FROM pg_stats WHERE schemaname = 'public'",
    "a changed row": "UPDATE nominations SET nominee = 'x' WHERE nomination_id = '{nominations}' RETURNING *",
    "a deleted row": "DELETE FROM nominations WHERE nomination_id = '{nominations}' RETURNING *",
    "a claimed card": "UPDATE cards SET leased_by = 'me' WHERE number = {cards} RETURNING *",
    "an amended box": "UPDATE batches SET ward = 'x' WHERE number = {batches} RETURNING *",
    "large objects": "SELECT * FROM pg_largeobject_metadata",
    "what others ask": "SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query LIKE 'SELECT%'",
}


@pytest.mark.parametrize("how", LOOKING)
def test_nothing_of_the_other_organisation_is_found_by(how: str, session: Session, theirs: dict[str, str]) -> None:
    session.execute("ANALYZE")
    assert session.execute(LOOKING[how].format(**theirs)).fetchall() == []


def test_a_copy_of_a_table_holds_the_own_rows_only(session: Session) -> None:
    with session.cursor().copy("COPY nominations TO STDOUT") as copy:
        told = b"".join(copy).decode()
    assert "Northgate Trust" in told
    assert "St Mary" not in told


def test_a_function_that_tells_what_it_is_given_is_given_the_own_rows_only(session: Session) -> None:
    told: list[str] = []
    session.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
    session.execute(
        "CREATE FUNCTION pg_temp.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS "
        "$$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
    )
    session.execute("SELECT FROM nominations WHERE pg_temp.tell(action)")
    session.execute("SELECT FROM batches WHERE pg_temp.tell(organisation)")
    assert told
    assert not [one for one in told if "St Mary" in one]


def test_an_error_that_a_row_can_cause_is_caused_by_the_own_rows_only(session: Session) -> None:
    found = session.execute(
        "SELECT 1 / (CASE WHEN organisation LIKE 'St Mary%' THEN 0 ELSE 1 END) FROM nominations"
    ).fetchall()
    assert found == [(1,)]


# -- what is refused ---------------------------------------------------------------------------------------------------

A_NOMINATION = (
    "INSERT INTO nominations (nomination_id, channel, organisation, box, ward, nominee, role, nominator, action, "
    "impact, reviewed_by, source, extra, provenance, digest, created_at, updated_at) VALUES ('{id}', 'paper', "
    "'{organisation}', '', '', '', '', '', '', '', '', '', '{{}}', '{{}}', '', now(), now())"
)
REFUSED = {
    "a row of another organisation": A_NOMINATION.replace("{id}", "new").replace("{organisation}", "Elsewhere"),
    "a row given to another organisation": "UPDATE nominations SET organisation = 'Elsewhere'",
    "a box given to another organisation": "UPDATE batches SET organisation = 'Elsewhere'",
    "a card in their box": "INSERT INTO cards (id, batch, template, fields, discarded, state, revision) "
    "VALUES ('x', {batches}, '', '', false, 'waiting', 0)",
    "a card moved into their box": "UPDATE cards SET batch = {batches}",
    "a page in their box": "INSERT INTO pages (batch, file_position, page_number, file_sha256, file_name, outcome, "
    "reason) VALUES ({batches}, 9, 9, '', '', 'card', '')",
    "a side given to their card": "UPDATE sides SET card = {cards}",
    "a side moved to their page": "UPDATE sides SET page = {pages}, place = 99",
    "a review of their card": "INSERT INTO reviews (card, decision, reviewer, at, reason, note, texts, state_before) "
    "VALUES ({cards}, 'accept', 'me', now(), '', '', '{{}}', 'waiting')",
    "a draft on their card": "INSERT INTO drafts (card, reviewer, texts, note, at) "
    "VALUES ({cards}, 'x', '', '', now())",
    "a pair with their nomination": "INSERT INTO possible_duplicates (first_id, second_id, found_at) "
    "SELECT nomination_id, '{nominations}', now() FROM nominations",
    "a row in their audit": "INSERT INTO central_audit VALUES ('Elsewhere', 1, now(), '', '', '', '', '', '')",
    "an audit row changed": "UPDATE central_audit SET person = 'somebody else'",
    "an audit row deleted": "DELETE FROM workspace_audit",
    "a number asked for": "INSERT INTO batches (number, organisation, ward, collected, state, created_at, "
    "discard_reason) VALUES (1, 'Northgate Trust', '', now(), 'finished', now(), '')",
    "a counter read": "SELECT last_value FROM batches_number_seq",
    "a counter set": "SELECT setval('batches_number_seq', 1)",
    "a table emptied": "TRUNCATE nominations CASCADE",
    "a reference to a table": "CREATE TABLE public.mine (id varchar(36) REFERENCES nominations)",
    "a trigger on a table": "CREATE TRIGGER mine BEFORE INSERT ON nominations "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "a view beside the tables": "CREATE VIEW public.mine AS SELECT * FROM nominations",
    "a function beside the tables": "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "rows copied in": "COPY nominations FROM STDIN",
    "the policies lifted": "ALTER TABLE nominations DISABLE ROW LEVEL SECURITY",
    "a policy more": "CREATE POLICY mine ON nominations USING (true)",
    "another role taken": f"SET ROLE {ALL_ORGANISATIONS}",
    "the owner's role taken": "SET ROLE card_room",
    "another role granted": f"GRANT {ALL_ORGANISATIONS} TO CURRENT_USER",
    "the server's files": "SELECT pg_read_file('PG_VERSION')",
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_to_have(what: str, session: Session, theirs: dict[str, str]) -> None:
    statement = REFUSED[what]
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)) as refused:
        session.execute(statement.format(**theirs) if "{" in statement else statement)
    assert "St Mary" not in str(refused.value)


def test_rows_are_not_shown_by_switching_their_security_off(session: Session) -> None:
    session.execute("SET row_security = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="would be affected by row-level security"):
        session.execute("SELECT FROM nominations")


@pytest.mark.parametrize("conflict", ["", " ON CONFLICT (nomination_id) DO UPDATE SET nominee = nominations.nominee"])
def test_an_id_that_is_taken_tells_nothing_of_who_took_it(
    conflict: str, session: Session, theirs: dict[str, str]
) -> None:
    mine = A_NOMINATION.format(id=theirs["nominations"], organisation=NORTHGATE.organisation)
    with pytest.raises((psycopg.errors.UniqueViolation, psycopg.errors.InsufficientPrivilege)) as refused:
        session.execute(mine + conflict)
    assert "St Mary" not in str(refused.value)
    assert refused.value.diag.message_detail is None


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (READER, "UPDATE cards SET leased_by = 'me'"),
        (READER, A_NOMINATION.format(id="x", organisation="Northgate Trust")),
        (READER, "DELETE FROM drafts"),
        (REVIEWER, "UPDATE batches SET ward = 'Oak'"),
        (REVIEWER, "UPDATE batches SET discard_reason = 'because'"),
        (REVIEWER, "DELETE FROM batches"),
        (REVIEWER, "UPDATE reviews SET texts = '{}'"),
        (REVIEWER, "DELETE FROM reviews"),
        (REVIEWER, "UPDATE readings SET reading = '{}'"),
        (REVIEWER, "INSERT INTO central_holds (what_kind, what, reason, person, at) VALUES ('', '', '', '', now())"),
    ],
)
def test_what_is_above_a_role_is_refused_to_it(role: str, statement: str, shared: Shared) -> None:
    with (
        shared.login(role, OURS) as name,
        shared.session(name) as session,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        session.execute(statement)


@pytest.mark.parametrize("kind", [WORKSPACE, CENTRAL], ids=["workspace", "central"])
def test_every_table_says_whose_its_rows_are_and_what_each_role_may_do(kind: StoreKind) -> None:
    for table in kind.tables.sorted_tables:
        refers = any(key.column.table is not table for key in table.foreign_keys)
        assert kind.own_rule(table.name) or refers, f"{table.name}: whose are its rows? See {kind.name}/kind.py"
        assert isinstance(kind.rights.get(table.name), RightsOn), f"{table.name}: who may write to it?"
    assert set(kind.rights) <= set(kind.tables.tables)


# -- the program under such a login ------------------------------------------------------------------------------------


@pytest.fixture
def own(postgres_server: Server, tmp_path: Path) -> Iterator[Shared]:
    """Stores for one test, to be changed."""
    with postgres_server.fresh_database() as url:
        yield make_shared(postgres_server, url, tmp_path)


def test_the_program_does_its_whole_work_for_one_organisation(own: Shared) -> None:
    with own.login(REVIEWER, OURS) as name:
        url = own.url_of(name)
        with (
            open_workspace(url, own.data, create=True) as workspace,
            open_central(url, own.data, create=True) as central,
        ):
            put_box(workspace, own.data / "scans", 2, label=NORTHGATE, name="new.pdf")
            assert {one.batch.label.organisation for one in workspace.batches()} == {NORTHGATE.organisation}
            claimed = []
            while card := workspace.claim_next("ben", timedelta(minutes=15)):
                workspace.save_draft(card.id, "ben", Draft({"action": "Kind."}))
                workspace.decide(Review(card.id, Decision.ACCEPT, "ben", datetime.now(UTC), "", {"action": "Kind."}))
                claimed.append(card.label.organisation)
            assert claimed == [NORTHGATE.organisation] * 3
            assert merge(workspace, central).inserted == 4
            assert merge(workspace, central).inserted == 0
            assert {one.organisation for one in central.nominations()} == {NORTHGATE.organisation}
    with open_workspace(own.url, own.data, create=False) as workspace:
        states = [card.state for card in workspace.cards() if card.label.organisation == ST_MARYS.organisation]
        assert sorted(states) == [CardState.ACCEPTED, CardState.ACCEPTED, CardState.WAITING]


def test_their_card_is_no_card_here(shared: Shared, ours: str) -> None:
    with open_workspace(shared.url, shared.data, create=False) as workspace:
        theirs = next(card.id for card in workspace.cards() if card.label.organisation == ST_MARYS.organisation)
    with open_workspace(shared.url_of(ours), shared.data, create=False) as workspace:
        with pytest.raises(CardRefusedError, match="no card"):
            workspace.claim(theirs, "ben", timedelta(minutes=15))
        assert all(card.label.organisation == NORTHGATE.organisation for card in workspace.cards())
        assert {card.label.organisation for card in workspace.accepted_cards()} == {NORTHGATE.organisation}


def test_a_box_of_another_organisation_is_refused_in_words(own: Shared) -> None:
    with (
        own.login(ADMINISTRATOR, OURS) as name,
        open_workspace(own.url_of(name), own.data, create=True) as workspace,
    ):
        with pytest.raises(StoreError, match=r"this login may not write rows of that organisation \(see docs/roles"):
            put_box(workspace, own.data / "scans", 1, label=ST_MARYS, name="wrong.pdf")
        with pytest.raises(StoreError, match="may not write rows of that organisation"):
            workspace.amend_batch(batch_of(workspace, NORTHGATE), organisation=ST_MARYS.organisation)


def test_what_only_an_administrator_may_do_is_refused_in_words(own: Shared) -> None:
    with own.login(REVIEWER, OURS) as name, open_workspace(own.url_of(name), own.data, create=False) as workspace:
        with pytest.raises(StoreError, match=r"this login may not do that: permission denied for table"):
            workspace.amend_batch(batch_of(workspace, NORTHGATE), ward="Oak")
        put_box(workspace, own.data / "scans", 1, label=NORTHGATE, name="new.pdf")
        with pytest.raises(StoreError, match="this login may not do that"):
            workspace.discard_batch(workspace.batches()[-1].batch.id, "because")
    with own.login(ADMINISTRATOR, OURS) as name, open_workspace(own.url_of(name), own.data, create=False) as workspace:
        assert workspace.amend_batch(batch_of(workspace, NORTHGATE), ward="Oak").label.ward == "Oak"
        workspace.discard_batch(workspace.batches()[-1].batch.id, "because")


def test_a_login_of_no_organisation_is_told_so_and_sees_no_empty_store(shared: Shared) -> None:
    with shared.login(ADMINISTRATOR) as name:
        for opened in (open_workspace, open_central):
            with pytest.raises(StoreError, match="this login belongs to no organisation of the"):
                opened(shared.url_of(name), shared.data, create=False)


def test_a_login_without_any_role_is_told_so(shared: Shared) -> None:
    with (
        shared.login() as name,
        pytest.raises(StoreError, match=r"may not do that: permission denied for table \w+_ver"),
    ):
        open_central(shared.url_of(name), shared.data, create=True)


def test_what_concerns_all_is_written_down_for_each_organisation_of_the_login(own: Shared) -> None:
    with own.login(READER, OURS) as name, open_central(own.url_of(name), own.data, create=False) as central:
        before = len(central.copies())
        central.note_copy(CopyKind.EXPORT, own.data / "all.csv")
        assert [copy.organisation for copy in central.copies()[before:]] == [NORTHGATE.organisation]


def test_half_a_store_is_not_backed_up(shared: Shared, ours: str, tmp_path: Path) -> None:
    with (
        reached(shared.url_of(ours), CENTRAL) as engine,
        pytest.raises(StoreError, match="this login sees some organisations only"),
    ):
        write_backup(engine, CENTRAL, tmp_path, tmp_path / "half.zip", with_files=True, force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_another_organisation_ingested_is_a_duplicate_that_tells_no_more(own: Shared) -> None:
    with own.login(REVIEWER, THEIRS) as name, open_workspace(own.url_of(name), own.data, create=False) as workspace:
        batch = put_box(
            workspace, own.data / "scans", 3, label=ST_MARYS, name="Ash.pdf", content=f"Ash.pdf {NORTHGATE}"
        )
        rows = workspace.pages(batch.id)
    assert [(row.outcome, row.reason) for row in rows] == [
        (Outcome.DUPLICATE, "this very page was ingested before, by another organisation")
    ] * 3


def test_a_card_that_another_organisation_merged_is_held_and_nothing_of_it_told(own: Shared) -> None:
    with open_central(own.url, own.data, create=False) as central:
        merged(central, accepted(1, file="copied.pdf", label=ST_MARYS))
        before = contents(central)
    desk = Desk([accepted(1, file="copied.pdf", label=NORTHGATE), accepted(2, file="copied.pdf", label=NORTHGATE)])
    with own.login(REVIEWER, OURS) as name, open_central(own.url_of(name), own.data, create=False) as central:
        done = merge(desk, central)
    assert (done.inserted, done.held) == (1, 1)
    assert desk.merged == {desk.cards[1].card_id}
    with open_central(own.url, own.data, create=False) as central:
        assert [one for one in contents(central) if one in before] == before


def test_organisations_neither_wait_for_each_other_nor_merge_into_each_other(own: Shared) -> None:
    with (
        own.login(REVIEWER, OURS) as one,
        own.login(REVIEWER, THEIRS) as other,
        open_workspace(own.url_of(one), own.data / "one", create=True) as here,
        open_workspace(own.url_of(other), own.data / "other", create=True) as there,
        open_central(own.url_of(one), own.data, create=False) as central,
        here.ingest_lock(NORTHGATE.organisation),
        there.ingest_lock(ST_MARYS.organisation),
    ):
        done = merge(here, central)
        assert (done.inserted, done.updated, done.unchanged) == (1, 1, 0)
    with open_central(own.url, own.data, create=False) as central:
        assert sorted(one.organisation for one in central.nominations()) == [
            *[NORTHGATE.organisation] * 2,
            ST_MARYS.organisation,
        ]


# -- making them -------------------------------------------------------------------------------------------------------


def test_roles_can_be_made_again_and_remember_an_organisation_without_rows(own: Shared) -> None:
    with reached(own.url, CENTRAL) as engine:
        again = make_roles(engine, CENTRAL, [], "owner", dry_run=False)
    assert "sees the rows of One that comes later" in [role.what for role in again.roles]
    with own.login(READER, OURS) as name:
        assert len(own.rows(name, "nominations")) == 1


def test_a_dry_run_makes_nothing(postgres_url: str, tmp_path: Path) -> None:
    open_central(postgres_url, tmp_path, create=True).close()
    with reached(postgres_url, CENTRAL) as engine:
        made = make_roles(engine, CENTRAL, ["A"], "owner", dry_run=True)
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_policies").fetchone() == (0,)
    assert list(made.sql) == list(statements(CENTRAL, ["A"], "public"))


def test_alike_names_have_roles_of_their_own() -> None:
    names = ["St Mary's", "St. Marys", "ST MARY'S", "Ŵyn", "沈", "x" * 300]
    roles = {role_of(name) for name in names}
    assert len(roles) == len(names)
    assert all(len(role) < 64 and role.isascii() for role in roles)
