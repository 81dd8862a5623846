"""Carrying accepted cards from the workspace into the nominations store.

`plan_merge` (in `domain/merging.py`) decides and writes nothing, so a dry run prints what a merge would do; `merge`
plans and applies batch by batch. The store is written first, then the workspace is told: killed in between, the next
run finds the nominations unchanged and tells the workspace again. What goes by a card's state and not by what was told
before also puts right a store that was restored from an older copy.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby

from scan_ingest.domain import provenance
from scan_ingest.domain.merging import Entry, MergeCounts, MergePlan, plan_merge
from scan_ingest.domain.nomination import Channel, Nomination, nomination_id
from scan_ingest.domain.review import AcceptedCard, CardPage
from scan_ingest.errors import StoreError
from scan_ingest.identity import find_in_fields
from scan_ingest.ports.merge import MergeDesk, NominationsDesk

MEANINGS = frozenset({"nominee", "role", "ward", "nominator", "action", "impact"})
"""Field names with a meaning in the store. `date` has one too (the day on the card), but no column of its own: it
travels under its name, because `collected_on` is the day the box was emptied."""


def merge(desk: MergeDesk, store: NominationsDesk, staff: Collection[str] = ()) -> MergeCounts:
    """Carries every accepted card, one transaction a batch, withdraws the nominations of cards that were rejected
    since, and looks for possible duplicates of what is new. Cards that tell who a patient is stay behind until a person
    settled it; `staff` are names that may stand in them. Run again, it changes nothing.

    Raises `StoreError`; the batches carried until then stay carried.
    """
    cards = desk.accepted_cards()
    telling = telling_cards(cards, staff)
    batches: dict[str, list[AcceptedCard]] = defaultdict(list)
    for card in cards:
        if card.card_id not in telling:
            batches[card.batch_id].append(card)
    done = MergeCounts()
    carried = 0
    for batch in batches.values():
        try:
            done += _carry(batch, desk, store)
        except StoreError as exc:
            raise StoreError(f"{exc}; {carried} cards were carried, the same command goes on from there") from exc
        carried += len(batch)
    done += _withdraw(desk, store) + MergePlan(held=(*desk.held_cards(), *telling)).counts
    return done + MergeCounts(possible_duplicates=store.find_duplicates())


def _carry(batch: Sequence[AcceptedCard], desk: MergeDesk, store: NominationsDesk) -> MergeCounts:
    """Carries the cards of one batch, in one transaction of the store, and tells the workspace."""
    entries = [entry_of(card) for card in batch]
    with store.merging() as transaction:
        plan = plan_merge(entries, transaction.standing(entries))
        plan = transaction.apply(plan, datetime.now(UTC))
    desk.mark_merged([card for card in batch if nomination_id(card.card_id) not in plan.held])
    return plan.counts


def carry_again(desk: MergeDesk, store: NominationsDesk, card_id: str) -> bool:
    """Updates the nomination of one card that was merged before, whatever else on it is held: what was taken out of the
    card goes from the store at once. Whether the store has no more of it than the card; not so where the card is
    neither accepted nor rejected any longer.
    """
    if card_id in desk.rejected_cards():
        _withdraw(desk, store)
        return True
    cards = [card for card in desk.accepted_cards() if card.card_id == card_id]
    entries = [entry_of(card) for card in cards]
    with store.merging() as transaction:
        if not transaction.known([nomination_id(card_id)]):
            return True
        transaction.apply(plan_merge(entries, transaction.standing(entries)), datetime.now(UTC))
    desk.mark_merged(cards)
    return bool(cards)


def telling_cards(cards: Iterable[AcceptedCard], staff: Collection[str] = ()) -> tuple[str, ...]:
    """The ids of those cards that tell who a patient is and wait for a person to settle it, in their order."""
    return tuple(card.card_id for card in cards if _tells(card, staff))


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


def dry_run(desk: MergeDesk, store: NominationsDesk, staff: Collection[str] = ()) -> MergeCounts:
    """What `merge` would do now. Writes nothing."""
    cards = desk.accepted_cards()
    telling = telling_cards(cards, staff)
    entries = [entry_of(card) for card in cards if card.card_id not in telling]
    rejected = [nomination_id(card_id) for card_id in desk.rejected_cards()]
    others = MergePlan(withdrawals=tuple(sorted(store.known(rejected))), held=(*desk.held_cards(), *telling))
    plan = plan_merge(entries, store.standing(entries))
    found = store.would_find_duplicates([*plan.inserts, *plan.updates], others.withdrawals)
    return plan.counts + others.counts + MergeCounts(possible_duplicates=found)


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


def source_of(pages: Sequence[CardPage]) -> str:
    """Where a card lies: `a.pdf#3`; `a.pdf#3-4` pages in a row; `a.pdf#1,41` not in a row; `a.pdf#3/2` the second card
    on a page; `f.pdf#1+b.pdf#1` two files."""
    files = groupby(pages, key=lambda page: (page.ref.file_sha256, page.ref.file_name))
    return "+".join(f"{name}#{','.join(_runs(tuple(group)))}" for (_, name), group in files)


def _runs(pages: Sequence[CardPage]) -> list[str]:
    """The pages of one file, those that follow one another drawn together; a place above 1 is told with its page."""
    runs: list[list[CardPage]] = []
    for page in pages:
        last = runs[-1][-1] if runs else None
        if last and last.place == page.place == 1 and page.ref.number == last.ref.number + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return [_run(run[0], run[-1]) for run in runs]


def _run(first: CardPage, last: CardPage) -> str:
    if first is not last:
        return f"{first.ref.number}-{last.ref.number}"
    return f"{first.ref.number}" if first.place == 1 else f"{first.ref.number}/{first.place}"
