"""Taking words out of a card, joined from the parts that hold them: workspace, scans, what was learned, nominations."""

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_state_path

from scan_ingest.cli.parts import open_the_central
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.redaction import Choose

if TYPE_CHECKING:
    from scan_ingest.config import Settings
    from scan_ingest.domain.letter import Area
    from scan_ingest.ports.redaction import Polygons, Redraw
    from scan_ingest.review.edited import EditedCards
    from scan_ingest.review.keeping import SpareDrafts
    from scan_ingest.workspace import Workspace

Spans = dict[str, list[tuple[int, int]]]


def redact(
    workspace: "Workspace",
    settings: "Settings",
    card_id: str,
    choose: Choose,
    person: str,
    typed: Mapping[str, str] | None = None,
    words: Sequence[str] = (),
) -> tuple[str, ...]:
    """Takes words out of the card everywhere (see `Workspace.redact`); the fields that had any. Also finishes what was
    left of earlier ones.

    Raises `CardRefusedError`, `StoreError`.
    """
    fields = workspace.redact(
        card_id, choose, person, redrawing(settings), partial(_forget, workspace, settings), typed, _located, words
    )
    finish_redactions(workspace, settings)
    return fields


def _located(picture: bytes, words: Collection[str]) -> "Sequence[Area]":
    """Where the words stand on a page that belongs to the card, as far as Tesseract can read it now."""
    from scan_ingest.identity.removing import places_of
    from scan_ingest.recognisers.letters import words_on

    return places_of(words_on(picture), words)


def left_to_do(workspace: "Workspace", cards: Collection[str] | None = None) -> tuple[str, ...]:
    """What a person has still to do before words that were taken out of these cards (None: of any) are gone everywhere,
    in words."""
    pages = [page for page in workspace.unread_pages() if cards is None or page.card_id in cards]
    said = [
        f"{page.ref} of {page.batch_id} belongs to card {page.card_id}; nobody has said whether what was taken out "
        f"stands there too: look, then scan-ingest identity page '{page.ref}' --batch {page.batch_id} --clean, --black "
        "or --area"
        for page in pages
    ]
    for card in sorted(cards or ()):
        said += [
            f"card {other} may be another scan of {card}: scan-ingest rescans look, then identity redact {card} again"
            for other in workspace.perhaps_scans_of(card)
        ]
    return tuple(map(for_a_terminal, said))


def redact_new_scans(workspace: "Workspace", settings: "Settings", person: str) -> tuple[str, ...]:
    """Takes out of cards that were called other scans of a redacted one what stands in them where that has marks; says
    of which it could not, as somebody else holds them or a legal hold stands on them. Raises `StoreError`."""
    refused = []
    for card in workspace.redacted_before_another_scan():
        try:
            redact(workspace, settings, card, _marked, person)
        except CardRefusedError as exc:
            refused.append(f"{exc}; then scan-ingest identity redact again")
    return tuple(refused)


def _marked(texts: Mapping[str, str], kinds: Mapping[str, str]) -> Spans:
    from scan_ingest.identity.removing import marks_in

    marked = {name: marks_in(text) for name, text in texts.items() if kinds.get(name) == "text"}
    return {name: spans for name, spans in marked.items() if spans}


def finish_redactions(workspace: "Workspace", settings: "Settings") -> None:
    """What a redaction that was killed, or got in somebody's way, left to do. Raises `StoreError`."""
    edited_cards(workspace).drop_stale()
    for redaction in workspace.unfinished_redactions():
        if redaction.was_merged and not _carry(workspace, settings, redaction.card_id):
            print(
                f"card {redaction.card_id}: the nominations store still has it as it was merged; decide on the card, "
                "merge, then run identity redact again",
                file=sys.stderr,
            )
            continue
        workspace.finish_redaction(redaction)


@dataclass(frozen=True)
class ImportedRedaction:
    """What `queue import` asks for: a `Redaction` of the exchange."""

    workspace: "Workspace"
    settings: "Settings"

    def refuse(self, card_id: str, person: str) -> None:
        refuse_edited(self.workspace, card_id)
        self.workspace.refuse_redacting(card_id, person)

    def redact(self, card_id: str, fields: Collection[str], person: str) -> None:
        refuse_edited(self.workspace, card_id)
        redact(self.workspace, self.settings, card_id, choosing(fields, known_staff(self.settings)), person)


def choosing(fields: Collection[str], staff: Collection[str], words: Collection[str] = ()) -> Choose:
    """What goes: what was found in these fields, or else what holds anywhere; with `words`, those alone; and what was
    marked as taken out by hand."""
    from scan_ingest.identity import find_in_fields
    from scan_ingest.identity.removing import literal_spans, marks_in

    def choose(texts: Mapping[str, str], kinds: Mapping[str, str]) -> Spans:
        chosen: Spans = {}
        found = find_in_fields(texts, kinds, staff)
        for name, text in texts.items():
            if kinds.get(name) != "text" or (fields and name not in fields):
                continue
            if words:
                spans = list(literal_spans(text, words))
            else:
                spans = [(one.start, one.end) for one in found.get(name, ()) if one.holds or name in fields]
            if spans := sorted({*spans, *marks_in(text)}):
                chosen[name] = spans
        return chosen

    return choose


def known_staff(settings: "Settings") -> tuple[str, ...]:
    """Names that may stand on cards: the staff list's, and nominees that were accepted before.

    Raises `ConfigurationError`, `StoreError` for files that cannot be used.
    """
    from scan_ingest.cli.reader import site_lists
    from scan_ingest.learning import shelf

    learned = shelf.in_force(settings.data)
    lists = site_lists(settings)
    known = lists.joined_with(learned.lists) if learned else lists
    return tuple(person.name for person in known.staff)


def spare_drafts(workspace: "Workspace") -> "SpareDrafts":
    """Where drafts go that the workspace cannot take."""
    from scan_ingest.review.keeping import SpareDrafts

    in_own_folder = user_state_path("scan-ingest", appauthor=False) / "drafts"
    return SpareDrafts((workspace.folder / "drafts", in_own_folder), str(workspace.folder))


def edited_cards(workspace: "Workspace") -> "EditedCards":
    """Where cards lie while they are edited as text files, and after a review that was killed."""
    from scan_ingest.review.edited import EditedCards

    return EditedCards(edited_folder(workspace))


def edited_folder(workspace: "Workspace") -> Path:
    return workspace.folder / "editing"


def refuse_edited(workspace: "Workspace", card_id: str) -> None:
    """Raises `CardRefusedError` where somebody has the card open in an editor, whose file would keep the words."""
    if edited_cards(workspace).held(card_id):
        raise CardRefusedError(
            f"card {card_id}: somebody has it open in an editor, in {edited_folder(workspace)}; have it closed first"
        )


def drop_gone(workspace: "Workspace") -> None:
    """Removes drafts and edited files of cards that were erased or purged. Raises `StoreError`."""
    drafts, edited = spare_drafts(workspace), edited_cards(workspace)
    for card in sorted(workspace.gone(drafts.cards() | edited.cards())):
        drafts.drop_all_of(card)
        edited.drop_all_of(card)


def _forget(workspace: "Workspace", settings: "Settings", words: Collection[str], cards: Collection[str]) -> None:
    from scan_ingest.learning import shelf

    shelf.forget(settings.data, words)
    spare_drafts(workspace).forget(words, cards)
    edited_cards(workspace).forget(words, cards)


def redrawing(settings: "Settings") -> "Redraw":
    """How a scan is written anew, within the limits of one file."""
    return partial(_redraw, settings)


def _redraw(settings: "Settings", path: Path, file_name: str, target: Path, polygons: "Mapping[int, Polygons]") -> None:
    from scan_ingest.sources.redrawn import redrawn

    redrawn(path, file_name, target, polygons, settings.page_limits)


def _carry(workspace: "Workspace", settings: "Settings", card_id: str) -> bool:
    """Updates the nomination at once. Whether nothing of what went is left in the nominations store."""
    from scan_ingest.merge import carry_again

    with open_the_central(settings) as central:
        return carry_again(workspace, central, card_id) and central.scrub()
