"""Nominations out of the store, as they are asked for: a snapshot that can be read as often as is wanted."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scan_ingest.central.pairs import called_same
from scan_ingest.central.removing import portions
from scan_ingest.central.rows import nomination_of
from scan_ingest.central.tables import nominations
from scan_ingest.domain.duplicates import counted_with
from scan_ingest.domain.nomination import Channel, Nomination
from scan_ingest.domain.selection import Counts, Label, Wanted, counted, spelling_key

ROWS_AT_A_TIME = 1000  # held in memory while nominations are read
OF_ONE_BOX = 2000  # held in memory to be sorted; what has more is sorted without its texts
NUMBER = re.compile(r"0*(\d+)")


class Selection:
    """The nominations that are asked for, as they stand in one transaction. It can be gone through again and again."""

    def __init__(self, connection: Connection, wanted: Wanted) -> None:
        self._connection = connection
        self._conditions = list(_conditions(connection, wanted))

    def __iter__(self) -> Iterator[Nomination]:
        """By day, organisation and box, then in the order of files and pages; page 9 before page 10."""
        columns = nominations.c
        order = (columns.collected_on.asc().nulls_first(), columns.organisation, columns.box, columns.nomination_id)
        every = self._rows(nominations.select().order_by(*order))
        for _, box in groupby(every, key=lambda row: (row["collected_on"], row["organisation"], row["box"])):
            rows = iter(box)
            held = list(islice(rows, OF_ONE_BOX))
            if len(held) < OF_ONE_BOX:
                yield from map(nomination_of, sorted(held, key=lambda row: _natural(row["source"])))
            else:
                yield from self._by_places(chain(held, rows))

    def _by_places(self, rows: Iterable[sa.RowMapping]) -> Iterator[Nomination]:
        """Those of one box, of which no more is held than each nomination's place: a form that tells no day has a
        year's in one."""
        places = sorted((_natural(row["source"]), row["nomination_id"]) for row in rows)
        for some in portions([each for _, each in places]):
            query = nominations.select().where(nominations.c.nomination_id.in_(some))
            found = {row["nomination_id"]: row for row in self._connection.execute(query).mappings()}
            yield from (nomination_of(found[each]) for each in some)

    def counted_with(self) -> dict[str, str]:
        """Which nomination each one that a person called the same as another is counted with."""
        received, pairs = called_same(self._connection)
        return counted_with(pairs, received)

    def counts(self) -> Counts:
        """Nominations that were called the same as another are counted once; with the one that came first, where that
        one is asked for too."""
        columns = nominations.c
        asked = (columns.nomination_id, columns.organisation, columns.ward, columns.collected_on, columns.channel)
        another = self.counted_with()
        if another:
            here = set(self._connection.execute(sa.select(columns.nomination_id).where(*self._conditions)).scalars())
            another = {each: first for each, first in another.items() if each in here and first in here}
        labels = (
            Label(row["organisation"], row["ward"], row["collected_on"], Channel(row["channel"]), row["nominator"])
            for row in self._rows(sa.select(*asked, columns.nominator))
            if row["nomination_id"] not in another
        )
        return counted(labels, len(another))

    def counts_by_organisation(self) -> dict[str, int]:
        """How many nominations of each organisation are asked for, every one counted."""
        each = nominations.c.organisation
        query = sa.select(each, sa.func.count()).where(*self._conditions).group_by(each).order_by(each)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def _rows(self, query: sa.Select[Any]) -> Iterator[sa.RowMapping]:
        """Some hundred in memory at a time."""
        streamed = self._connection.execution_options(yield_per=ROWS_AT_A_TIME)
        yield from streamed.execute(query.where(*self._conditions)).mappings()


def unknown(connection: Connection, wanted: Wanted) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """What is asked for and nobody has: "organisation" or "ward", as it was asked for, and those that there are."""
    columns = nominations.c
    asked = (("organisation", columns.organisation, wanted.organisations), ("ward", columns.ward, wanted.wards))
    found = []
    for what, column, values in asked:
        known = _spelled(connection, column) if values else {}
        everyone = tuple(sorted(spelling for spellings in known.values() for spelling in spellings))
        found += [(what, value, everyone) for value in values if spelling_key(value) not in known]
    return tuple(found)


def _conditions(connection: Connection, wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    columns = nominations.c
    for column, values in ((columns.organisation, wanted.organisations), (columns.ward, wanted.wards)):
        if values:
            known = _spelled(connection, column)
            yield column.in_([each for value in values for each in known.get(spelling_key(value), ())])
    if wanted.first_day is not None:
        yield columns.collected_on >= wanted.first_day
    if wanted.last_day is not None:
        yield columns.collected_on <= wanted.last_day
    if wanted.channel is not None:
        yield columns.channel == wanted.channel.value


def _spelled(connection: Connection, column: sa.ColumnElement[str]) -> dict[str, list[str]]:
    """Every spelling that the store has, by what spellings have in common."""
    known: dict[str, list[str]] = {}
    for spelling in connection.execute(sa.select(column).distinct()).scalars():
        known.setdefault(spelling_key(spelling), []).append(spelling)
    return known


def _natural(source: str) -> str:
    """To be sorted by: each number with its length before it, so that 9 comes before 10."""
    return NUMBER.sub(lambda found: f"{len(found[1]):04}{found[1]}", source)
