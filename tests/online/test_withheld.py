"""A name that was erased from the website's nominations stays out of them, whatever is delivered again."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from scan_ingest.central import Central, open_central
from scan_ingest.central.carrying import CentralTransaction
from scan_ingest.domain.audit import AuditFilter, faults
from scan_ingest.domain.keeping import HoldOn
from scan_ingest.domain.merging import Entry, MergeCounts
from scan_ingest.domain.withheld import MOST_RUNS, Withheld, without
from scan_ingest.errors import StoreError
from scan_ingest.leaving import Person
from scan_ingest.merge import dry_run, merge
from scan_ingest.online import import_nominations, load_mapping
from tests.accepted import Desk, accepted
from tests.online.deliveries import MAPPING, submission, write_csv, write_mapping
from tests.searching import every_row

JO = Person("Jo O'Zanderby").words
NAMING = MAPPING.replace('may_publish = "Publish"', 'your_name = "Publish"')
ABOUT_TOM = {
    "Who": "Tom Lee",
    "What_they_did": "He and Jo O’Zanderby lifted me out of the bath when I was stuck.",
    "What_it_meant": "Tom was calm.",
    "Publish": "O'Zanderby, Jo",
}


@pytest.fixture
def central(store_url: str, tmp_path: Path) -> Iterator[Central]:
    with open_central(store_url, tmp_path, create=True, person="clerk") as central:
        yield central


def deliver(central: Central, folder: Path, *rows: dict[str, object]) -> MergeCounts:
    mapping = load_mapping(write_mapping(folder, NAMING))
    return import_nominations(write_csv(folder / "d.csv", rows), mapping, central).counts


def erase(central: Central) -> None:
    named = [one.id for one in central.nominations() if "O'Zanderby, Jo" in one.extra.values()]
    central.erase([], named, JO)
    central.scrub()


def texts(central: Central) -> dict[str, str]:
    (tom,) = [one for one in central.nominations() if one.nominee == "Tom Lee"]
    return tom.texts


def test_the_same_delivery_does_not_bring_an_erased_name_back(central: Central, store_url: str, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(1), submission(2, **ABOUT_TOM))
    erase(central)
    left = texts(central)
    assert left["action"] == "He and [redacted] lifted me out of the bath when I was stuck."
    assert (left["your_name"], left["impact"]) == ("[redacted]", "Tom was calm.")
    assert deliver(central, tmp_path, submission(1), submission(2, **ABOUT_TOM)) == MergeCounts(unchanged=2)
    assert texts(central) == left
    assert not [row for row in every_row(store_url) if "zanderby" in row.lower()]
    assert not list(faults(central.audit(AuditFilter()), central.audit_ends()))


def test_a_delivery_that_was_edited_comes_without_the_name(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(2, **ABOUT_TOM))
    erase(central)
    edited = submission(2, **ABOUT_TOM | {"What_it_meant": "Tom was calm, and so was Jo O'Zanderby."})
    assert deliver(central, tmp_path, edited) == MergeCounts(updated=1)
    assert texts(central)["impact"] == "Tom was calm, and so was [redacted]."
    assert texts(central)["action"].startswith("He and [redacted] lifted")
    assert deliver(central, tmp_path, edited) == MergeCounts(unchanged=1)


def test_what_was_compared_with_the_name_in_it_is_compared_anew(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(2, **ABOUT_TOM), submission(3, **ABOUT_TOM))
    (before,) = central.possible_duplicates()
    erase(central)
    assert central.possible_duplicates() == ()
    central.find_duplicates()
    (after,) = central.possible_duplicates()
    assert after.id == before.id
    assert "[redacted]" in after.first.action


def test_a_card_of_another_site_does_not_bring_it_back_either(central: Central) -> None:
    desk = Desk([accepted(1, action="Jo O'Zanderby sat with me.")])
    merge(desk, central)
    (before,) = central.nominations()
    central.erase([], [before.id], JO)
    assert merge(desk, central) == MergeCounts(unchanged=1)
    (after,) = central.nominations()
    assert after.action == "[redacted] sat with me."


def test_a_hold_on_one_of_them_stands_in_the_way_of_all(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(1), submission(2, **ABOUT_TOM))
    tom, other = sorted(central.nominations(), key=lambda one: one.nominee != "Tom Lee")
    central.put_on_hold(HoldOn.NOMINATION, tom.id, "an inquiry")
    with pytest.raises(StoreError, match="legal hold"):
        central.erase([other.id], [tom.id], JO)
    assert {one.id for one in central.nominations()} == {tom.id, other.id}
    assert texts(central)["action"] == tom.action


def test_the_audit_tells_in_one_row_how_many_went_and_how_many_were_rewritten(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(1), submission(2, **ABOUT_TOM))
    (other,) = [one.id for one in central.nominations() if one.nominee != "Tom Lee"]
    (tom,) = [one.id for one in central.nominations() if one.nominee == "Tom Lee"]
    central.erase([other], [tom], JO)
    (row,) = central.audit(AuditFilter(act="erase"))
    assert (row.organisation, dict(row.detail)) == ("Northgate Trust", {"nominations": 1, "rewritten": 1})


def test_a_mark_tells_the_name_only_to_whoever_has_it(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(2, **ABOUT_TOM))
    (nomination,) = central.nominations()
    one, other = (Withheld.of(nomination.id, JO, Entry(nomination).digest) for _ in range(2))
    assert one.name != other.name  # nobody sees that two nominations lost the same name
    assert one.is_the_name("jo ozanderby")
    assert not one.is_the_name("jo zanderby")
    assert without(nomination.with_texts({"action": in_words(MOST_RUNS + 2)}), [one]) is None


def in_words(number: int) -> str:
    """A text of so many words, no two of them alike."""
    return " ".join(f"a{chr(97 + n % 26)}{'b' * (n // 26)}" for n in range(number))


def test_all_names_of_a_nomination_together_are_looked_for_in_a_few_seconds(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(2, **ABOUT_TOM))
    (nomination,) = central.nominations()
    long = nomination.with_texts({"action": in_words(MOST_RUNS // 2)})
    marks = [Withheld.of(nomination.id, JO, Entry(nomination).digest) for _ in range(3)]
    assert without(long, marks[:1]) is not None
    assert without(long, marks) is None


def test_an_edit_too_long_to_be_searched_for_a_name_is_held_and_told(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(2, **ABOUT_TOM))
    erase(central)
    left = texts(central)
    long = submission(2, **ABOUT_TOM | {"What_it_meant": in_words(MOST_RUNS + 2)})
    assert deliver(central, tmp_path, long) == MergeCounts(held=1)
    assert texts(central) == left


def test_a_card_too_long_to_be_searched_for_a_name_is_not_called_merged(central: Central) -> None:
    desk = Desk([accepted(1, action="Jo O'Zanderby sat with me.")])
    merge(desk, central)
    (before,) = central.nominations()
    central.erase([], [before.id], JO)
    longer = Desk([accepted(1, action="Jo O'Zanderby sat with me.", impact=in_words(MOST_RUNS + 2))])
    assert dry_run(longer, central) == merge(longer, central) == MergeCounts(held=1)
    assert not longer.marks


class Watched:
    """A store that knows whether a transaction is open in which something is carried, and lets somebody do something
    just before the first."""

    def __init__(self, central: Central) -> None:
        self._central, self.is_open = central, False
        self.just_before: Callable[[], object] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._central, name)

    def merging(self) -> AbstractContextManager[CentralTransaction]:
        return self._watching(self._central.merging)

    def importing(self) -> AbstractContextManager[CentralTransaction]:
        return self._watching(self._central.importing)

    @contextmanager
    def _watching(self, open_it: Callable[[], AbstractContextManager[CentralTransaction]]) -> Iterator[Any]:
        before, self.just_before = self.just_before, lambda: None
        before()
        with open_it() as transaction:
            self.is_open = True
            try:
                yield transaction
            finally:
                self.is_open = False


@pytest.fixture
def watched(central: Central, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A store that has a card and a submission with the name; looking for names in its transactions fails."""
    store, slow = Watched(central), hashlib.scrypt

    def watching(*given: Any, **more: Any) -> bytes:
        assert not store.is_open, "others wait for this"
        return slow(*given, **more)

    monkeypatch.setattr(hashlib, "scrypt", watching)
    return store


def carry_the_card(store: Watched, folder: Path, me: str) -> MergeCounts:
    assert folder.exists()
    return merge(Desk([accepted(1, action=f"Jo O'Zanderby sat with {me}.")]), store)  # type: ignore[arg-type]


def carry_the_submission(store: Watched, folder: Path, me: str) -> MergeCounts:
    return deliver(store, folder, submission(2, **ABOUT_TOM | {"What_it_meant": f"Jo O'Zanderby sat with {me}."}))  # type: ignore[arg-type]


@pytest.mark.parametrize("carry", [carry_the_card, carry_the_submission])
def test_nobody_waits_for_the_store_while_texts_are_searched_for_names(
    watched: Watched, tmp_path: Path, carry: Callable[[Watched, Path, str], MergeCounts]
) -> None:
    carry(watched, tmp_path, "me")
    watched.erase([], [one.id for one in watched.nominations()], JO)
    assert carry(watched, tmp_path, "me") == MergeCounts(unchanged=1)
    assert carry(watched, tmp_path, "us") == MergeCounts(updated=1)
    assert "Zanderby" not in str([one.texts for one in watched.nominations()])


@pytest.mark.parametrize("carry", [carry_the_card, carry_the_submission])
def test_a_name_that_is_erased_between_the_search_and_the_merge_stays_out(
    watched: Watched, tmp_path: Path, carry: Callable[[Watched, Path, str], MergeCounts]
) -> None:
    carry(watched, tmp_path, "me")
    watched.just_before = lambda: watched.erase([], [one.id for one in watched.nominations()], JO)
    assert carry(watched, tmp_path, "us") == MergeCounts(updated=1)
    assert "Zanderby" not in str([one.texts for one in watched.nominations()])


def test_a_card_that_lost_a_name_is_looked_at_once(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk([accepted(1, action="Jo O'Zanderby sat with me.")])
    merge(desk, central)
    (before,) = central.nominations()
    central.erase([], [before.id], JO)
    assert merge(desk, central) == MergeCounts(unchanged=1)
    asked: list[object] = []
    hand_out = desk.accepted_cards
    monkeypatch.setattr(desk, "accepted_cards", lambda ids=None: (asked.append(ids), hand_out(ids))[1])
    assert merge(desk, central) == MergeCounts(unchanged=1)
    assert not asked


def test_an_edit_of_a_nomination_on_hold_waits_until_the_hold_ends(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(1), submission(2, **ABOUT_TOM))
    (tom,) = [one for one in central.nominations() if one.nominee == "Tom Lee"]
    hold = central.put_on_hold(HoldOn.NOMINATION, tom.id, "a complaint")
    edited = submission(2, **ABOUT_TOM | {"What_it_meant": "I never said that."})
    assert deliver(central, tmp_path, submission(1), edited) == MergeCounts(unchanged=1, held=1)
    assert texts(central)["impact"] == "Tom was calm."
    assert central.purge(date(2100, 1, 1)) == {"Northgate Trust": 1}
    assert [row.organisation for row in central.audit(AuditFilter(act="hold"))] == ["Northgate Trust"]
    central.end_hold(hold)
    assert deliver(central, tmp_path, edited) == MergeCounts(updated=1)


def test_two_erasures_take_their_nominations_in_one_order(central: Central, tmp_path: Path) -> None:
    deliver(central, tmp_path, submission(2, **ABOUT_TOM), submission(3, **ABOUT_TOM))
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(" ".join(statement.split()))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        erase(central)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    rewritten = next(number for number, statement in enumerate(asked) if statement.startswith("UPDATE nominations"))
    looked = asked[rewritten - 1]
    assert "FROM nominations" in looked
    assert "ORDER BY nominations.nomination_id" in looked
