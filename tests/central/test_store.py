"""The nominations store, on each kind of database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from scan_ingest.central import Central, open_central
from scan_ingest.central.tables import metadata
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.merging import MergeCounts, MergePlan
from scan_ingest.domain.review import FieldOrigin
from scan_ingest.errors import InputError
from scan_ingest.merge import dry_run, entry_of, merge, nomination_of
from scan_ingest.sql import address, make_engine
from tests.accepted import REVIEWED, ROSE_WARD, Desk, accepted, contents, merged, on_page, two_boxes

STRANGE = "Ŵyn said “=1+1”\n\n\tI ♥ her 👩‍⚕️ ‮right to left‬; 'quoted' \\ {} %s :name \u2028 end"


@pytest.fixture
def central(store_url: str, tmp_path: Path) -> Iterator[Central]:
    with open_central(store_url, tmp_path, create=True) as central:
        yield central


def test_the_tables_are_what_the_migrations_make(store_url: str, tmp_path: Path) -> None:
    open_central(store_url, tmp_path, create=True).close()
    engine = make_engine(address(store_url))
    made = sa.inspect(engine)
    for table in metadata.sorted_tables:
        columns = {column["name"]: column for column in made.get_columns(table.name)}
        assert list(columns) == [column.name for column in table.columns]
        assert {name: column["nullable"] for name, column in columns.items()} == {
            column.name: column.nullable for column in table.columns
        }
        assert {index["name"] for index in made.get_indexes(table.name)} == {index.name for index in table.indexes}
        assert made.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key.columns]
    engine.dispose()


def test_a_nomination_comes_back_as_it_went_in(central: Central) -> None:
    card = accepted(1, action=STRANGE, impact="", nominee="Zoë", bay=STRANGE)

    merged(central, card)

    assert list(central.nominations()) == [nomination_of(card)]


def test_it_is_known_where_a_nomination_came_from(central: Central) -> None:
    read = FieldOrigin(on_page(3), "pp-ocrv6", False, "ann", REVIEWED)
    card = replace(accepted(3), origins={"action": read, "ward": replace(read, as_read=True)})
    merged(central, card)

    came = central.provenance(nomination_of(card).id)

    assert came["card_id"] == card.card_id
    assert came["template"] == "nomination-a5"
    assert [(page["file"], page["page"], page["place"]) for page in came["pages"]] == [("box7.pdf", 3, 1)]
    of_page = {"page": came["pages"][0], "recogniser": "pp-ocrv6", "by": "ann", "at": "2026-11-05T09:30:00+00:00"}
    assert came["fields"] == {
        "action": {"origin": "typed", **of_page},
        **{key: {"origin": "box", "batch": "b1"} for key in ("ward", "organisation", "box", "collected_on")},
    }
    assert (came["reviewed_by"], came["reviewed_at"]) == ("sam", "2026-11-05T09:30:00+00:00")


def test_a_nomination_is_found_by_how_its_id_begins(central: Central) -> None:
    merged(central, accepted(1), accepted(2))
    wanted = nomination_of(accepted(2))

    assert central.one(f" {wanted.id[:8].upper()} ")[0] == wanted
    for wrong, said in (("", "no nomination"), ("%", "no nomination"), ("zz", "no nomination")):
        with pytest.raises(InputError, match=said):
            central.one(wrong)


def test_nominations_of_nobody_known_have_no_provenance(central: Central) -> None:
    assert central.provenance("no such nomination") == {}


def test_a_second_merge_changes_nothing(central: Central) -> None:
    desk = two_boxes()

    assert merge(desk, central) == MergeCounts(inserted=6)
    first = contents(central)
    assert merge(desk, central) == MergeCounts(unchanged=6)
    assert contents(central) == first
    assert desk.merged == {card.card_id for card in desk.cards}


def test_an_amended_card_updates_its_nomination(central: Central) -> None:
    merged(central, accepted(1), accepted(2))

    counts = merge(Desk([accepted(1, action="Sat with him."), accepted(2)]), central)

    assert counts == MergeCounts(updated=1, unchanged=1)
    assert {nomination.action for nomination in central.nominations()} == {"Sat with him.", "Sat with me, night 2."}


def test_an_amended_box_label_updates_its_nominations(central: Central) -> None:
    merged(central, accepted(1), accepted(2))
    lily = BoxLabel(ROSE_WARD.organisation, "Lily Ward", ROSE_WARD.collected)

    counts = merge(Desk([accepted(1, label=lily), accepted(2, label=lily)]), central)

    assert counts == MergeCounts(updated=2)
    assert {(nomination.box, nomination.ward) for nomination in central.nominations()} == {("Lily Ward", "Lily Ward")}


def test_the_same_words_twice_are_both_kept_and_proposed_once(central: Central) -> None:
    said: dict[str, Any] = {"nominee": "Ada Obi", "action": "Sat with me all night.", "impact": ""}
    first = accepted(1, **said)
    again = accepted(
        2, batch="b2", file="box8.pdf", **(said | {"nominee": "ADA  OBI", "action": "sat with me all night"})
    )
    merged(central, first)

    assert merge(Desk([first, again]), central) == MergeCounts(inserted=1, unchanged=1, possible_duplicates=1)
    assert merge(Desk([first, again]), central) == MergeCounts(unchanged=2)
    assert central.count() == 2
    (pair,) = central.possible_duplicates()
    assert {pair.first.id, pair.second.id} == {nomination_of(first).id, nomination_of(again).id}


def test_the_same_words_in_another_organisation_are_no_duplicate(central: Central) -> None:
    elsewhere = BoxLabel("Southgate Trust", "Rose Ward", ROSE_WARD.collected)
    said: dict[str, Any] = {"nominee": "Ada", "action": "Kind.", "impact": "Safe."}

    counts = merge(Desk([accepted(1, **said), accepted(2, batch="b2", label=elsewhere, **said)]), central)

    assert counts == MergeCounts(inserted=2)


def test_the_nomination_of_a_card_that_was_rejected_since_is_withdrawn(central: Central) -> None:
    said: dict[str, Any] = {"nominee": "Ada Obi", "action": "Sat with me all night."}
    first, again = accepted(1, **said), accepted(2, batch="b2", file="box8.pdf", **said)
    merged(central, first, again)
    desk = Desk([again], rejected=[first.card_id, accepted(9).card_id])

    assert dry_run(desk, central) == MergeCounts(unchanged=1, withdrawn=1)
    assert merge(desk, central) == MergeCounts(unchanged=1, withdrawn=1)
    assert [nomination.id for nomination in central.nominations()] == [nomination_of(again).id]
    assert central.possible_duplicates() == ()
    assert first.card_id in desk.withdrawn
    assert merge(desk, central) == MergeCounts(unchanged=1)


def test_two_empty_cards_are_no_duplicates(central: Central) -> None:
    empty: dict[str, Any] = {"nominee": "", "action": "", "impact": "—"}

    assert merge(Desk([accepted(1, **empty), accepted(2, **empty)]), central) == MergeCounts(inserted=2)


def test_a_dry_run_says_the_same_and_writes_nothing(central: Central) -> None:
    merged(central, accepted(1), accepted(2))
    desk = Desk([accepted(1), accepted(2, action="Other."), accepted(3, action="Other.", impact="", nominee="")])
    before = contents(central)

    said = dry_run(desk, central)

    assert (contents(central), desk.merged) == (before, set())
    assert merge(desk, central) == said


def test_a_store_of_more_cards_than_one_question_holds(central: Central) -> None:
    desk = Desk([accepted(number) for number in range(1, 1202)])

    assert merge(desk, central) == MergeCounts(inserted=1201)
    assert merge(desk, central) == MergeCounts(unchanged=1201)
    assert sum(1 for _ in central.nominations()) == central.count() == 1201


@pytest.mark.parametrize("held", [2000, 3])
def test_they_come_by_day_and_box_and_then_as_the_pages_lie(
    held: int, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scan_ingest.central.selecting.OF_ONE_BOX", held)
    later = BoxLabel(ROSE_WARD.organisation, "Ash", date(2026, 11, 3))
    pages = [accepted(number, file=file) for number in (1, 9, 10, 100) for file in ("b12.pdf", "b7.pdf")]
    merged(central, accepted(2, label=later, file="a.pdf"), *reversed(pages))

    expected = [f"{file}#{number}" for file in ("b7.pdf", "b12.pdf") for number in (1, 9, 10, 100)]
    assert [nomination.source for nomination in central.nominations()] == [*expected, "a.pdf#2"]


def test_when_a_nomination_was_made_outlives_its_updates(central: Central, store_url: str) -> None:
    before = datetime.now(UTC)
    merged(central, accepted(1))
    merged(central, accepted(1, action="Other."))
    engine = make_engine(address(store_url))
    with engine.connect() as connection:
        table = metadata.tables["nominations"].c
        created, updated = connection.execute(sa.select(table.created_at, table.updated_at)).one()
    engine.dispose()

    assert before <= created < updated


def test_a_batch_that_fails_half_way_leaves_nothing(central: Central) -> None:
    merged(central, accepted(1))
    nobody = replace(accepted(3), reviewed_by=None)  # type: ignore[arg-type]  # what the store must refuse
    whole, half = entry_of(accepted(2)), entry_of(nobody)
    with pytest.raises(sa.exc.IntegrityError), central.merging() as transaction:
        transaction.apply(MergePlan(inserts=(whole, half)), datetime.now(UTC))

    assert central.count() == 1


def test_what_came_into_the_store_since_the_plan_was_made_is_compared_with_that(central: Central) -> None:
    merged(central, accepted(1), accepted(2))
    same, amended, new = (entry_of(accepted(n, **texts)) for n, texts in ((1, {}), (2, {"action": "Other."}), (3, {})))

    with central.merging() as transaction:
        done = transaction.apply(MergePlan(inserts=(same, amended, new)), datetime.now(UTC))

    assert (done.inserts, done.updates, done.unchanged, done.held) == ((new,), (amended,), (same.id,), ())
    assert central.count() == 3
