"""A person's name taken out of nominations of others, in a way that the next delivery does not bring it back."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scan_ingest.central import duplicates
from scan_ingest.central.removing import portions
from scan_ingest.central.rows import nomination_of
from scan_ingest.central.tables import nominations, withheld
from scan_ingest.domain.merging import Entry
from scan_ingest.domain.nomination import WRITTEN
from scan_ingest.domain.withheld import Withheld, without_name


def take_out(connection: Connection, ids: Sequence[str], name: Sequence[str]) -> Counter[str]:
    """Rewrites the nominations without the name (its plain words) and forgets what was compared with it in them; how
    many of each organisation were changed."""
    counted: Counter[str] = Counter()
    for some in portions(sorted(ids)):
        which = nominations.c.nomination_id
        query = nominations.select().where(which.in_(some)).order_by(which).with_for_update()  # never crosswise
        for row in connection.execute(query).mappings().all():
            if _rewritten(connection, row, name):
                counted[row["organisation"]] += 1
    return counted


def _rewritten(connection: Connection, row: sa.RowMapping, name: Sequence[str]) -> bool:
    nomination = nomination_of(row)
    left = without_name(nomination, name)
    if left == nomination:
        return False
    mark = Withheld.of(nomination.id, name, row["digest"])
    now = datetime.now(UTC)
    changed = {column: left.texts[column] for column in WRITTEN}
    connection.execute(
        nominations.update()
        .where(nominations.c.nomination_id == nomination.id)
        .values(**changed, extra=dict(left.extra), digest=Entry(left, row["provenance"]).digest, updated_at=now)
    )
    duplicates.forget(connection, [nomination.id])
    connection.execute(
        withheld.insert().values(
            nomination_id=mark.id,
            salt=mark.salt,
            words=mark.words,
            name=mark.name,
            delivered=mark.delivered,
            organisation=nomination.organisation,
            at=now,
        )
    )
    return True


def standing(connection: Connection, ids: Sequence[str]) -> tuple[Withheld, ...]:
    """The names that stay out of these nominations."""
    found: list[Withheld] = []
    for some in portions(ids):
        rows = connection.execute(withheld.select().where(withheld.c.nomination_id.in_(some)))
        found += [Withheld(row.nomination_id, row.words, row.salt, row.name, row.delivered) for row in rows]
    return tuple(found)
