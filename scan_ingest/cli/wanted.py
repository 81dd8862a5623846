"""The options that say which nominations are meant, of `export` and `stats` alike."""

import difflib
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.domain.nomination import Channel
from scan_ingest.domain.selection import Wanted
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import UsageError

if TYPE_CHECKING:
    from scan_ingest.central import Central

Organisations = Annotated[
    list[str] | None,
    typer.Option("--organisation", metavar="O", help="Only this one's; may be repeated.", show_default="every one's"),
]
Wards = Annotated[
    list[str] | None,
    typer.Option("--ward", metavar="W", help="Only nominees of this ward; may be repeated.", show_default="any"),
]
FirstDay = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="The first day that counts.")
]
LastDay = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE", help="The last day that counts.")
]
OfChannel = Annotated[Channel | None, typer.Option("--channel", help="Only cards, or only forms.")]


def wanted(
    organisations: list[str] | None,
    wards: list[str] | None,
    first_day: datetime | None,
    last_day: datetime | None,
    channel: Channel | None,
) -> Wanted:
    """Raises `UsageError` where the last day is before the first."""
    if first_day and last_day and last_day < first_day:
        raise UsageError("--to is before --from")
    return Wanted(
        tuple(organisations or ()),
        tuple(wards or ()),
        first_day.date() if first_day else None,
        last_day.date() if last_day else None,
        channel,
    )


def tell_unknown(central: "Central", asked: Wanted) -> None:
    """Names what nobody in the store has, so that a slip of the keys does not look like an empty month."""
    for what, value, known in central.unknown(asked):
        near = difflib.get_close_matches(value, known, n=1)
        hint = f'; the nearest is "{for_a_terminal(near[0])}"' if near else ""
        print(f'no nomination has the {what} "{for_a_terminal(value)}"{hint}', file=sys.stderr)
