"""Logins of a shared store: two organisations with cards in both stores, and people who may see one of them."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from scan_ingest.central import open_central
from scan_ingest.central.kind import KIND as CENTRAL
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.keeping import CopyKind, HoldOn
from scan_ingest.domain.review import Decision, Review
from scan_ingest.merge import merge
from scan_ingest.ports.review import Draft, Wanted
from scan_ingest.sql import address
from scan_ingest.sql.roles import make_roles
from scan_ingest.workspace import Workspace, open_workspace
from scan_ingest.workspace.kind import KIND as WORKSPACE
from tests.drawing.box import put_box
from tests.postgres import Server
from tests.sql.stores import reached

NORTHGATE = BoxLabel("Northgate Trust", "Ash", date(2026, 3, 2))
ST_MARYS = BoxLabel("St Mary's 100%: 'Care'", "Elm", date(2026, 3, 3))
PASSWORD = "of-a-test-login"  # noqa: S105 - of a server that lives as long as the test run


@dataclass(frozen=True)
class Shared:
    """Both stores in one database; `url` is the address of who owns them."""

    server: Server
    url: str
    data: Path

    def url_of(self, login: str) -> str:
        return address(self.url).set(username=login, password=PASSWORD).render_as_string(hide_password=False)

    @contextmanager
    def login(self, *roles: str) -> Iterator[str]:
        """The name of a new login with those roles, gone at the end."""
        name = f"login_{uuid.uuid4().hex[:10]}"
        self._as_owner(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(
                sql.Identifier(name), sql.Literal(PASSWORD), sql.SQL(", ").join(map(sql.Identifier, roles))
            )
            if roles
            else sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(PASSWORD))
        )
        try:
            yield name
        finally:
            self._as_owner(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))

    @contextmanager
    def session(self, login: str) -> Iterator[psycopg.Connection[Any]]:
        """A connection of that login, as `psql` has it; what it did is taken back."""
        with psycopg.connect(self.url_of(login).replace("+psycopg", "")) as connection:
            yield connection
            connection.rollback()

    def rows(self, login: str | None, table: str) -> list[str]:
        """Every row of the table that the login sees, as text; None is who owns it."""
        with psycopg.connect((self.url_of(login) if login else self.url).replace("+psycopg", "")) as connection:
            query = sql.SQL("SELECT whole::text FROM {} AS whole").format(sql.Identifier(table))
            return sorted(row[0] for row in connection.execute(query))

    def _as_owner(self, statement: sql.Composable) -> None:
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)


def make_shared(server: Server, url: str, folder: Path, labels: Sequence[BoxLabel] = (NORTHGATE, ST_MARYS)) -> Shared:
    """A workspace and a nominations store with a box of three cards of each organisation: one merged, one accepted
    since, one waiting; drafts, a rescan and a decision of each kind among them. Then the roles are made."""
    scans = folder / "scans"
    scans.mkdir()
    with (
        open_workspace(url, folder, create=True) as workspace,
        open_central(url, folder, create=True) as central,
    ):
        for label in labels:
            put_box(workspace, scans, 3, label=label, name=f"{label.ward}.pdf")
        for label in labels:
            accept_one(workspace, label)
        merge(workspace, central)
        for label in labels:
            accept_one(workspace, label)
            workspace.amend_batch(batch_of(workspace, label), ward=f"{label.ward} Ward")
            card = next(card for card in workspace.cards() if card.label.organisation == label.organisation)
            workspace.save_draft(card.id, "ann", Draft({"action": "being typed"}))
            for store in (workspace, central):
                store.put_on_hold(HoldOn.ORGANISATION, label.organisation, "a complaint")
                store.note_copy(CopyKind.EXPORT, folder / "nominations.csv", label.organisation)
        for box in workspace.batches():
            card = next(iter(workspace.cards(batch_id=box.batch.id)))
            workspace.settle_identity(card.id, {"action": Answer(IdentityAnswer.KEEP, "staff")}, "ann")
        workspace.put_on_hold(HoldOn.CARD, next(iter(workspace.cards())).id, "a complaint")
        workspace.put_on_hold(HoldOn.BATCH, "b0002", "a complaint")
        central.put_on_hold(HoldOn.NOMINATION, min(one.id for one in central.nominations()), "a complaint")
    for kind in (WORKSPACE, CENTRAL):
        with reached(url, kind) as engine:
            make_roles(engine, kind, ["One that comes later"], "owner", dry_run=False)
    return Shared(server, url, folder)


def accept_one(workspace: Workspace, label: BoxLabel) -> None:
    """Accepts the next card of that organisation."""
    card = workspace.claim_next("ann", timedelta(minutes=15), wanted=Wanted(batch_id=batch_of(workspace, label)))
    assert card is not None
    texts = {**card.texts, "action": f"Said in {label.organisation}"}
    workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), "", texts))


def batch_of(workspace: Workspace, label: BoxLabel) -> str:
    return next(one.batch.id for one in workspace.batches() if one.batch.label.organisation == label.organisation)
