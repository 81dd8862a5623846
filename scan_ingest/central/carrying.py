"""What is carried into the nominations store: a batch of cards, or a portion of the website's, in one transaction."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from scan_ingest.central import duplicates, removing, withholding
from scan_ingest.central.removing import among, portions, remove, removed_among
from scan_ingest.central.tables import LEDGER, nominations
from scan_ingest.domain.audit import Act
from scan_ingest.domain.merging import Entry, MergePlan, Standing, Stored


class CentralTransaction:
    """The store while a batch is carried into it."""

    def __init__(self, connection: Connection, person: str, act: Act = Act.MERGE) -> None:
        self._connection = connection
        self._person = person
        self._act = act
        self._done: dict[str, Counter[str]] = {"inserted": Counter(), "updated": Counter(), "withdrawn": Counter()}

    def standing(self, ids: Collection[str]) -> Standing:
        return standing(self._connection, ids)

    def known(self, ids: Collection[str]) -> frozenset[str]:
        return among(self._connection, nominations.c.nomination_id, ids)

    def apply(self, plan: MergePlan, at: datetime) -> MergePlan:
        plan = self._insert(plan, at)
        if plan.updates:
            change = nominations.update().where(nominations.c.nomination_id == sa.bindparam("which"))
            # In one order, so that two merges of the same cards wait for each other and not crosswise.
            in_order = sorted(plan.updates, key=lambda entry: entry.id)
            self._connection.execute(change, [{"which": entry.id} | row_of(entry, at) for entry in in_order])
            duplicates.forget(self._connection, [entry.id for entry in in_order])
        self._done["inserted"].update(entry.nomination.organisation for entry in plan.inserts)
        self._done["updated"].update(entry.nomination.organisation for entry in plan.updates)
        self._done["withdrawn"].update(remove(self._connection, plan.withdrawals))
        return plan

    def _insert(self, plan: MergePlan, at: datetime) -> MergePlan:
        """Inserts what is new, and what came of it: what another merge brought in meanwhile is compared with that, what
        is another organisation's, which this login does not see, is held."""
        if not plan.inserts:
            return plan
        key = nominations.c.nomination_id
        statement = (
            postgresql.insert(nominations).on_conflict_do_nothing(index_elements=[key]).returning(key)
            if self._connection.dialect.name == "postgresql"
            else sqlite.insert(nominations).on_conflict_do_nothing(index_elements=[key]).returning(key)
        )
        in_order = sorted(plan.inserts, key=lambda entry: entry.id)
        rows = [{"nomination_id": entry.id, "created_at": at} | row_of(entry, at) for entry in in_order]
        made = set(self._connection.execute(statement, rows).scalars())
        there = [entry for entry in plan.inserts if entry.id not in made]
        if not there:
            return plan
        seen = {row.id: row.digest for row in standing(self._connection, [entry.id for entry in there]).nominations}
        held = frozenset(entry.id for entry in there) - frozenset(seen)
        return replace(
            plan,
            inserts=tuple(entry for entry in plan.inserts if entry.id in made),
            updates=(*plan.updates, *(one for one in there if one.id in seen and seen[one.id] != one.digest)),
            unchanged=(*plan.unchanged, *(one.id for one in there if seen.get(one.id) == one.digest)),
            held=(*plan.held, *sorted(held)),
        )

    def tell(self) -> None:
        """The audit of what was written, one row an organisation; where nothing was, there is nothing to tell."""
        for each in sorted({organisation for counted in self._done.values() for organisation in counted}):
            detail = {what: counted[each] for what, counted in self._done.items()}
            LEDGER.write(self._connection, self._act, organisation=each, person=self._person, detail=detail)


def standing(connection: Connection, wanted: Collection[str]) -> Standing:
    """What the store has under the nominations' ids."""
    ids = sorted(set(wanted))
    which = nominations.c.nomination_id
    found: list[Stored] = []
    for some in portions(ids):
        rows = connection.execute(sa.select(which, nominations.c.digest).where(which.in_(some)))
        found += [Stored(row.nomination_id, row.digest) for row in rows]
    on_hold = removing.on_hold(connection, [row.id for row in found])
    return Standing(found, removed_among(connection, ids), withholding.standing(connection, ids), on_hold)


def row_of(entry: Entry, at: datetime) -> dict[str, Any]:
    """The nomination as a row of the store, but for its id and when it was made."""
    nomination = entry.nomination
    return {
        "channel": nomination.channel.value,
        "organisation": nomination.organisation,
        "box": nomination.box,
        "ward": nomination.ward,
        "nominee": nomination.nominee,
        "role": nomination.role,
        "nominator": nomination.nominator,
        "action": nomination.action,
        "impact": nomination.impact,
        "collected_on": nomination.collected_on,
        "reviewed_by": nomination.reviewed_by,
        "reviewed_at": nomination.reviewed_at,
        "source": nomination.source,
        "extra": dict(nomination.extra),
        "provenance": dict(entry.provenance),
        "digest": entry.digest,
        "updated_at": at,
    }
