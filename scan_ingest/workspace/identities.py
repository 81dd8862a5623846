"""Patients' identities on cards: what was found in their texts as they stand, and what people made of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from scan_ingest.domain.audit import Act
from scan_ingest.domain.identity import (
    Answer,
    CardFindings,
    FieldFindings,
    IdentityAnswer,
    IdentitySettlement,
    text_key,
    that_stand,
)
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import CardRefusedError
from scan_ingest.identity import find_in_fields
from scan_ingest.ports.review import QueuedCard
from scan_ingest.workspace import audit, leases, rows
from scan_ingest.workspace.tables import cards, identity_settlements


def settle(
    connection: Connection,
    card_id: str,
    texts: Mapping[str, str],
    answers: Mapping[str, Answer],
    person: str,
    at: datetime,
) -> None:
    """Keeps an answer for each field and tells the audit; `texts` are what they are given on.

    Raises `CardRefusedError` for a field that the card has not.
    """
    card = keep_answers(connection, card_id, texts, answers, person, at)
    for answer in answers.values():
        audit.of_card(connection, card, Act.IDENTITY, person, answer=str(answer.kind))


def keep_answers(
    connection: Connection,
    card_id: str,
    texts: Mapping[str, str],
    answers: Mapping[str, Answer],
    person: str,
    at: datetime,
) -> int:
    """The same without telling, as a part of what is told of anyway; the number of the card."""
    card = leases.find_card(connection, card_id)
    for field, answer in answers.items():
        if field not in texts:
            raise CardRefusedError(f"card {card.id}: it has no field {field!r}; it has {', '.join(sorted(texts))}")
        connection.execute(
            sa.insert(identity_settlements).values(
                card=card.number,
                field=field,
                answer=answer.kind,
                reason=as_kept(answer.reason).strip(),
                of_text=text_key(card.id, field, as_kept(texts[field])),
                person=person,
                at=at,
            )
        )
    return int(card.number)


def settlements(connection: Connection, numbers: Collection[int]) -> dict[int, list[IdentitySettlement]]:
    """By card, oldest first."""
    found = connection.execute(
        sa.select(identity_settlements)
        .where(identity_settlements.c.card.in_(numbers))
        .order_by(identity_settlements.c.number)
    )
    by_card: dict[int, list[IdentitySettlement]] = defaultdict(list)
    for row in found:
        answer = Answer(IdentityAnswer(row.answer), row.reason)
        by_card[row.card].append(IdentitySettlement(row.field, answer, row.of_text, row.person, row.at))
    return by_card


def found_on(connection: Connection, some: Sequence[QueuedCard], staff: Collection[str]) -> list[CardFindings]:
    """What was found on these cards, those without any finding left out."""
    kept = connection.execute(
        sa.select(cards.c.id, cards.c.number, cards.c.fields).where(
            cards.c.id.in_([card.id for card in some]), sa.not_(cards.c.discarded)
        )
    )
    by_id = {row.id: row for row in kept}
    given = settlements(connection, [row.number for row in by_id.values()])
    result = []
    for card in some:
        row = by_id.get(card.id)
        if row is None:
            continue  # discarded meanwhile
        kinds = {note.name: note.kind for note in rows.fields_from(row.fields)}
        standing = that_stand(card.id, card.texts, given[row.number])
        fields = tuple(
            FieldFindings(name, card.texts[name], findings, standing.get(name))
            for name, findings in find_in_fields(card.texts, kinds, staff).items()
        )
        if fields:
            pages = tuple(dict.fromkeys(str(page.ref) for page in card.pages))
            result.append(CardFindings(card.id, card.batch_id, card.state, pages, fields))
    return result
