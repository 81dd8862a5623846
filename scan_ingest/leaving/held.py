"""What is held about a person, gathered from both stores: for telling them, and for erasing it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from scan_ingest.domain.audit import AuditRow
from scan_ingest.domain.keeping import Copy
from scan_ingest.domain.lists import Colleague
from scan_ingest.domain.nomination import Nomination
from scan_ingest.domain.review import PastDecision
from scan_ingest.leaving.mentions import Mention, Part, Person, mention_in
from scan_ingest.leaving.subject import Document, Item, Section
from scan_ingest.ports.review import QueuedCard

TOLD = {
    Part.NOMINEE: ("nominee", "role", "ward", "nominator", "action", "impact"),
    Part.MENTIONED: (),
}
"""Which fields of a nomination are told to whom: to its nominee all, to somebody mentioned in it what names them."""

History = Callable[[str], Sequence[PastDecision]]
"""Every decision on a card, by its id."""


@dataclass(frozen=True)
class HeldNomination:
    """A nomination that a person is in."""

    nomination: Nomination = field(repr=False)
    mention: Mention


@dataclass(frozen=True)
class HeldCard:
    """A card of the workspace that a person is in: as it stands, as it was read, or as it once was corrected."""

    card: QueuedCard = field(repr=False)
    history: Sequence[PastDecision] = field(repr=False)
    mention: Mention


@dataclass(frozen=True)
class Held:
    """Everything that was found. The repr names nobody."""

    nominations: Sequence[HeldNomination] = ()
    cards: Sequence[HeldCard] = ()
    staff: Sequence[Colleague] = ()
    acts: Sequence[AuditRow] = ()
    copies: Sequence[Copy] = ()


def in_nominations(
    person: Person | None, nominations: Iterable[Nomination], named: frozenset[str] = frozenset()
) -> Iterator[HeldNomination]:
    """The nominations that the person is in, and those that were named by their ids."""
    for nomination in nominations:
        mention = mention_in(person, nomination.texts) if person else None
        if nomination.id in named:
            mention = Mention(Part.NOMINEE, ("nominee",), sure=True)
        if mention is not None:
            yield HeldNomination(nomination, mention)


def in_cards(
    person: Person | None, cards: Iterable[QueuedCard], history_of: History, named: frozenset[str] = frozenset()
) -> Iterator[HeldCard]:
    """The cards that the person is in, in any version of their texts, and those that were named by their ids."""
    for card in cards:
        history = history_of(card.id)
        versions = [card.texts, {name: reading.text for name, reading in card.readings.items()}]
        versions += [past.texts for past in history]
        mentions = [mention for texts in versions if person and (mention := mention_in(person, texts)) is not None]
        if card.id in named:
            mentions = [Mention(Part.NOMINEE, ("nominee",), sure=True)]
        if mentions:
            yield HeldCard(card, history, _strongest(mentions))


def _strongest(mentions: Sequence[Mention]) -> Mention:
    return min(mentions, key=lambda mention: (not mention.sure, mention.part is not Part.NOMINEE))


def document_of(name: str, held: Held, today: date) -> Document:
    """The answer to the person: what surely concerns them, and nothing of what only may."""
    sure = [found for found in held.nominations if found.mention.sure]
    cards = [found for found in held.cards if found.mention.sure]
    of_them = [_nomination_item(found) for found in sure if found.mention.part is Part.NOMINEE]
    naming_them = [_nomination_item(found) for found in sure if found.mention.part is Part.MENTIONED]
    sections = (
        Section("Nominations of you", "Somebody nominated you on a card or on the website.", of_them),
        Section("Nominations of others that name you", "The parts of them in which you are named.", naming_them),
        Section(
            "Cards at the scanning office",
            "The scanned cards behind these, what a program read on them and how people corrected it. The pictures of "
            "the cards can be shown to you there.",
            [_card_item(found) for found in cards],
        ),
        Section(
            "Staff list",
            "The site's own list, by which names on cards are spelled.",
            [Item(one.name, [("role", one.role), ("ward", one.ward)]) for one in held.staff],
        ),
        Section(
            "What you did here",
            "Everything that people do with cards is written down: this much under your account.",
            [Item(act, [("times", str(number))]) for act, number in _counted(held.acts).items()],
        ),
        Section(
            "Files that may hold a copy",
            "Written out of the program; whoever was given them can say.",
            [
                Item(copy.file, [("what", str(copy.kind)), ("written", f"{copy.at:%Y-%m-%d}"), ("by", copy.person)])
                for copy in held.copies
            ],
        ),
    )
    return Document(name, today, sections)


def _nomination_item(found: HeldNomination) -> Item:
    nomination = found.nomination
    day = nomination.collected_on.isoformat() if nomination.collected_on else "no date"
    texts = nomination.texts
    wanted = TOLD[found.mention.part] + tuple(name for name in found.mention.fields if name in texts)
    if found.mention.part is Part.NOMINEE:
        wanted += tuple(nomination.extra)
    parts = [(name, texts[name]) for name in dict.fromkeys(wanted) if texts[name]]
    came = f"{nomination.channel}, {nomination.source}"
    return Item(f"{nomination.organisation}, {day}", [*parts, ("came from", came), ("number", nomination.id)])


def _card_item(found: HeldCard) -> Item:
    card, mention = found.card, found.mention
    names = list(card.texts) if mention.part is Part.NOMINEE else list(mention.fields)
    parts = [(name, card.texts[name]) for name in names if card.texts.get(name)]
    parts += [
        (f"{name}, as first read", reading.text)
        for name, reading in card.readings.items()
        if name in names and reading.text and reading.text != card.texts.get(name)
    ]
    for past in found.history:
        earlier = [(name, past.texts[name]) for name in names if past.texts.get(name)]
        parts += [
            (f"{name}, {past.decision} on {past.at:%Y-%m-%d}", text)
            for name, text in earlier
            if text != card.texts.get(name)
        ]
    sheets = ", ".join(dict.fromkeys(str(page.ref) for page in card.pages))
    return Item(f"{card.label.organisation}, {card.label.ward}, {sheets}", [*parts, ("number", card.id)])


def _counted(rows: Sequence[AuditRow]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for row in rows:
        counted[row.act] = counted.get(row.act, 0) + 1
    return counted
