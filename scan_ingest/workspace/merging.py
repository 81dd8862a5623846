"""What `merge` takes from the workspace.

A card's `revision` counts what was decided on it and amended on its batch; `merged_revision` is the one that the
nominations store has. A card is to be merged when it is accepted, or merged with another revision.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import Connection

from scan_ingest.domain.card import CardState
from scan_ingest.domain.review import AcceptedCard
from scan_ingest.workspace import leases, rows
from scan_ingest.workspace.queued import card_rows, pages_of
from scan_ingest.workspace.tables import cards

CARDS_AT_ONCE = 500  # numbers in one question; databases allow some thousands


def accepted_cards(connection: Connection) -> tuple[AcceptedCard, ...]:
    """See `MergeDesk.accepted_cards`."""
    to_merge = sa.or_(
        cards.c.state == CardState.ACCEPTED,
        sa.and_(cards.c.state == CardState.MERGED, cards.c.revision != cards.c.merged_revision),
    )
    found = connection.execute(card_rows(leases.now_at(connection)).where(to_merge)).all()
    accepted = []
    for start in range(0, len(found), CARDS_AT_ONCE):
        some = found[start : start + CARDS_AT_ONCE]
        on_pages = pages_of(connection, [row.number for row in some])
        for row in some:
            texts = {note.name: "" for note in rows.fields_from(row.fields)} | rows.texts_from(row.texts)
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
                )
            )
    return tuple(accepted)


def mark_merged(connection: Connection, merged: Collection[AcceptedCard]) -> None:
    """See `MergeDesk.mark_merged`."""
    for card in merged:
        unchanged = sa.and_(cards.c.revision == card.revision, cards.c.state == CardState.ACCEPTED)
        connection.execute(
            sa.update(cards)
            .where(cards.c.id == card.card_id, sa.not_(cards.c.discarded))
            .values(
                merged_revision=card.revision,
                state=sa.case((unchanged, CardState.MERGED.value), else_=cards.c.state),
            )
        )
