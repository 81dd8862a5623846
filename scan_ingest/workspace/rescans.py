"""Cards that seem to have been scanned before: found when a batch is finished, settled by a person, never dropped."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlalchemy import Connection

from scan_ingest.domain.likeness import SAME_WRITING, Likeness, marks_alike
from scan_ingest.domain.rescan import Rescan, RescanAnswer, ScannedCard
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.review import QueuedCard
from scan_ingest.workspace import leases, reviewing
from scan_ingest.workspace.queued import queued_cards
from scan_ingest.workspace.tables import cards, rescans, sides

PAIRS_AT_ONCE = 100


def propose(connection: Connection, batch: int) -> None:
    """Adds a proposal for each card of the batch whose writing lies on the paper as an earlier card's does."""
    marked = _marks(connection)
    own = set(connection.execute(sa.select(cards.c.number).where(cards.c.batch == batch)).scalars())
    known = {tuple(row) for row in connection.execute(sa.select(rescans.c.later, rescans.c.earlier))}
    pairs: set[tuple[int, int]] = set()
    for found in marked.values():  # sides of one name of one template
        numbers, marks = [number for number, _ in found], [mark for _, mark in found]
        for number, mark in found:
            if number not in own:
                continue
            others = (numbers[at] for at in marks_alike(mark, marks) if numbers[at] != number)
            pairs |= {(max(number, other), min(number, other)) for other in others}
    for later, group in groupby(sorted(pairs - known), key=itemgetter(0)):
        mine = _likenesses(connection, later)
        for _, earlier in group:
            alike = _alike(mine, _likenesses(connection, earlier))
            if alike >= SAME_WRITING:
                connection.execute(
                    sa.insert(rescans).values(
                        later=later,
                        earlier=earlier,
                        alike=alike,
                        texts_alike=_texts_alike(connection, later, earlier),
                        answered_by="",
                    )
                )


def _marks(connection: Connection) -> Mapping[tuple[str, str], list[tuple[int, bytes]]]:
    """(number of the card, mark) of every side that has one, by template and side; 32 bytes each."""
    found = connection.execute(
        sa.select(sides.c.card, sides.c.template, sides.c.side, sides.c.mark)
        .join(cards, cards.c.number == sides.c.card)
        .where(sides.c.mark.is_not(None), sa.not_(cards.c.discarded))
        .order_by(sides.c.card)
    )
    by_side: dict[tuple[str, str], list[tuple[int, bytes]]] = defaultdict(list)
    for row in found:
        by_side[row.template, row.side].append((row.card, bytes(row.mark)))
    return by_side


def _likenesses(connection: Connection, card: int) -> Mapping[str, Likeness | None]:
    found = connection.execute(sa.select(sides.c.side, sides.c.likeness).where(sides.c.card == card))
    return {row.side: None if row.likeness is None else Likeness.from_bytes(row.likeness) for row in found}


def _alike(one: Mapping[str, Likeness | None], other: Mapping[str, Likeness | None]) -> float:
    """That of the side that differs most; 0 where one has writing on a side that the other left empty. A side on which
    one scan saw just enough ink and the other just too little says nothing."""
    sides_of_both = [(mine, other.get(side)) for side, mine in one.items()]
    alone = [found for pair in sides_of_both if None in pair for found in pair if found is not None]
    if not all(found.is_slight for found in alone):
        return 0.0
    return min((mine.alike(theirs) for mine, theirs in sides_of_both if mine and theirs), default=0.0)


def _texts_alike(connection: Connection, later: int, earlier: int) -> float:
    one, other = (" ".join(card.texts.values()).casefold() for card in queued_cards(connection, [later, earlier]))
    return fuzz.ratio(one, other) / 100


def found(connection: Connection, *, answered: bool) -> tuple[Rescan, ...]:
    """Every proposal between cards that are not discarded, those that wait first; the answered ones only if asked."""
    later, earlier = cards.alias("later_card"), cards.alias("earlier_card")
    query = (
        sa.select(rescans)
        .join(later, later.c.number == rescans.c.later)
        .join(earlier, earlier.c.number == rescans.c.earlier)
        .where(sa.not_(later.c.discarded), sa.not_(earlier.c.discarded))
        .order_by(rescans.c.answer.is_not(None), rescans.c.number)
    )
    if not answered:
        query = query.where(rescans.c.answer.is_(None))
    listed = connection.execute(query).all()
    result: list[Rescan] = []
    for start in range(0, len(listed), PAIRS_AT_ONCE):
        some = listed[start : start + PAIRS_AT_ONCE]
        by_number = _scanned(connection, [number for row in some for number in (row.later, row.earlier)])
        for row in some:
            answer = None if row.answer is None else RescanAnswer(row.answer)
            pair = by_number[row.later], by_number[row.earlier]
            result.append(Rescan(*pair, row.alike, row.texts_alike, answer, row.answered_by, row.at))
    return tuple(result)


def scans_of(connection: Connection, card_id: str) -> tuple[str, ...]:
    """The ids of the cards that a person called other scans of that card, and of those again."""
    return tuple(sorted(_linked(connection, card_id, (RescanAnswer.REPLACE, RescanAnswer.IGNORE)) - {card_id}))


def perhaps_scans_of(connection: Connection, card_id: str) -> tuple[str, ...]:
    """The ids of the cards that may be other scans of it, nobody having said."""
    sure = {card_id, *scans_of(connection, card_id)}
    return tuple(sorted(set().union(*(_pairs_of(connection, each, None) for each in sure)) - sure))


def _linked(connection: Connection, card_id: str, answers: Collection[str]) -> set[str]:
    found, wanted = {card_id}, [card_id]
    while wanted:
        new = _pairs_of(connection, wanted.pop(), answers) - found
        found |= new
        wanted += new
    return found


def _pairs_of(connection: Connection, card_id: str, answers: Collection[str] | None) -> set[str]:
    """The other cards of the pairs that it is in: those with such an answer, with None those without one."""
    later, earlier = cards.alias("later_card"), cards.alias("earlier_card")
    query = (
        sa.select(later.c.id.label("later"), earlier.c.id.label("earlier"))
        .select_from(rescans)
        .join(later, later.c.number == rescans.c.later)
        .join(earlier, earlier.c.number == rescans.c.earlier)
        .where(rescans.c.answer.is_(None) if answers is None else rescans.c.answer.in_(answers))
        .where(sa.or_(later.c.id == card_id, earlier.c.id == card_id))
    )
    if answers is None:
        query = query.where(sa.not_(later.c.discarded), sa.not_(earlier.c.discarded))
    return {name for row in connection.execute(query) for name in (row.later, row.earlier)} - {card_id}


def waiting(connection: Connection) -> dict[int, int]:
    """For each batch how many of its cards seem to be earlier ones, and nobody has said."""
    earlier = cards.alias("earlier_card")
    counted = connection.execute(
        sa.select(cards.c.batch, sa.func.count(sa.distinct(cards.c.number)))
        .join(rescans, rescans.c.later == cards.c.number)
        .join(earlier, earlier.c.number == rescans.c.earlier)
        .where(rescans.c.answer.is_(None), sa.not_(cards.c.discarded), sa.not_(earlier.c.discarded))
        .group_by(cards.c.batch)
    )
    return {row.batch: int(row[1]) for row in counted}


def _scanned(connection: Connection, numbers: Sequence[int]) -> dict[int, ScannedCard]:
    ids = connection.execute(sa.select(cards.c.id, cards.c.number).where(cards.c.number.in_(numbers)))
    number_of = {row.id: row.number for row in ids}
    return {number_of[card.id]: _as_scanned(card) for card in queued_cards(connection, numbers)}


def _as_scanned(card: QueuedCard) -> ScannedCard:
    return ScannedCard(card.id, card.batch_id, card.label, card.pages, card.state, card.texts)


def answer(
    connection: Connection, later_id: str, earlier_id: str, given: RescanAnswer, person: str, at: datetime
) -> int:
    """Settles a proposal; the number of the later card. Raises `CardRefusedError` where there is none, or the
    card to be rejected cannot be."""
    later, earlier = leases.find_card(connection, later_id), leases.find_card(connection, earlier_id)
    changed = connection.execute(
        sa.update(rescans)
        .where(rescans.c.later == later.number, rescans.c.earlier == earlier.number)
        .values(answer=given, answered_by=person, at=at)
    )
    if not changed.rowcount:
        raise CardRefusedError(f"card {later.id}: nobody proposed that it is another scan of {earlier.id}")
    if given is RescanAnswer.REPLACE:
        _reject(connection, str(earlier.id), f"scanned again as {later.id}", person, at)
    elif given is RescanAnswer.IGNORE:
        _reject(connection, str(later.id), f"scanned before as {earlier.id}", person, at)
    return int(later.number)


def _reject(connection: Connection, card_id: str, reason: str, person: str, at: datetime) -> None:
    reviewing.decide(connection, Review(card_id, Decision.REJECT, person, at, reason), reopen=True)
