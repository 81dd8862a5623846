"""What `merge` takes from the workspace.

A card's `revision` counts what was decided on it and amended on its batch; `merged_revision` is the one that the
nominations store has, `merged_mark` what merge knows it by there.
"""

from collections.abc import Collection
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select

from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import that_stand
from scan_ingest.domain.rescan import RescanAnswer
from scan_ingest.domain.review import AcceptedCard, MergedCard
from scan_ingest.workspace import identities, leases, rows, second_looks
from scan_ingest.workspace.origins import origins_of
from scan_ingest.workspace.queued import card_rows, pages_of
from scan_ingest.workspace.tables import batches, cards, redactions, rescans, reviews

CARDS_AT_ONCE = 500  # numbers in one question; databases allow some thousands


def batches_to_merge(connection: Connection) -> tuple[str, ...]:
    """See `MergeDesk.batches_to_merge`."""
    numbers = _to_merge(connection).with_only_columns(cards.c.batch).order_by(None).distinct().subquery()
    oldest_first = sa.select(batches.c.number).join(numbers, numbers.c.batch == batches.c.number)
    found = connection.execute(oldest_first.order_by(batches.c.collected, batches.c.number))
    return tuple(rows.batch_id(number) for number in found.scalars())


def merge_marks(connection: Connection, batch: int) -> dict[str, str]:
    """See `MergeDesk.merge_marks`."""
    as_merged = sa.and_(cards.c.state == CardState.MERGED, cards.c.merged_revision == cards.c.revision)
    mark = sa.case((as_merged, sa.func.coalesce(cards.c.merged_mark, "")), else_="")
    query = _to_merge(connection).where(cards.c.batch == batch).with_only_columns(cards.c.id, mark.label("mark"))
    return {row.id: row.mark for row in connection.execute(query)}


def accepted_cards(connection: Connection, card_ids: Collection[str] | None) -> tuple[AcceptedCard, ...]:
    """See `MergeDesk.accepted_cards`."""
    wanted = _to_merge(connection)
    if card_ids is not None:
        wanted = wanted.where(cards.c.id.in_(card_ids))
    found = connection.execute(wanted).all()
    accepted = []
    for start in range(0, len(found), CARDS_AT_ONCE):
        some = found[start : start + CARDS_AT_ONCE]
        on_pages = pages_of(connection, [row.number for row in some])
        origins = origins_of(connection, some)
        settled = identities.settlements(connection, [row.number for row in some])
        for row in some:
            notes = rows.fields_from(row.fields)
            texts = {note.name: "" for note in notes} | rows.texts_from(row.texts)
            accepted.append(
                AcceptedCard(
                    card_id=row.id,
                    batch_id=rows.batch_id(row.batch),
                    label=rows.label_from(row),
                    template_id=row.template,
                    pages=tuple(on_pages[row.number]),
                    texts=texts,
                    reviewed_by=row.reviewer,
                    reviewed_at=row.at,
                    merged_before=row.merged_revision is not None,
                    revision=row.revision,
                    origins=origins[row.number],
                    kinds={note.name: note.kind for note in notes},
                    settled=frozenset(that_stand(row.id, texts, settled[row.number])),
                )
            )
    return tuple(accepted)


def _to_merge(connection: Connection) -> Select[*tuple[object, ...]]:
    """The rows of the cards that merge carries."""
    return card_rows(leases.now_at(connection)).where(
        cards.c.state.in_((CardState.ACCEPTED, CardState.MERGED)),
        sa.not_(second_looks.is_open()),
        sa.not_(_may_be_a_redacted_one()),
        reviews.c.number.is_not(None),
    )


def held_cards(connection: Connection) -> tuple[str, ...]:
    """See `MergeDesk.held_cards`."""
    waiting = sa.select(cards.c.id).where(
        sa.not_(cards.c.discarded),
        second_looks.is_open() | (cards.c.state.in_((CardState.ACCEPTED, CardState.MERGED)) & _may_be_a_redacted_one()),
    )
    return tuple(connection.execute(waiting.order_by(cards.c.batch, cards.c.number)).scalars())


def _may_be_a_redacted_one() -> ColumnElement[bool]:
    """Whether the card would bring back words that were taken out of another scan of it: it may be one, nobody having
    said, and lost no words itself; or somebody said so afterwards, and nobody has gone over it since."""
    pair = (rescans.c.later == cards.c.number) & (rescans.c.earlier == redactions.c.card)
    turned = (rescans.c.earlier == cards.c.number) & (rescans.c.later == redactions.c.card)
    own = redactions.alias("own")
    its_own = sa.exists().where(own.c.card == cards.c.number).correlate(cards)
    since = sa.exists().where(own.c.card == cards.c.number, own.c.at >= rescans.c.at).correlate(cards, rescans)
    said_later = rescans.c.answer.in_((RescanAnswer.REPLACE, RescanAnswer.IGNORE)) & (redactions.c.at < rescans.c.at)
    unsettled = sa.exists().where(rescans.c.answer.is_(None), pair | turned).correlate(cards)
    not_gone_over = sa.exists().where(said_later, ~since, pair | turned).correlate(cards)
    return (unsettled & ~its_own) | not_gone_over


def rejected_cards(connection: Connection) -> tuple[str, ...]:
    """See `MergeDesk.rejected_cards`."""
    rejected = sa.select(cards.c.id).where(sa.not_(cards.c.discarded), cards.c.state == CardState.REJECTED)
    return tuple(connection.execute(rejected.order_by(cards.c.batch, cards.c.number)).scalars())


def mark_withdrawn(connection: Connection, card_ids: Collection[str]) -> None:
    """See `MergeDesk.mark_withdrawn`."""
    if not card_ids:
        return
    connection.execute(
        sa.update(cards)
        .where(cards.c.id == sa.bindparam("card"), sa.not_(cards.c.discarded), cards.c.state == CardState.REJECTED)
        .where(cards.c.merged_revision.is_not(None))
        .values(merged_revision=None, merged_mark=None),
        [{"card": card_id} for card_id in card_ids],
    )


def mark_merged(connection: Connection, merged: Collection[MergedCard]) -> None:
    """See `MergeDesk.mark_merged`."""
    if not merged:
        return
    unchanged = sa.and_(cards.c.revision == sa.bindparam("carried"), cards.c.state == CardState.ACCEPTED)
    connection.execute(
        sa.update(cards)
        .where(
            cards.c.id == sa.bindparam("card"),
            sa.not_(cards.c.discarded),
            cards.c.merged_revision.is_distinct_from(sa.bindparam("carried"))
            | cards.c.merged_mark.is_distinct_from(sa.bindparam("mark")),
        )
        .values(
            merged_revision=sa.bindparam("carried"),
            merged_mark=sa.bindparam("mark"),
            merged_at=sa.case(
                (cards.c.merged_revision.is_distinct_from(sa.bindparam("carried")), datetime.now(UTC)),
                else_=cards.c.merged_at,
            ),
            state=sa.case((unchanged, CardState.MERGED.value), else_=cards.c.state),
        ),
        [{"card": card.card_id, "carried": card.revision, "mark": card.mark or None} for card in merged],
    )
