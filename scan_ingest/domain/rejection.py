"""Why cards are rejected."""

REASONS = ("not a nomination", "illegible", "abusive", "a concern to pass on")
"""Why cards are rejected; `other: …` stands beside them."""

OTHER = "other"
CONCERN = REASONS[3]


def kind_of_reason(reason: str) -> str:
    """Which of `REASONS` it is, else `OTHER`."""
    return reason if reason in REASONS else OTHER


def has_reason(reason: str, wanted: str) -> bool:
    """Whether a reason is the one that is looked for: of that kind, or with those words in it, in whatever case."""
    wanted = wanted.strip().casefold()
    return bool(reason) and (kind_of_reason(reason) == wanted or wanted in reason.casefold())
