"""The database goes away in the middle: the run says so, what was done stays, and it goes on once it is back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from scan_ingest.central import open_central
from scan_ingest.central.carrying import CentralTransaction
from scan_ingest.central.store import Central
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.page import PageRef
from scan_ingest.errors import StoreError
from scan_ingest.merge import merge
from scan_ingest.sql import address
from scan_ingest.workspace import open_workspace
from tests.accepted import ROSE_WARD, contents, many_boxes
from tests.drawing.box import a_card_page

BOXES, CARDS = 6, 5

# The server ends the connection that is just queueing a card, its page being written already.
GOES_AWAY_WITH_A_CARD = """
CREATE FUNCTION goes_away() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
CREATE TRIGGER goes_away BEFORE INSERT ON cards FOR EACH ROW EXECUTE FUNCTION goes_away();
"""


def cut_off_everybody(url: str) -> None:
    """Ends every other connection to the database, as a server does that is stopped."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


class GoesAwayInTheThirdBox(Central):
    """A nominations store whose server is stopped while the third box is carried."""

    boxes = 0

    @contextmanager
    def merging(self) -> Iterator[CentralTransaction]:
        self.boxes += 1
        with super().merging() as transaction:
            if self.boxes == 3:
                cut_off_everybody(self._engine.url.render_as_string(hide_password=False))
            yield transaction


def test_a_merge_says_how_far_it_came_and_goes_on_from_there(postgres_url: str, tmp_path: Path) -> None:
    with open_central(f"sqlite:///{tmp_path / 'unharmed.db'}", tmp_path, create=True) as unharmed:
        merge(many_boxes("site", BOXES, CARDS), unharmed)
        expected = contents(unharmed)
    desk = many_boxes("site", BOXES, CARDS)
    with open_central(postgres_url, tmp_path, create=True) as central:
        with pytest.raises(StoreError, match=r"10 cards were carried, the same command goes on from there") as said:
            merge(desk, GoesAwayInTheThirdBox(central._engine))
        assert str(address(postgres_url).password) not in str(said.value)
        assert (central.count(), len(desk.merged)) == (2 * CARDS, 2 * CARDS)

        done = merge(desk, central)

        assert (done.inserted, done.unchanged) == ((BOXES - 2) * CARDS, 2 * CARDS)
        assert contents(central) == expected


def test_an_ingest_keeps_the_pages_it_recorded_and_goes_on_with_the_next(postgres_url: str, tmp_path: Path) -> None:
    label = BoxLabel(ROSE_WARD.organisation, ROSE_WARD.ward, ROSE_WARD.collected)
    (tmp_path / "box.pdf").write_bytes(b"a box")
    with open_workspace(postgres_url, tmp_path / "data", create=True) as workspace:
        original = workspace.keep_original(tmp_path / "box.pdf")
        batch, _ = workspace.open_batch(label, [original], None, any_date=False)
        pages = [a_card_page(PageRef(original.sha256, number, original.name)) for number in (1, 2)]
        workspace.record(batch.id, pages[0])
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute(GOES_AWAY_WITH_A_CARD)
            with pytest.raises(StoreError, match=r"postgresql://127\.0\.0\.1"):
                workspace.record(batch.id, pages[1])
            other.execute("DROP TRIGGER goes_away ON cards")

        again, continued = workspace.open_batch(label, [original], None, any_date=False)
        assert (again.id, continued) == (batch.id, True)
        assert workspace.recorded_pages(batch.id) == {(0, 1)}
        workspace.record(batch.id, pages[1])
        workspace.finish(batch.id)
        assert workspace.count_cards(batch.id) == 2
