"""What people typed beside the texts that stand: on cards, whatever became of them, and about boxes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from scan_ingest.domain.audit import Act
from scan_ingest.domain.withheld import without_words
from scan_ingest.ports.leaving import Remark, Trail
from scan_ingest.ports.review import Draft
from scan_ingest.workspace import audit, identities, reviewing, rows
from scan_ingest.workspace.tables import COPIES, HOLDS, batch_files, batches, cards, drafts


def of_card(connection: Connection, card_id: str) -> Trail:
    """That of every card of the id, of discarded batches too; nothing of what was purged."""
    numbers = list(connection.execute(sa.select(cards.c.number).where(cards.c.id == card_id)).scalars())
    kept = connection.execute(
        sa.select(drafts).where(drafts.c.card.in_(numbers)).order_by(drafts.c.card, drafts.c.reviewer)
    )
    given = identities.settlements(connection, numbers)
    return Trail(
        reviewing.decisions_on(connection, numbers),
        [settlement for number in numbers for settlement in given[number]],
        [(row.reviewer, Draft(rows.texts_from(row.texts), row.note)) for row in kept],
    )


def remarks(connection: Connection) -> tuple[Remark, ...]:
    """Free words about boxes, holds and files."""
    found = [
        Remark(f"why {rows.batch_id(row.number)} was discarded", row.discard_reason, can_go=True)
        for row in connection.execute(sa.select(batches).where(batches.c.discard_reason != ""))
    ]
    found += [
        Remark(f"a file of {rows.batch_id(row.batch)}", row.name, can_go=False)
        for row in connection.execute(sa.select(batch_files).order_by(batch_files.c.batch, batch_files.c.position))
    ]
    return (*found, *HOLDS.remarks(connection), *COPIES.remarks(connection))


def take_out(connection: Connection, name: Sequence[str], person: str) -> None:
    """Takes a name (its plain words) out of the remarks that it can go out of."""
    changed = HOLDS.take_out(connection, name)
    for row in connection.execute(sa.select(batches).where(batches.c.discard_reason != "")).all():
        left = without_words(row.discard_reason, name)
        if left != row.discard_reason:
            connection.execute(sa.update(batches).where(batches.c.number == row.number).values(discard_reason=left))
            changed += 1
    if changed:
        audit.of_organisation(connection, "", Act.ERASE, person, "", remarks=changed)
