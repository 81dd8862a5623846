"""Stores with something in them, and older ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scan_ingest.central import open_central
from scan_ingest.sql import StoreKind, address
from scan_ingest.sql.engines import writing
from scan_ingest.sql.opening import reach
from scan_ingest.sql.versions import bring_to, tables_at
from scan_ingest.workspace.kind import KIND as WORKSPACE
from tests.accepted import Desk, accepted, contents

STRANGE = "Ŵyn said “=1+1”\n\n\tI ♥ her 👩‍⚕️ ‮right to left‬; 'quoted' \\ {} %s :name \u2028 end"


def nominations_at(url: str, folder: Path, *, cards: int = 3) -> list[tuple[object, ...]]:
    """Makes a nominations store of some cards, two of them alike; all that it holds."""
    from scan_ingest.merge import merge

    alike = {"nominee": "Ada", "action": STRANGE, "impact": ""}
    desk = Desk([accepted(number) for number in range(3, cards + 1)] + [accepted(1, **alike), accepted(2, **alike)])
    with open_central(url, folder, create=True) as central:
        merge(desk, central)
        return contents(central)


def contents_at(url: str, folder: Path) -> list[tuple[object, ...]]:
    with open_central(url, folder, create=False) as central:
        return contents(central)


@contextmanager
def reached(url: str, kind: StoreKind) -> Iterator[Engine]:
    engine = reach(address(url), kind, create=True)
    try:
        yield engine
    finally:
        engine.dispose()


def older_workspace(url: str) -> None:
    """A workspace of the first version, with one batch in it."""
    batches = tables_at(WORKSPACE, "w0001").tables["batches"]
    with reached(url, WORKSPACE) as engine, writing(engine) as connection:
        bring_to(connection, WORKSPACE, "w0001")
        connection.execute(
            sa.insert(batches).values(
                organisation="Northgate",
                ward="Ash",
                collected=datetime(2026, 11, 2, tzinfo=UTC).date(),
                state="finished",
                created_at=datetime(2026, 11, 3, 9, tzinfo=UTC),
                discard_reason="",
            )
        )
