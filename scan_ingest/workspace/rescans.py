"""Cards that seem to have been scanned before: found when a batch is finished, settled by a person, never dropped."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlalchemy import Connection, Row

from scan_ingest.domain.card import CardState
from scan_ingest.domain.likeness import LITTLE_INK_MM2, SAME_WRITING, Likeness, alike, marks_alike
from scan_ingest.domain.rescan import Rescan, RescanAnswer, ScannedCard
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.review import QueuedCard
from scan_ingest.workspace import leases, reviewing
from scan_ingest.workspace.queued import queued_cards
from scan_ingest.workspace.tables import cards, pages, rescans, sides

PAIRS_AT_ONCE = 100
SAME_TEXT = 0.5  # of a card with little on it: two readings of one word differ in a letter or two


def propose_batch(connection: Connection, batch: int) -> None:
    """Adds a proposal for each card of the batch whose writing lies on the paper as another card's does."""
    propose(connection, set(connection.execute(sa.select(cards.c.number).where(cards.c.batch == batch)).scalars()))


def cards_beside(connection: Connection, page: int) -> set[int]:
    """The numbers of the cards in that page's batch."""
    batch = sa.select(pages.c.batch).where(pages.c.number == page).scalar_subquery()
    return set(connection.execute(sa.select(cards.c.number).where(cards.c.batch == batch)).scalars())


def propose(connection: Connection, own: Collection[int]) -> None:
    """The same for the cards with these numbers."""
    known = {tuple(row) for row in connection.execute(sa.select(rescans.c.later, rescans.c.earlier))}
    for later, group in groupby(sorted(_worth_a_look(connection, own) - known), key=itemgetter(0)):
        earlier = [other for _, other in group]
        mine = _likenesses(connection, [later])[later]
        for start in range(0, len(earlier), PAIRS_AT_ONCE):
            for other, theirs in _likenesses(connection, earlier[start : start + PAIRS_AT_ONCE]).items():
                _propose_one(connection, (later, mine), (other, theirs))


Likenesses = Mapping[str, Likeness | None]
"""By side."""


def _propose_one(connection: Connection, one: tuple[int, Likenesses], other: tuple[int, Likenesses]) -> None:
    (later, mine), (earlier, theirs) = one, other
    how_alike = alike((mine[side], theirs[side]) for side in mine.keys() & theirs.keys())
    if how_alike < SAME_WRITING:
        return
    texts_alike, one_in_other = _texts_alike(connection, later, earlier)
    if min(map(_ink_mm2, (mine, theirs))) < LITTLE_INK_MM2 and one_in_other < SAME_TEXT:
        return
    connection.execute(
        sa.insert(rescans).values(
            later=later, earlier=earlier, alike=how_alike, texts_alike=texts_alike, answered_by=""
        )
    )


def _worth_a_look(connection: Connection, own: Collection[int]) -> set[tuple[int, int]]:
    """(later, earlier) of the cards of which one side has nearly the same mark, one of each being an `own` one."""
    pairs: set[tuple[int, int]] = set()
    for marked in _marks(connection).values():
        numbers, marks = [number for number, _ in marked], [mark for _, mark in marked]
        for number, mark in marked:
            if number in own:
                others = (numbers[at] for at in marks_alike(mark, marks) if numbers[at] != number)
                pairs |= {(max(number, other), min(number, other)) for other in others}
    return pairs


def _marks(connection: Connection) -> Mapping[tuple[str, str], list[tuple[int, bytes]]]:
    """(number of the card, mark) of every side that has one, by template and side; 32 bytes each."""
    found = connection.execute(
        sa.select(sides.c.card, sides.c.template, sides.c.side, sides.c.mark)
        .join(cards, cards.c.number == sides.c.card)
        .where(sides.c.mark.is_not(None), sides.c.withdrawn_by.is_(None), sa.not_(cards.c.discarded))
        .order_by(sides.c.card)
    )
    by_side: dict[tuple[str, str], list[tuple[int, bytes]]] = defaultdict(list)
    for row in found:
        by_side[row.template, row.side].append((row.card, bytes(row.mark)))
    return by_side


def _likenesses(connection: Connection, numbers: Sequence[int]) -> Mapping[int, Likenesses]:
    found = connection.execute(
        sa.select(sides.c.card, sides.c.side, sides.c.likeness)
        .where(sides.c.card.in_(numbers), sides.c.withdrawn_by.is_(None))
        .order_by(sides.c.card)
    )
    by_card: dict[int, dict[str, Likeness | None]] = defaultdict(dict)
    for row in found:
        by_card[row.card][row.side] = None if row.likeness is None else Likeness.from_bytes(row.likeness)
    return by_card


def _ink_mm2(card: Likenesses) -> float:
    return sum(side.ink_mm2 for side in card.values() if side is not None)


def _texts_alike(connection: Connection, later: int, earlier: int) -> tuple[float, float]:
    """How alike the two were read, and how alike the shorter is to a part of the other: a note may have come to it."""
    one, other = (
        " ".join(filter(None, card.texts.values())).casefold() for card in queued_cards(connection, [later, earlier])
    )
    return fuzz.ratio(one, other) / 100, fuzz.partial_ratio(one, other) / 100


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
            if not {row.later, row.earlier} <= by_number.keys():
                continue  # the texts of one were purged: there is nothing left to lay beside the other
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
    """Settles a proposal, or settles it in another way; the number of the later card. What was typed on the card
    that is rejected comes to the one that stands.

    Raises `CardRefusedError` where there is no such proposal, somebody holds one of the cards, or none would stand.
    """
    later, earlier = leases.find_card(connection, later_id), leases.find_card(connection, earlier_id)
    pair = sa.and_(rescans.c.later == later.number, rescans.c.earlier == earlier.number)
    if connection.execute(sa.select(rescans.c.number).where(pair)).first() is None:
        raise CardRefusedError(f"card {later.id}: nobody proposed that it is another scan of {earlier.id}")
    connection.execute(sa.update(rescans).where(pair).values(answer=given, answered_by=person, at=at))
    for card in (earlier, later):
        _stand_again(connection, card, person, at)
    if given is RescanAnswer.REPLACE:
        _reject(connection, earlier, later.id, person, at)
    elif given is RescanAnswer.IGNORE:
        _reject(connection, later, earlier.id, person, at)
    return int(later.number)


def _rejections(connection: Connection, card: Row[*tuple[object, ...]]) -> Mapping[str, tuple[str, bool]]:
    """By the reason that a pair of the card's would give, newest answer first: the other card, and whether the pair's
    answer rejects this one. A scan that was discarded rejects none."""
    later, earlier = cards.alias("later_card"), cards.alias("earlier_card")
    query = (
        sa.select(later.c.id.label("later"), earlier.c.id.label("earlier"), rescans.c.answer)
        .add_columns(later.c.discarded.label("later_gone"), earlier.c.discarded.label("earlier_gone"))
        .select_from(rescans)
        .join(later, later.c.number == rescans.c.later)
        .join(earlier, earlier.c.number == rescans.c.earlier)
        .where(rescans.c.answer.is_not(None), sa.or_(later.c.number == card.number, earlier.c.number == card.number))
        .order_by(rescans.c.at.desc(), rescans.c.number.desc())
    )
    return {
        _reason(str(card.id), row.later, row.earlier): (
            row.later,
            row.answer == RescanAnswer.REPLACE and not row.later_gone,
        )
        if card.id == row.earlier
        else (row.earlier, row.answer == RescanAnswer.IGNORE and not row.earlier_gone)
        for row in connection.execute(query)
    }


def _reason(rejected: str, later: str, earlier: str) -> str:
    return f"scanned again as {later}" if rejected == earlier else f"scanned before as {earlier}"


def _stand_again(connection: Connection, card: Row[*tuple[object, ...]], person: str, at: datetime) -> None:
    """Takes back every rejection whose answer is no longer given. Where another pair's answer still rejects the card
    and the other one of that pair stands, it is rejected for that instead."""
    told, card_id = _rejections(connection, card), str(card.id)
    no_longer_given = {reason for reason, (_, rejects) in told.items() if not rejects}
    before = reviewing.standing_rejection(connection, card_id)
    # Answers may have rejected it one after the other.
    while (reason := reviewing.standing_rejection(connection, card_id)) in no_longer_given:
        reviewing.take_back_rejection(connection, card_id, person, at)
    if before is None or reason is not None:
        return
    for other, rejects in told.values():
        if rejects and leases.find_card(connection, other).state != CardState.REJECTED:
            _reject(connection, card, other, person, at)
            return


def _reject(connection: Connection, card: Row[*tuple[object, ...]], stands: str, person: str, at: datetime) -> None:
    standing, rejected = leases.find_card(connection, stands), str(card.id)
    if standing.state == CardState.REJECTED:
        raise CardRefusedError(
            f"card {stands} is rejected, so neither would stand; review --card {stands} takes it up again"
        )
    told = _rejections(connection, card)
    reviewing.take_over(connection, rejected, stands, at)
    if reviewing.standing_rejection(connection, rejected) in told:
        return  # one rejection is enough: taken back, the card stands as before all of them
    (reason,) = (reason for reason, (other, _) in told.items() if other == stands)
    reviewing.decide(connection, Review(rejected, Decision.REJECT, person, at, reason), reopen=True)
