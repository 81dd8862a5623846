"""Where each field of a nomination came from, as the store keeps it: plain values, as JSON has them."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from scan_ingest.domain.nomination import Nomination
from scan_ingest.domain.review import AcceptedCard, CardPage, FieldOrigin

OF_THE_BOX = ("organisation", "box", "collected_on")
"""What a nomination has from its box's label, whatever the card says."""


TEXTS = ("organisation", "box", "ward", "nominee", "role", "nominator", "action", "impact")
"""The fields of a nomination that are text, in the order of the export."""

OF_A_FORM = {"form": "form", "submission": "submission", "at": "submitted_at"}


def of_card(card: AcceptedCard) -> dict[str, Any]:
    """The provenance of a card's nomination: the card, its pages, and under `fields` each field's own.

    A field has its `origin`: `read` (as the recogniser read it), `typed` (by a reviewer) or `box` (from the box's
    label); then the page and place, the recogniser, who put or accepted it so, and when.
    """
    of_box = {"origin": "box", "batch": card.batch_id}
    fields: dict[str, Any] = dict.fromkeys(OF_THE_BOX, of_box)
    fields |= {name: _of_field(origin) for name, origin in card.origins.items()}
    if not card.texts.get("ward", "").strip():
        fields["ward"] = of_box
    return {
        "card_id": card.card_id,
        "batch_id": card.batch_id,
        "template": card.template_id,
        "pages": [_page(page) for page in card.pages],
        "reviewed_by": card.reviewed_by,
        "reviewed_at": card.reviewed_at.astimezone(UTC).isoformat(),
        "fields": fields,
    }


def fields_of(provenance: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each field's own provenance, of a card or of a form; a form's fields have the `origin` `form`, the submission,
    its columns and when it was sent."""
    if "fields" in provenance:
        return dict(provenance["fields"])
    sent = {key: provenance.get(of_form) for key, of_form in OF_A_FORM.items()}
    return {
        name: {"origin": "form", "columns": list(columns), **sent}
        for name, columns in provenance.get("columns", {}).items()
    }


def as_document(nomination: Nomination, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """A nomination with each field's text and where that came from, as JSON has it."""
    own = fields_of(provenance)
    texts: dict[str, str | None] = {name: getattr(nomination, name) for name in TEXTS}
    texts["collected_on"] = nomination.collected_on.isoformat() if nomination.collected_on else None
    texts |= nomination.extra
    return {
        "nomination_id": nomination.id,
        "channel": nomination.channel.value,
        "source": nomination.source,
        "fields": {name: {"text": text, **own.get(name, {"origin": None})} for name, text in texts.items()},
        "provenance": {key: value for key, value in provenance.items() if key not in ("fields", "columns")},
    }


def in_words(field: Mapping[str, Any]) -> str:
    """Where a field came from, for people. `field` is one of `as_document`'s."""
    at = str(field.get("at") or "")[:16].replace("T", " ")
    match field["origin"]:
        case "box":
            return f"the box's label, batch {field['batch']}"
        case "form":
            columns = ", ".join(field["columns"])
            return f"form {field['form']}, submission {field['submission']}, {columns}{f', sent {at}' if at else ''}"
        case "read" | "typed":
            page = field.get("page")
            place = f"{page['file']}#{page['page']}" if page else "the card"
            reader = field["recogniser"] or "no recogniser"
            how = "accepted as read" if field["origin"] == "read" else "typed"
            return f"{place}, read by {reader}, {how} by {field['by']}, {at} UTC"
    return "not recorded"


def _of_field(origin: FieldOrigin) -> dict[str, Any]:
    found: dict[str, Any] = {
        "origin": "read" if origin.as_read else "typed",
        "recogniser": origin.recogniser,
        "by": origin.by,
        "at": origin.at.astimezone(UTC).isoformat(),
    }
    return found if origin.page is None else found | {"page": _page(origin.page)}


def _page(page: CardPage) -> dict[str, Any]:
    return {"file": page.ref.file_name, "sha256": page.ref.file_sha256, "page": page.ref.number, "place": page.place}
