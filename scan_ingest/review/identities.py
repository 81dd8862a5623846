"""What on the open card may tell who a patient is, as its texts stand while they are typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from scan_ingest.domain.identity import FieldFindings, Finding, IdentitySettlement, that_stand
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.identity import find_in_fields
from scan_ingest.ports.redaction import Choose

Redact = Callable[[str, Choose, str, Mapping[str, str]], tuple[str, ...]]
"""(card id, what goes, person, the texts it was chosen on) → the fields that had any. Raises `StoreError`."""


@dataclass(frozen=True)
class Watch:
    """What is known beforehand: the answers that were given on the card, and `staff` names that may stand."""

    given: tuple[IdentitySettlement, ...] = ()
    staff: tuple[str, ...] = ()

    def findings(self, card_id: str, texts: Mapping[str, str], kinds: Mapping[str, str]) -> tuple[FieldFindings, ...]:
        """The fields with anything in them, in the order of the card."""
        standing = that_stand(card_id, texts, self.given)
        found = _found(tuple(texts.items()), tuple(kinds.items()), self.staff)
        return tuple(FieldFindings(name, texts[name], these, standing.get(name)) for name, these in found.items())


@lru_cache(maxsize=2)  # most keys change no text
def _found(
    texts: tuple[tuple[str, str], ...], kinds: tuple[tuple[str, str], ...], staff: tuple[str, ...]
) -> Mapping[str, tuple[Finding, ...]]:
    return find_in_fields(dict(texts), dict(kinds), staff)


UNWATCHED = Watch()


def all_that_holds(
    texts: Mapping[str, str], kinds: Mapping[str, str], watch: Watch
) -> dict[str, list[tuple[int, int]]]:
    """The places that go when a card is redacted in its review: whatever holds, settled before or not."""
    found = find_in_fields(texts, kinds, watch.staff)
    held = {name: [(one.start, one.end) for one in these if one.holds] for name, these in found.items()}
    return {name: spans for name, spans in held.items() if spans}


def pieces_of(found: tuple[FieldFindings, ...]) -> list[tuple[str, str, str]]:
    """Field, words and why of each finding that holds, harmless to draw."""
    return [
        (field.field, for_a_terminal(field.text[one.start : one.end].replace("\n", " ")), one.why)
        for field in found
        for one in field.findings
        if one.holds and field.holds
    ]
