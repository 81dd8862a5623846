"""Pages that belong to a card which words were taken out of: looked at by a person, made black, in part or whole.

Nothing on such a page was read when it was scanned. What can be found on it by reading it now is made black with the
redaction; whether that is all, only somebody who looks can say.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.audit import Act
from scan_ingest.domain.geometry import Points
from scan_ingest.domain.kept import size_as_scanned
from scan_ingest.domain.letter import Area, PageAnswer, UnreadPage
from scan_ingest.errors import InputError
from scan_ingest.ports.redaction import Locate
from scan_ingest.workspace import audit, erasing, leases, pictures, rows
from scan_ingest.workspace.aligning import attached_to
from scan_ingest.workspace.covering import Replaced, name_anew
from scan_ingest.workspace.tables import cards, page_decisions, page_looks, pages, redactions


def unread(connection: Connection) -> tuple[UnreadPage, ...]:
    """Those that nobody has looked at since words were taken out of their card. What was purged shows nothing."""
    query = (
        sa.select(cards.c.id, sa.func.max(redactions.c.at).label("at"))
        .join(redactions, redactions.c.card == cards.c.number)
        .group_by(cards.c.id)
    )
    redacted = {row.id: row.at for row in connection.execute(query)}
    if not redacted:
        return ()
    standing = sa.select(cards.c.number, cards.c.id).where(cards.c.id.in_(redacted), sa.not_(cards.c.discarded))
    numbers = {row.number: row.id for row in connection.execute(standing)}
    looks = _looks(connection)
    return tuple(
        UnreadPage(page.number, rows.ref_from(page), rows.batch_id(page.batch), numbers[number])
        for number, belonging in attached_to(connection, list(numbers)).items()
        for page in belonging
        if page.picture is not None
        and not any(answer is PageAnswer.BLACK or at >= redacted[numbers[number]] for answer, at in looks[page.number])
    )


def _looks(connection: Connection) -> Mapping[int, list[tuple[PageAnswer, datetime]]]:
    found: dict[int, list[tuple[PageAnswer, datetime]]] = defaultdict(list)
    for row in connection.execute(sa.select(page_looks)):
        found[row.page].append((PageAnswer(row.answer), row.at))
    return found


def pictures_of(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """The pictures of pages that belong to these cards, by the pages' keys."""
    belonging = attached_to(connection, numbers).values()
    return {page.number: page.picture for pages in belonging for page in pages if page.picture is not None}


class Letters:
    """Reads pages that belong to cards; each once for the same words, however often it is asked. It takes seconds, so
    not within a transaction."""

    def __init__(self, folder: Path, locate: Locate | None) -> None:
        self._folder, self._locate = folder, locate
        self._found: dict[tuple[str, tuple[str, ...]], Sequence[Points]] = {}

    def places(self, on_pages: Mapping[int, str], words: Sequence[str]) -> dict[int, Sequence[Points]]:
        """Where the words can be found on these pages (keys and pictures), by key, in pixels as scanned."""
        if not words or self._locate is None:
            return {}
        found = {key: self._on(name, tuple(words), self._locate) for key, name in on_pages.items()}
        return {key: places for key, places in found.items() if places}

    def _on(self, name: str, words: tuple[str, ...], locate: Locate) -> Sequence[Points]:
        if (name, words) not in self._found:
            picture = pictures.read_picture(self._folder, name)
            areas = locate(picture, words)
            self._found[name, words] = on_page(picture, areas) if areas else ()
        return self._found[name, words]


def plan(
    connection: Connection, folder: Path, key: int, areas: Sequence[Area], person: str
) -> dict[int, Sequence[Points]]:
    """The areas of the page in pixels as scanned, by its key; nothing where there are none, or it was purged.

    Raises `InputError` where the page is attached to no card and, with areas, `CardRefusedError` where a legal hold
    stands on its card or box, or somebody else holds the card.
    """
    _refuse(connection, key, person, changes=bool(areas))
    picture = connection.execute(sa.select(pages.c.picture).where(pages.c.number == key)).scalar_one()
    if not areas or picture is None:
        return {}
    return {key: on_page(pictures.read_picture(folder, picture), areas)}


def _refuse(connection: Connection, key: int, person: str, *, changes: bool) -> None:
    """See `plan`; `changes` where something on the page is to be made black."""
    page = connection.execute(sa.select(pages).where(pages.c.number == key)).one()
    attached = sa.select(page_decisions.c.card).where(
        page_decisions.c.number == page.decision, page_decisions.c.call == Call.ATTACHED
    )
    query = sa.select(cards).where(cards.c.number.in_(attached))
    if not connection.get_execution_options().get("reads_only", False):
        query = query.with_for_update()
    card = connection.execute(query).one_or_none()
    if card is None:
        raise InputError(
            f"{rows.ref_from(page)} of {rows.batch_id(page.batch)}: it is attached to no card, and only a page that "
            "is can be called clean or made black; `identity list` names those that wait for it"
        )
    if changes:
        erasing.refuse_held(connection, card, page.batch)
        leases.refuse_if_held(card, person, leases.now_at(connection))


def on_page(picture: bytes, areas: Sequence[Area]) -> list[Points]:
    """The areas as polygons, in pixels of the page as scanned."""
    width, height = size_as_scanned(picture) or _size(picture)
    return [
        np.array([(x, y), (right, y), (right, bottom), (x, bottom)])
        for area in areas
        for x, right in [(area.left / 100 * width, (area.left + area.width) / 100 * width)]
        for y, bottom in [(area.top / 100 * height, (area.top + area.height) / 100 * height)]
    ]


def _size(picture: bytes) -> tuple[int, int]:
    from PIL import Image as Pillow

    with Pillow.open(BytesIO(picture)) as opened:
        return opened.size


def write(connection: Connection, key: int, answer: PageAnswer, replaced: Replaced, person: str, at: datetime) -> None:
    """Keeps the answer, gives the rows the pictures drawn anew, and tells the audit. Raises what `plan` does, where
    somebody took the page or the card in between."""
    _refuse(connection, key, person, changes=answer is not PageAnswer.CLEAN)
    name_anew(connection, replaced)
    connection.execute(sa.insert(page_looks).values(page=key, answer=answer, person=person, at=at))
    audit.of_page(connection, key, Act.REDACT, person, answer=answer.value)
