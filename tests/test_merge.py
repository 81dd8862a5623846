"""What a merge would do, and what a card becomes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.merging import MergeCounts, MergePlan, Standing, Stored, plan_merge
from scan_ingest.domain.nomination import Channel
from scan_ingest.domain.review import AcceptedCard, CardPage
from scan_ingest.domain.source import source_of
from scan_ingest.merge import entry_of, nomination_of
from tests.accepted import ROSE_WARD, accepted, on_page


@pytest.mark.parametrize(
    ("pages", "source"),
    [
        ([on_page(3, file="a.pdf")], "a.pdf#3"),
        ([on_page(3, file="a.pdf"), on_page(4, file="a.pdf")], "a.pdf#3-4"),
        ([on_page(1, file="a.pdf"), on_page(41, file="a.pdf")], "a.pdf#1,41"),
        ([on_page(4, file="a.pdf"), on_page(3, file="a.pdf")], "a.pdf#4,3"),
        ([on_page(3, 2, file="a.pdf")], "a.pdf#3/2"),
        ([on_page(3, 2, file="a.pdf"), on_page(4, 2, file="a.pdf")], "a.pdf#3/2,4/2"),
        ([on_page(3, 1, file="a.pdf"), on_page(4, 2, file="a.pdf")], "a.pdf#3,4/2"),
        ([on_page(3, 1, file="a.pdf"), on_page(3, 2, file="a.pdf")], "a.pdf#3,3/2"),
        ([on_page(1, file="f.pdf"), on_page(1, file="b.pdf")], "f.pdf#1+b.pdf#1"),
        ([on_page(1, file="f.pdf"), on_page(2, file="b.pdf")], "f.pdf#1+b.pdf#2"),
    ],
)
def test_a_source_says_where_the_card_lies(pages: list[CardPage], source: str) -> None:
    assert source_of(pages) == source


pages = st.lists(
    st.builds(on_page, st.integers(1, 12), st.integers(1, 3), st.sampled_from(["f.pdf", "b.pdf"])),
    min_size=1,
    max_size=2,
    unique_by=lambda page: (page.ref.file_name, page.ref.number, page.place),
)


def places_in(source: str) -> list[tuple[str, int, int]]:
    """A source, read back: file, page, place."""
    found: list[tuple[str, int, int]] = []
    for file, _, numbers in (part.partition("#") for part in source.split("+")):
        for run in numbers.split(","):
            first, _, last = run.partition("-")
            number, _, place = first.partition("/")
            found += [(file, each, int(place or 1)) for each in range(int(number), int(last or number) + 1)]
    return found


@given(pages)
def test_a_source_leads_back_to_its_pages(where: list[CardPage]) -> None:
    assert places_in(source_of(where)) == [(page.ref.file_name, page.ref.number, page.place) for page in where]


def test_a_card_becomes_a_nomination() -> None:
    summer = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    card = replace(accepted(3, ward="Ward 4", bay="2"), reviewed_at=summer)

    nomination = nomination_of(card)

    assert (nomination.channel, nomination.organisation) == (Channel.PAPER, "Northgate Trust")
    assert (nomination.box, nomination.ward) == ("Rose Ward", "Ward 4")
    assert (nomination.nominee, nomination.role, nomination.nominator) == ("Nurse 3", "nurse", "patient")
    assert (nomination.action, nomination.impact) == ("Sat with me, night 3.", "I slept 3 hours.")
    assert nomination.collected_on == date(2026, 11, 2)
    assert (nomination.reviewed_by, nomination.reviewed_at) == ("sam", datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    assert nomination.source == "box7.pdf#3"
    assert nomination.extra == {"date": "2 Nov", "bay": "2"}


@pytest.mark.parametrize("ward", ["", "  ", "\n"])
def test_a_card_that_names_no_ward_has_its_boxs(ward: str) -> None:
    assert nomination_of(accepted(1, ward=ward)).ward == "Rose Ward"


def test_a_card_without_such_fields_has_empty_ones() -> None:
    bare = replace(accepted(1), texts={"action": "Kind.", "impact": "Safe."})

    nomination = nomination_of(bare)

    assert (nomination.nominee, nomination.role, nomination.nominator) == ("", "", "")
    assert (nomination.ward, nomination.extra) == ("Rose Ward", {})


def test_a_card_keeps_its_id_whatever_is_corrected() -> None:
    lily = BoxLabel("Southgate Trust", "Lily Ward", ROSE_WARD.collected)

    assert nomination_of(accepted(1)).id == nomination_of(accepted(1, label=lily, action="Other.")).id
    assert nomination_of(accepted(1)).id != nomination_of(accepted(2)).id


@pytest.mark.parametrize("field", ["nominee", "role", "ward", "nominator", "action", "impact", "date", "another"])
def test_any_correction_is_an_update(field: str) -> None:
    corrected: dict[str, Any] = {field: "Corrected"}
    before = entry_of(accepted(1))
    standing = Standing([Stored(before.id, before.digest)])

    assert plan_merge([before], standing).counts == MergeCounts(unchanged=1)
    assert plan_merge([entry_of(accepted(1, **corrected))], standing).counts == MergeCounts(updated=1)


# -- the batches' plans add up to the plan of the run ------------------------------------------------------------------

words = st.sampled_from(["", "Kind.", "kind", "Brave!", "calm"])


def cards(numbers: list[int], said: list[tuple[str, str]], batches: list[str]) -> list[AcceptedCard]:
    return [
        accepted(number, batch=batch, nominee="Ada", action=action, impact=impact)
        for number, (action, impact), batch in zip(numbers, said, batches, strict=True)
    ]


some_cards = st.integers(0, 6).flatmap(
    lambda size: st.builds(
        cards,
        st.permutations(range(1, 7)).map(lambda order: list(order[:size])),
        st.lists(st.tuples(words, words), min_size=size, max_size=size),
        st.lists(st.sampled_from(["b1", "b2", "b3"]), min_size=size, max_size=size),
    )
)


def after(standing: Standing, plan: MergePlan) -> Standing:
    """The store once the plan is applied."""
    rows = {row.id: row for row in standing.nominations}
    rows |= {entry.id: Stored(entry.id, entry.digest) for entry in (*plan.inserts, *plan.updates)}
    return Standing(tuple(rows.values()))


@given(some_cards, some_cards)
def test_the_batches_plans_add_up_to_the_plan_of_the_run(earlier: list[AcceptedCard], now: list[AcceptedCard]) -> None:
    standing = after(Standing(), plan_merge([entry_of(card) for card in earlier], Standing()))
    entries = [entry_of(card) for card in now]
    whole = plan_merge(entries, standing)

    done, here = MergeCounts(), standing
    for batch in ("b1", "b2", "b3"):
        part = [entry for entry, card in zip(entries, now, strict=True) if card.batch_id == batch]
        plan = plan_merge(part, here)
        done += plan.counts
        here = after(here, plan)

    assert done == whole.counts
    assert set(here.nominations) == set(after(standing, whole).nominations)


@given(some_cards)
def test_what_was_merged_is_unchanged_the_next_time(now: list[AcceptedCard]) -> None:
    entries = [entry_of(card) for card in now]
    plan = plan_merge(entries, Standing())

    assert plan.counts.inserted == len(entries)
    assert plan_merge(entries, after(Standing(), plan)).counts == MergeCounts(unchanged=len(entries))
