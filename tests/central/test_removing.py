"""Nominations that go for good: kept long enough, or erased; what is on hold stays."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from scan_ingest.central import Central, open_central
from scan_ingest.domain.audit import AuditFilter, faults
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.keeping import CopyKind, HoldOn
from scan_ingest.domain.merging import MergeCounts
from scan_ingest.domain.nomination import nomination_id
from scan_ingest.errors import InputError, StoreError
from scan_ingest.merge import merge
from tests.accepted import Desk, accepted, merged

OLD = BoxLabel("Northgate Trust", "Rose Ward", date(2020, 1, 6))
SOUTH = BoxLabel("Southgate", "Elm", date(2020, 1, 6))
LIMIT = date(2021, 1, 1)


@pytest.fixture
def central(store_url: str, tmp_path: Path) -> Iterator[Central]:
    with open_central(store_url, tmp_path, create=True, person="clerk") as central:
        yield central


def ids(central: Central) -> set[str]:
    return {nomination.id for nomination in central.nominations()}


def test_what_was_kept_long_enough_goes_and_a_later_merge_does_not_bring_it_back(central: Central) -> None:
    old, new = accepted(1, label=OLD, batch="b0"), accepted(2)
    merged(central, old, new)
    assert central.older_than(LIMIT) == {"Northgate Trust": 1}

    assert central.purge(LIMIT) == {"Northgate Trust": 1}
    assert ids(central) == {nomination_id(new.card_id)}
    assert merge(Desk([old, new]), central) == MergeCounts(unchanged=2)
    assert ids(central) == {nomination_id(new.card_id)}
    assert central.purge(LIMIT) == {}


def test_an_erased_nomination_goes_with_what_was_proposed_of_it(central: Central) -> None:
    said = {"nominee": "Ada Obi", "action": "Sat with me all night.", "impact": ""}
    first, again, other = accepted(1, **said), accepted(2, **said), accepted(3)
    merged(central, first, again, other)
    assert len(central.possible_duplicates()) == 1

    assert central.erase([nomination_id(first.card_id)]) == {"Northgate Trust": 1}
    assert central.possible_duplicates() == ()
    assert central.provenance(nomination_id(first.card_id)) == {}
    # Nor is anything proposed of it again.
    assert merge(Desk([first, again, other]), central) == MergeCounts(unchanged=3)


def test_what_is_on_hold_is_passed_over_by_purge_and_refused_by_erase(central: Central) -> None:
    north, north_too, south = (
        accepted(number, label=label, batch=f"b{number}", file=f"{number}.pdf")
        for number, label in ((1, OLD), (2, OLD), (3, SOUTH))
    )
    merged(central, north, north_too, south)
    one = central.put_on_hold(HoldOn.NOMINATION, nomination_id(north.card_id), "a complaint")
    all_of_it = central.put_on_hold(HoldOn.ORGANISATION, "Southgate", "an inquiry")

    assert central.older_than(LIMIT) == {"Northgate Trust": 1}
    for held in (north, south):
        with pytest.raises(StoreError, match="legal hold"):
            central.erase([nomination_id(held.card_id)])
    assert central.purge(LIMIT) == {"Northgate Trust": 1}
    assert ids(central) == {nomination_id(north.card_id), nomination_id(south.card_id)}

    assert [hold.reason for hold in central.holds()] == ["a complaint", "an inquiry"]
    for hold in (one, all_of_it):
        central.end_hold(hold)
    assert central.holds() == ()
    assert [hold.ended_by for hold in central.holds(ended=True)] == ["clerk", "clerk"]
    with pytest.raises(InputError, match="no hold"):
        central.end_hold(one)
    assert central.purge(LIMIT) == {"Northgate Trust": 1, "Southgate": 1}


def test_the_audit_tells_how_many_went_and_nothing_of_them(central: Central) -> None:
    card = accepted(1, label=OLD)
    merged(central, card)
    hold = central.put_on_hold(HoldOn.ORGANISATION, "Northgate Trust", "Nurse 1 is asked about")
    central.end_hold(hold)
    central.purge(LIMIT)
    rows = list(central.audit(AuditFilter()))
    assert [(row.person, row.act, dict(row.detail)) for row in rows] == [
        ("clerk", "merge", {"inserted": 1, "updated": 0, "withdrawn": 0}),
        ("clerk", "hold", {"hold": 1}),
        ("clerk", "hold", {"ended": 1}),
        ("clerk", "purge", {"nominations": 1}),
    ]
    assert not list(faults(rows, central.audit_ends()))


def test_files_that_were_written_out_are_remembered(central: Central, tmp_path: Path) -> None:
    merged(central, accepted(1))
    central.note_copy(CopyKind.EXPORT, tmp_path / "all.csv")
    central.note_copy(CopyKind.EXPORT, tmp_path / "south.csv", "Southgate")
    (nomination,) = central.nominations()
    (merge_row,) = central.audit(AuditFilter(act="merge"))
    told = [
        Path(copy.file).name for copy in central.copies() if copy.may_hold(nomination.organisation, "", merge_row.at)
    ]
    assert told == ["all.csv"]
