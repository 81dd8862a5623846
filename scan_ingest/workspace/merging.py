"""What `merge` takes from the workspace.

A card's `revision` counts what was decided on it and amended on its batch; `merged_revision` is the one that the
nominations store has.
"""

from collections.abc import Collection
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import that_stand
from scan_ingest.domain.review import AcceptedCard
from scan_ingest.workspace import identities, leases, rows, second_looks
from scan_ingest.workspace.origins import origins_of
from scan_ingest.workspace.queued import card_rows, pages_of
from scan_ingest.workspace.tables import cards, reviews

CARDS_AT_ONCE = 500  # numbers in one question; databases allow some thousands


def accepted_cards(connection: Connection) -> tuple[AcceptedCard, ...]:
    """See `MergeDesk.accepted_cards`."""
    to_merge = cards.c.state.in_((CardState.ACCEPTED, CardState.MERGED))
    of_it = card_rows(leases.now_at(connection)).where(
        to_merge, sa.not_(second_looks.is_open()), reviews.c.number.is_not(None)
    )
    found = connection.execute(of_it).all()
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
        .values(merged_revision=None),
        [{"card": card_id} for card_id in card_ids],
    )


def mark_merged(connection: Connection, merged: Collection[AcceptedCard]) -> None:
    """See `MergeDesk.mark_merged`."""
    if not merged:
        return
    unchanged = sa.and_(cards.c.revision == sa.bindparam("carried"), cards.c.state == CardState.ACCEPTED)
    connection.execute(
        sa.update(cards)
        .where(
            cards.c.id == sa.bindparam("card"),
            sa.not_(cards.c.discarded),
            cards.c.merged_revision.is_distinct_from(sa.bindparam("carried")),
        )
        .values(
            merged_revision=sa.bindparam("carried"),
            merged_at=datetime.now(UTC),
            state=sa.case((unchanged, CardState.MERGED.value), else_=cards.c.state),
        ),
        [{"card": card.card_id, "carried": card.revision} for card in merged],
    )
