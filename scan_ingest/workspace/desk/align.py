"""What `align` asks: pages that want a person, and what was decided on them."""

from datetime import datetime

from scan_ingest.domain.audit import Act
from scan_ingest.ports.align import NearCard, PageAtHand, PageDecision, Settle
from scan_ingest.sql import reading, writing
from scan_ingest.workspace import aligning, audit, leftovers, opening, pictures, rescans
from scan_ingest.workspace.desk.opened import Opened


class AtAlign(Opened):
    """An `AlignDesk`; see there."""

    def pages_to_align(self, batch_id: str | None = None) -> tuple[int, ...]:
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            return aligning.waiting_pages(connection, batch)

    def find_page(self, name: str, batch_id: str | None = None) -> int:
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            return aligning.find_page(connection, name, batch)

    def page_at_hand(self, key: int) -> PageAtHand:
        with reading(self._engine) as connection:
            return aligning.page_at_hand(connection, self.folder, key)

    def cards_near(self, key: int) -> tuple[NearCard, ...]:
        with reading(self._engine) as connection:
            return aligning.cards_near(connection, key)

    def decide_page(self, decision: PageDecision, settle: Settle) -> PageAtHand:
        with writing(self._engine) as connection:
            leftovers.keep_all(connection)
            side_pictures = {side.place: pictures.keep_picture(self.folder, side.picture) for side in decision.sides}
            before = rescans.cards_beside(connection, decision.page.key)
            page = aligning.decide(connection, self.folder, decision, side_pictures, settle)
            rescans.propose(connection, rescans.cards_beside(connection, page.key) - before)
            audit.of_page(connection, page.key, Act.ALIGN, decision.person, call=str(decision.call))
            return page

    def undo_page(self, page: PageAtHand, person: str, at: datetime, settle: Settle) -> PageAtHand:
        with writing(self._engine) as connection:
            after = aligning.undo(connection, self.folder, page, person, at, settle)
            audit.of_page(connection, page.key, Act.ALIGN, person, call="undo")
            return after
