"""A review desk kept in memory, and cards on it: a plain implementation of the port, to drive the review with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from threading import Event

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import CardState, Doubt, Line, Reading, Word
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.identity import Answer, IdentitySettlement, text_key
from scan_ingest.domain.page import PageRef
from scan_ingest.domain.review import CardPage, Decision, Review
from scan_ingest.errors import CardRefusedError, StoreError
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import ANY_CARD, Draft, QueueCount, QueuedCard, Theirs, Wanted

STATE_AFTER = {
    Decision.ACCEPT: CardState.ACCEPTED,
    Decision.REJECT: CardState.REJECTED,
    Decision.SET_ASIDE: CardState.SET_ASIDE,
}
OPEN = (CardState.WAITING, CardState.SET_ASIDE)
NOTES = (
    FieldNote("nominee", "front", "text", "Who would you like to nominate?", True, BoxMm(10, 12, 100, 12)),
    FieldNote("nominator", "front", "choice", "I am a", False, BoxMm(10, 30, 60, 6), ("patient", "carer", "staff")),
    FieldNote("action", "front", "text", "How did they lead with compassion?", True, BoxMm(10, 42, 188, 40)),
    FieldNote("impact", "front", "text", "What difference did it make?", True, BoxMm(10, 88, 188, 30)),
)
LINES = {
    "nominee": ["Sister Mary Okafor"],
    "action": [
        "She stayed after her shift to hold my",
        "fathers hand while we drove from Leeds.",
        "She told him jokes and he laughed.",
    ],
    "impact": ["He was not alone at the end.", "We will never forget it."],
}
TEXTS = {name: " ".join(lines) for name, lines in LINES.items()} | {"nominator": "carer"}
DOUBTED = {"Okafor", "fathers", "jokes", "forget"}
ALTERNATIVES = {"Okafor": ("Okafar", "Okator"), "fathers": ("father's", "farmers"), "stayed": ("strayed",)}
LINE_MM = 9.0
LEASE = timedelta(minutes=15)


@dataclass
class Lease:
    reviewer: str
    until: datetime


@dataclass
class MemoryDesk:
    """Follows the port's words; `now` is its clock, `locked` makes every write fail as a store does, `away` only
    the claim of the next card."""

    cards: dict[str, QueuedCard] = field(default_factory=dict)
    notes: tuple[FieldNote, ...] = NOTES
    side: bytes = b""
    now: datetime = datetime(2026, 3, 3, 9, tzinfo=UTC)
    leases: dict[str, Lease] = field(default_factory=dict)
    drafts: dict[tuple[str, str], Draft] = field(default_factory=dict)
    decisions: list[Review] = field(default_factory=list)
    given: dict[str, list[IdentitySettlement]] = field(default_factory=dict)
    locked: bool = False
    away: bool = False

    def _holder(self, card_id: str) -> str | None:
        lease = self.leases.get(card_id)
        return lease.reviewer if lease and lease.until > self.now else None

    def _find(self, card_id: str) -> QueuedCard:
        if card_id not in self.cards:
            raise CardRefusedError(f"no card {card_id!r} in this workspace")
        return self.cards[card_id]

    def _refuse(self, card_id: str, reviewer: str) -> None:
        if self._holder(card_id) not in (None, reviewer):
            raise CardRefusedError(f"card {card_id}: another reviewer holds it")

    def _write(self) -> None:
        if self.locked:
            raise StoreError("the workspace is locked")

    def claim_next(
        self, reviewer: str, lease: timedelta, *, wanted: Wanted = ANY_CARD, skip: Collection[str] = ()
    ) -> QueuedCard | None:
        self._write()
        if self.away:
            raise StoreError("postgresql://here: the database went away")
        wanted = [c for c in self.cards.values() if c.id not in skip and wanted.batch_id in (None, c.batch_id)]
        own = [c for c in wanted if self._holder(c.id) == reviewer]
        aside = {
            review.card_id
            for review in self.decisions
            if review.reviewer == reviewer and review.decision is Decision.SET_ASIDE
        }
        free = [c for c in wanted if c.state in OPEN and self._holder(c.id) is None and c.id not in aside]
        found = next(iter(own + free), None)
        return None if found is None else self.claim(found.id, reviewer, lease)

    def claim(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        self._write()
        card = self._find(card_id)
        self._refuse(card_id, reviewer)
        self.leases[card_id] = Lease(reviewer, self.now + lease)
        return replace(card, leased_by=reviewer)

    def renew(self, card_id: str, reviewer: str, lease: timedelta) -> bool:
        self._write()
        if card_id not in self.leases or self.leases[card_id].reviewer != reviewer:
            return False
        self.leases[card_id].until = self.now + lease
        return True

    def give_back(self, card_id: str, reviewer: str) -> None:
        self._write()
        if self._holder(card_id) == reviewer:
            del self.leases[card_id]

    def save_draft(self, card_id: str, reviewer: str, draft: Draft) -> None:
        self._write()
        self.drafts[card_id, reviewer] = draft

    def draft(self, card_id: str, reviewer: str) -> Draft | None:
        return self.drafts.get((card_id, reviewer))

    def theirs(self, card_id: str, reviewer: str) -> Theirs | None:
        mine = self.drafts.get((card_id, reviewer))
        card = self._find(card_id)
        if mine is None or card.review in (None, mine.began_from) or card.reviewed_by == reviewer:
            return None
        return Theirs("somebody else, who accepted it meanwhile", card.texts) if mine.texts != card.texts else None

    def decide(self, review: Review) -> None:
        self._write()
        card = self._find(review.card_id)
        self._refuse(review.card_id, review.reviewer)
        lease = self.leases.get(card.id)
        if card.state not in OPEN and (lease is None or lease.reviewer != review.reviewer):
            raise CardRefusedError(f"card {card.id}: decided meanwhile")
        self.decisions.append(review)
        self.cards[card.id] = replace(
            card,
            state=STATE_AFTER[review.decision],
            texts=dict(review.texts),
            reason=review.reason,
            note=review.note,
            reviewed_by=review.reviewer,
            reviewed_at=review.at,
            review=len(self.decisions),
        )
        self.leases.pop(card.id, None)
        self.drafts.pop((card.id, review.reviewer), None)

    def undo(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        self._write()
        self._refuse(card_id, reviewer)
        last = max(i for i, review in enumerate(self.decisions) if review.card_id == card_id)
        taken_back = self.decisions.pop(last)
        card = self._find(card_id)
        texts = {name: reading.text for name, reading in card.readings.items()}
        self.cards[card_id] = replace(
            card, state=CardState.WAITING, texts=texts, reason="", note="", reviewed_by="", review=None
        )
        self.drafts[card_id, reviewer] = Draft(dict(taken_back.texts), taken_back.note)
        return self.claim(card_id, reviewer, lease)

    def settlements(self, card_id: str) -> tuple[IdentitySettlement, ...]:
        return tuple(self.given.get(card_id, ()))

    def settle_identity(
        self, card_id: str, answers: Mapping[str, Answer], person: str, texts: Mapping[str, str] | None = None
    ) -> None:
        self._write()
        texts = self._find(card_id).texts | dict(texts or {})
        for name, answer in answers.items():
            key = text_key(card_id, name, texts[name])
            self.given.setdefault(card_id, []).append(IdentitySettlement(name, answer, key, person, self.now))

    def field_notes(self, card_id: str) -> tuple[FieldNote, ...]:
        self._find(card_id)
        return self.notes

    def side_picture(self, card_id: str, side: str) -> bytes:
        self._find(card_id)
        assert side == "front"
        return self.side

    def attached_picture(self, card_id: str, ref: PageRef) -> bytes:
        assert ref in self._find(card_id).attached
        return self.side

    def count(self, reviewer: str, wanted: Wanted = ANY_CARD) -> QueueCount:
        cards = [card for card in self.cards.values() if wanted.batch_id in (None, card.batch_id)]
        open_cards = [card for card in cards if card.state in OPEN]
        elsewhere = [card for card in open_cards if self._holder(card.id) not in (None, reviewer)]
        here = [card for card in open_cards if card not in elsewhere]
        waiting = sum(card.state is CardState.WAITING for card in here)
        return QueueCount(waiting, len(elsewhere), len(here) - waiting, len(cards) - len(open_cards))

    def taken_by(self, other: str, card_id: str) -> None:
        """Somebody else gets the card, as after a lease that ran out."""
        self.leases[card_id] = Lease(other, self.now + LEASE)


def a_reading(note: FieldNote, lines: list[str], doubted: Collection[str] = DOUBTED) -> Reading:
    """Those lines as read, one under the other in the field's box."""
    written = []
    for number, text in enumerate(lines):
        box = BoxMm(note.box_mm.x, note.box_mm.y + number * LINE_MM, min(note.box_mm.width, 4.2 * len(text)), LINE_MM)
        at, words = 0, []
        for word in text.split():
            left = box.x + box.width * at / len(text)
            width = box.width * len(word) / len(text)
            doubt = (Doubt.UNSURE,) if word.strip(".") in doubted else ()
            others = ALTERNATIVES.get(word, ())
            there = BoxMm(left, box.y, width, LINE_MM)
            words.append(Word(word, 0.4 if doubt else 0.95, there, doubt, alternatives=others))
            at += len(word) + 1
        written.append(Line(text, text.lower(), 0.9, box, tuple(words)))
    doubt = (Doubt.UNSURE,) if any(word.doubt for line in written for word in line.words) else ()
    return Reading(note.name, " ".join(lines), 0.9, "pp-ocrv6", tuple(written), doubt)


def a_card(card_id: str, lines: Mapping[str, list[str]] = LINES, nominator: str = "carer") -> QueuedCard:
    readings = {note.name: a_reading(note, lines[note.name]) for note in NOTES if note.kind == "text"}
    readings["nominator"] = Reading("nominator", nominator, 0.97, "ink")
    texts = {name: reading.text for name, reading in readings.items()}
    ref = PageRef("ab" * 32, int(card_id[-1], 16) + 1, "box7.pdf")
    label = BoxLabel("Northgate", "Ash", date(2026, 3, 2))
    pages = (CardPage(ref, 1),)
    return QueuedCard(card_id, "b1", label, "nomination-a5", CardState.WAITING, pages, readings, texts)


def a_side(lines: Mapping[str, list[str]] = LINES) -> bytes:
    """A side with those lines written in their boxes, as JPEG."""
    image = Image.new("L", (round(210 * SIDE_PX_PER_MM), round(148 * SIDE_PX_PER_MM)), 236)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(46)
    for note in NOTES:
        box = note.box_mm
        for number, text in enumerate(lines.get(note.name, [])):
            line = a_reading(note, lines[note.name]).lines[number].box_mm
            one = Image.new("L", (round(font.getlength(text)) + 4, 60), 236)
            ImageDraw.Draw(one).text((2, 4), text, fill=70, font=font)
            one = one.resize((round(line.width * SIDE_PX_PER_MM), 60))
            image.paste(one, (round(line.x * SIDE_PX_PER_MM), round((line.y + 0.5) * SIDE_PX_PER_MM)))
        for number, option in enumerate(note.options):
            left, top = (box.x + number * 22) * SIDE_PX_PER_MM, box.y * SIDE_PX_PER_MM
            draw.rectangle((left, top, left + 34, top + 34), outline=60, width=3)
            draw.text((left + 44, top - 8), option, fill=60, font=ImageFont.load_default(36))
            if option == "carer":
                draw.line((left - 4, top - 4, left + 38, top + 38), fill=40, width=5)
                draw.line((left - 4, top + 38, left + 38, top - 4), fill=40, width=5)
    target = BytesIO()
    Image.fromarray(np.asarray(image)).save(target, "JPEG", quality=88)
    return target.getvalue()


class HangingDesk(MemoryDesk):
    """Its drafts are written once it is let go."""

    def __init__(self, like: MemoryDesk) -> None:
        super().__init__(like.cards, like.notes, like.side)
        self.let_go = Event()
        self.asked = Event()

    def save_draft(self, card_id: str, reviewer: str, draft: Draft) -> None:
        self.asked.set()
        assert self.let_go.wait(60)
        super().save_draft(card_id, reviewer, draft)


def a_desk(cards: int = 3) -> MemoryDesk:
    """A desk with that many waiting cards: `c0`, `c1`, …"""
    return MemoryDesk({f"c{n}": a_card(f"c{n}") for n in range(cards)}, side=a_side())
