"""`scan-ingest merge`: accepted cards → nominations store."""

import json
from typing import Annotated

import typer

from scan_ingest.cli.parts import current_settings, open_the_central, open_the_workspace, without_password
from scan_ingest.cli.redaction import known_staff

HELD = """\
Cards held back may tell who a patient is (scan-ingest identity list), wait for a second look,
may be another scan of a redacted one (scan-ingest rescans look, then identity redact), or have texts
too long to be searched for a name that was erased from the store: shorten them (review --card CARD)."""


def merge(
    into: Annotated[
        str | None,
        typer.Option("--into", metavar="URL", help="Another nominations store than the one that is set."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Say what a merge would do, write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Carry accepted cards into the nominations store.

    Run again, it changes nothing; a card or a box label that was put right since updates its nomination, and the
    nomination of a card that was rejected since is withdrawn. Cards that may tell who a patient is are held back until
    that is settled: see identity.
    """
    from scan_ingest import merge as merging

    target = without_password(into, "--into")
    settings = current_settings()
    with open_the_workspace(settings) as workspace, open_the_central(settings, url=target) as central:
        act = merging.dry_run if dry_run else merging.merge
        counts = act(workspace, central, known_staff(settings))
        if as_json:
            print(json.dumps(counts.told()))
            return
        print(f"{'Would go' if dry_run else 'Nominations'} into {central.place}:")
        for name, number in counts.told().items():
            print(f"  {name.replace('_', ' '):<20} {number:>6}")
        if counts.held:
            print(HELD)
