"""What is held about a person, gathered from both stores: for telling them, and for erasing it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scan_ingest.domain.audit import AuditRow
from scan_ingest.domain.keeping import Copy
from scan_ingest.domain.lists import Colleague
from scan_ingest.domain.nomination import Nomination
from scan_ingest.leaving.mentions import Mention, Part, Person, is_the_name, mention_in, spans_of
from scan_ingest.leaving.subject import Document, Item, Section
from scan_ingest.ports.leaving import Remark, Trail
from scan_ingest.ports.review import QueuedCard

TOLD = {
    Part.NOMINEE: ("nominee", "role", "ward", "nominator", "action", "impact"),
    Part.MENTIONED: (),
}
"""Which fields of a nomination are told to whom: to its nominee all, to somebody mentioned in it what names them."""

TrailOf = Callable[[str], Trail]
"""What people typed on a card beside the text that stands, by its id."""


@dataclass(frozen=True)
class HeldNomination:
    """A nomination that a person is in."""

    nomination: Nomination = field(repr=False)
    mention: Mention


@dataclass(frozen=True)
class HeldCard:
    """A card of the workspace that a person is in: as it stands, as it was read, as it once was corrected, or in what
    somebody remarked about it."""

    card: QueuedCard = field(repr=False)
    trail: Trail = field(repr=False)
    mention: Mention


@dataclass(frozen=True)
class Held:
    """Everything that was found. The repr names nobody."""

    nominations: Sequence[HeldNomination] = ()
    cards: Sequence[HeldCard] = ()
    staff: Sequence[Colleague] = ()
    acts: Sequence[AuditRow] = ()
    remarks: Sequence[Remark] = ()
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
    person: Person | None, cards: Iterable[QueuedCard], trail_of: TrailOf, named: frozenset[str] = frozenset()
) -> Iterator[HeldCard]:
    """The cards that the person is in, in any version of their texts or remark about them, and those that were named by
    their ids."""
    for card in cards:
        trail = trail_of(card.id)
        mentions = [found for texts in _versions(card, trail) if person and (found := mention_in(person, texts))]
        if card.id in named:
            mentions = [Mention(Part.NOMINEE, ("nominee",), sure=True)]
        if mentions:
            yield HeldCard(card, trail, _joined(mentions))


def other_scans(
    found: Iterable[HeldCard],
    scans_of: Callable[[str], Iterable[str]],
    card_of: Callable[[str], QueuedCard | None],
    trail_of: TrailOf,
) -> list[HeldCard]:
    """The other scans of those cards that the person surely is in, however they were read: the same person is on them.
    `card_of` gives None for what is not held any more."""
    sure = [one for one in found if one.mention.sure]
    known = {one.card.id for one in sure}
    more = {card: one.mention for one in sure for card in scans_of(one.card.id) if card not in known}
    there = [(card, mention) for card_id, mention in more.items() if (card := card_of(card_id)) is not None]
    return [HeldCard(card, trail_of(card.id), mention) for card, mention in there]


def _versions(card: QueuedCard, trail: Trail) -> Iterator[Mapping[str, str]]:
    """Every text that the fields of a card had, and what was remarked."""
    yield card.texts
    yield {name: reading.text for name, reading in card.readings.items()}
    yield {name: " ".join(line.raw for line in reading.lines) for name, reading in card.readings.items()}
    yield {name: reading.second_opinion or "" for name, reading in card.readings.items()}
    for past in trail.decisions:
        yield past.texts
    for _, draft in trail.drafts:
        yield draft.texts
    yield trail.remarks


def spellings_on(person: Person, found: HeldCard) -> tuple[str, ...]:
    """How the person's name is spelled in any version of the card's texts or remark about it ("Mary O'Brien", where
    "mary obrien" was asked for), and as it was given, for texts that lie elsewhere."""
    texts = [text for version in _versions(found.card, found.trail) for text in version.values()]
    spelled = [text[start:end] for text in texts for start, end in spans_of(person, text)]
    return tuple(dict.fromkeys((*spelled, *person.spellings)))


def _joined(mentions: Sequence[Mention]) -> Mention:
    """What the person is in all of them: what is sure before what is not, the nominee before anybody mentioned."""
    first = min(mentions, key=lambda mention: (not mention.sure, mention.part is not Part.NOMINEE))
    fields = [name for mention in mentions if mention.sure == first.sure for name in mention.fields]
    return Mention(first.part, tuple(dict.fromkeys(fields)), first.sure)


def in_remarks(person: Person, remarks: Iterable[Remark]) -> list[Remark]:
    """Those that name the person; in a file's name the words stand as they may."""
    return [remark for remark in remarks if is_the_name(person, remark.text)]


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
            "Remarks about boxes, and names of files",
            "Why somebody discarded a box or put it on hold, and what files are called, where you are named in it.",
            [Item(remark.what, [("says", remark.text)]) for remark in held.remarks],
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
    is_theirs = mention.part is Part.NOMINEE
    names = list(card.texts) if is_theirs else list(mention.fields)
    parts = [(name, card.texts[name]) for name in names if card.texts.get(name)]
    for name in names:
        parts += _as_read(card, name)
    for past in found.trail.decisions:
        parts += _others(card, names, past.texts, f"{past.decision} on {past.at:%Y-%m-%d}")
    for reviewer, draft in found.trail.drafts:
        parts += _others(card, names, draft.texts, f"typed by {reviewer} and not decided on")
    parts += [(what, text) for what, text in found.trail.remarks.items() if is_theirs or what in mention.fields]
    sheets = ", ".join(dict.fromkeys(str(page.ref) for page in card.pages))
    letters = [("pages that belong to it", ", ".join(map(str, card.attached)))] if card.attached else []
    title = f"{card.label.organisation}, {card.label.ward}, {sheets}"
    return Item(title, [*parts, *letters, ("number", card.id)])


def _as_read(card: QueuedCard, name: str) -> Iterator[tuple[str, str]]:
    """What a program read in a field, where it is another text than the one that stands."""
    reading = card.readings.get(name)
    if reading is None:
        return
    told = {card.texts.get(name, ""), ""}
    raw = " ".join(line.raw for line in reading.lines)
    for how, text in (("as first read", reading.text), ("letter by letter", raw)):
        if text not in told:
            told.add(text)
            yield f"{name}, {how}", text
    if reading.second_opinion and reading.second_opinion not in told:
        yield f"{name}, as another program read it", reading.second_opinion


def _others(card: QueuedCard, names: Sequence[str], texts: Mapping[str, str], when: str) -> list[tuple[str, str]]:
    """The texts that differ from those that stand."""
    return [
        (f"{name}, {when}", texts[name]) for name in names if texts.get(name) and texts[name] != card.texts.get(name)
    ]


def _counted(rows: Sequence[AuditRow]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for row in rows:
        counted[row.act] = counted.get(row.act, 0) + 1
    return counted
