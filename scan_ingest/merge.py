"""Carrying accepted cards from the workspace into the nominations store.

`plan_merge` (in `domain/merging.py`) decides and writes nothing, so a dry run prints what a merge would do; `merge`
plans and applies batch by batch, some hundred cards in memory at a time. The store is written first, then the workspace
is told: killed in between, the next run finds the nominations unchanged and tells the workspace again.

What was told is a mark on each card, made of the digest that the store has of it: where both still agree, the card is
not looked at again. What goes by the store's own digest also puts right a store that was restored from an older copy.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable

from scan_ingest.domain import provenance
from scan_ingest.domain.merging import (
    Entry,
    MergeCounts,
    MergePlan,
    Searched,
    Standing,
    plan_merge,
    search,
    search_first,
)
from scan_ingest.domain.nomination import Channel, Nomination, nomination_id
from scan_ingest.domain.review import AcceptedCard, MergedCard
from scan_ingest.domain.source import source_of
from scan_ingest.errors import StoreError
from scan_ingest.identity import find_in_fields
from scan_ingest.ports.merge import MergeDesk, MergingTransaction, NominationsDesk

MEANINGS = frozenset({"nominee", "role", "ward", "nominator", "action", "impact"})
"""Field names with a meaning in the store. `date` has one too (the day on the card), but no column of its own: it
travels under its name, because `collected_on` is the day the box was emptied."""

CARDS_AT_ONCE = 500  # held in memory, some kB each


def merge(desk: MergeDesk, store: NominationsDesk, staff: Collection[str] = ()) -> MergeCounts:
    """Carries every accepted card, one transaction a batch, withdraws the nominations of cards that were rejected
    since, and looks for possible duplicates of what is new. Cards that tell who a patient is stay behind until a person
    settled it; `staff` are names that may stand in them. Run again, it changes nothing.

    Raises `StoreError`; the batches carried until then stay carried.
    """
    done = MergeCounts()
    carried = 0
    try:
        for batch_id in desk.batches_to_merge():
            counts = _carry(batch_id, desk, store, staff)
            done += counts
            carried += counts.inserted + counts.updated + counts.unchanged
        done += _withdraw(desk, store) + MergePlan(held=desk.held_cards()).counts
        return done + MergeCounts(possible_duplicates=store.find_duplicates())
    except StoreError as exc:
        raise StoreError(f"{exc}; {carried} cards were carried, the same command goes on from there") from exc


def _carry(batch_id: str, desk: MergeDesk, store: NominationsDesk, staff: Collection[str]) -> MergeCounts:
    """Carries the cards of one batch, in one transaction of the store, and tells the workspace."""
    marking = _Marking(staff)
    done, waiting = _to_look_at(batch_id, desk, store, marking)
    if not waiting:
        return done
    search_all = partial(_searched, waiting, desk, store)
    counts, merged = search_first(search_all, partial(_in_one_transaction, waiting, desk, store, staff, marking))
    desk.mark_merged(merged)
    return done + counts


def _searched(card_ids: Sequence[str], desk: MergeDesk, store: NominationsDesk) -> Searched:
    """The cards searched for names that stay out of their nominations, while nobody waits for the store."""
    standing = store.standing([nomination_id(card_id) for card_id in card_ids])
    named = {each.id for each in standing.withheld}
    found: Searched = {}
    for cards in _some([card_id for card_id in card_ids if nomination_id(card_id) in named], desk):
        found = {**found, **search(map(entry_of, cards), standing)}
    return found


def _in_one_transaction(
    card_ids: Sequence[str],
    desk: MergeDesk,
    store: NominationsDesk,
    staff: Collection[str],
    marking: "_Marking",
    searched: Searched,
) -> tuple[MergeCounts, list[MergedCard]]:
    """Raises `NotSearchedError`, and nothing is changed, where names were taken out of the store since the search."""
    done, merged = MergeCounts(), list[MergedCard]()
    with store.merging() as transaction:
        for cards in _some(card_ids, desk):
            entries = [entry_of(card) for card in cards]
            plan = transaction.apply(_plan(cards, entries, transaction, staff, searched), datetime.now(UTC))
            done += plan.counts
            merged += _as_merged(cards, entries, plan, transaction, marking)
    return done, merged


def dry_run(desk: MergeDesk, store: NominationsDesk, staff: Collection[str] = ()) -> MergeCounts:
    """What `merge` would do now. Writes nothing; what is new or changed stays in memory, to be compared."""
    marking = _Marking(staff)
    counts = MergeCounts()
    coming: list[Entry] = []
    for batch_id in desk.batches_to_merge():
        done, waiting = _to_look_at(batch_id, desk, store, marking)
        counts += done
        for cards in _some(waiting, desk):
            plan = _plan(cards, [entry_of(card) for card in cards], store, staff)
            counts += plan.counts
            coming += [*plan.inserts, *plan.updates]
    rejected = [nomination_id(card_id) for card_id in desk.rejected_cards()]
    others = MergePlan(withdrawals=tuple(sorted(store.known(rejected))), held=desk.held_cards())
    found = store.would_find_duplicates(coming, others.withdrawals)
    return counts + others.counts + MergeCounts(possible_duplicates=found)


RULES = ("identity", "domain", "merge.py")
"""In the package: what decides whether a card tells who a patient is, and what becomes of it in the store."""


@cache
def edition_of_rules() -> str:
    """A digest of the rules that cards are merged by. It changes with each of them, also between two releases."""
    package = files("scan_ingest")
    return digest_of_all([package / name for name in RULES])


def digest_of_all(places: Iterable[Traversable]) -> str:
    """SHA-256 of those files and of all in those folders, by their names; what Python compiled of them left out."""
    digest = hashlib.sha256()
    for place in sorted(places, key=lambda place: place.name):
        if place.is_file():
            digest.update(f"{place.name}\n".encode() + hashlib.sha256(place.read_bytes()).digest())
        elif place.name != "__pycache__":
            digest.update(f"{place.name}/\n{digest_of_all(place.iterdir())}\n".encode())
    return digest.hexdigest()


class _Marking:
    """What a merged card is marked with: the digest that the store has of it, and by which rules and which names of
    staff it was looked at. With others it is looked at again: it may tell now who a patient is."""

    def __init__(self, staff: Collection[str]) -> None:
        self._looked_at_by = json.dumps([edition_of_rules(), sorted(staff)])

    def of(self, digest: str) -> str:
        return hashlib.sha256(f"{digest} {self._looked_at_by}".encode()).hexdigest()

    def stands(self, mark: str, digest: str | None) -> bool:
        """Whether that mark was given on this digest."""
        return digest is not None and mark == self.of(digest)


def _to_look_at(
    batch_id: str, desk: MergeDesk, store: NominationsDesk, marking: _Marking
) -> tuple[MergeCounts, list[str]]:
    """Which cards of the batch are not in the store as their marks say, by nomination (so that two merges of one batch
    wait for each other and not crosswise), and the count of those that are."""
    marks = {nomination_id(card_id): (card_id, mark) for card_id, mark in desk.merge_marks(batch_id).items()}
    marked = [each for each, (_, mark) in marks.items() if mark]
    standing = store.standing(marked) if marked else Standing()
    digests = {row.id: row.digest for row in standing.nominations}
    as_told = {each for each in marked if each in standing.removed or marking.stands(marks[each][1], digests.get(each))}
    return MergeCounts(unchanged=len(as_told)), [marks[each][0] for each in sorted(marks) if each not in as_told]


def _some(card_ids: Sequence[str], desk: MergeDesk) -> Iterator[tuple[AcceptedCard, ...]]:
    for start in range(0, len(card_ids), CARDS_AT_ONCE):
        yield desk.accepted_cards(card_ids[start : start + CARDS_AT_ONCE])


def _plan(
    cards: Sequence[AcceptedCard],
    entries: Sequence[Entry],
    store: NominationsDesk | MergingTransaction,
    staff: Collection[str],
    searched: Searched | None = None,
) -> MergePlan:
    """What to do with these cards, each with its entry; those that tell who a patient is are held, by nomination id."""
    held = tuple(entry.id for card, entry in zip(cards, entries, strict=True) if _tells(card, staff))
    coming = [entry for entry in entries if entry.id not in held]
    plan = plan_merge(coming, store.standing([entry.id for entry in coming]), searched)
    return replace(plan, held=(*held, *plan.held))


def _as_merged(
    cards: Sequence[AcceptedCard],
    entries: Sequence[Entry],
    plan: MergePlan,
    store: MergingTransaction,
    marking: _Marking,
) -> list[MergedCard]:
    """Those of the cards that are in the store now, or were purged from it and stay away. What the store has may be
    less than the card: a name that was taken out there stays out."""
    digests = {row.id: row.digest for row in store.standing([entry.id for entry in entries]).nominations}
    return [
        MergedCard(card.card_id, card.revision, marking.of(digests.get(entry.id, entry.digest)))
        for card, entry in zip(cards, entries, strict=True)
        if entry.id not in plan.held
    ]


def carry_again(desk: MergeDesk, store: NominationsDesk, card_id: str) -> bool:
    """Updates the nomination of one card that was merged before, whatever else on it is held: what was taken out of the
    card goes from the store at once. Whether the store has no more of it than the card; not so where the card is
    neither accepted nor rejected any longer, or is too long to be searched for a name that was taken out in the store.
    """
    if card_id in desk.rejected_cards():
        _withdraw(desk, store)
        return True
    cards = desk.accepted_cards([card_id])
    entries = [entry_of(card) for card in cards]
    ids = [entry.id for entry in entries]

    def write(searched: Searched) -> MergePlan | None:
        with store.merging() as transaction:
            if not transaction.known([nomination_id(card_id)]):
                return None
            plan = plan_merge(entries, transaction.standing(ids), searched)
            return transaction.apply(plan, datetime.now(UTC))

    plan = search_first(lambda: search(entries, store.standing(ids)), write)
    if plan is None:
        return True
    if plan.held:
        return False
    desk.mark_merged([MergedCard(card.card_id, card.revision) for card in cards])
    return bool(cards)


def _tells(card: AcceptedCard, staff: Collection[str]) -> bool:
    found = find_in_fields(card.texts, card.kinds, staff)
    return any(finding.holds for field, findings in found.items() if field not in card.settled for finding in findings)


def _withdraw(desk: MergeDesk, store: NominationsDesk) -> MergeCounts:
    """Takes out of the store what it has of rejected cards."""
    rejected = {nomination_id(card_id): card_id for card_id in desk.rejected_cards()}
    if store.known(rejected):  # hardly ever, so nobody is kept waiting for it
        with store.merging() as transaction:
            plan = MergePlan(withdrawals=tuple(sorted(transaction.known(rejected))))
            transaction.apply(plan, datetime.now(UTC))
    else:
        plan = MergePlan()
    desk.mark_withdrawn(tuple(rejected.values()))
    return plan.counts


def entry_of(card: AcceptedCard) -> Entry:
    """The card's nomination and where it came from."""
    return Entry(nomination_of(card), provenance.of_card(card))


def nomination_of(card: AcceptedCard) -> Nomination:
    """The card as a nomination: its fields by their meanings, any others as `extra`."""
    texts = card.texts
    return Nomination(
        id=nomination_id(card.card_id),
        channel=Channel.PAPER,
        organisation=card.label.organisation,
        box=card.label.ward,
        ward=texts.get("ward", "") if texts.get("ward", "").strip() else card.label.ward,
        nominee=texts.get("nominee", ""),
        role=texts.get("role", ""),
        nominator=texts.get("nominator", ""),
        action=texts.get("action", ""),
        impact=texts.get("impact", ""),
        collected_on=card.label.collected,
        reviewed_by=card.reviewed_by,
        reviewed_at=card.reviewed_at.astimezone(UTC),
        source=source_of(card.pages),
        extra={name: text for name, text in texts.items() if name not in MEANINGS},
    )
