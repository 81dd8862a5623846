"""`scan-ingest export`: nominations out of the store."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import current_settings, open_the_central
from scan_ingest.domain.audit import Act
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.domain.nomination import Nomination
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import UsageError

if TYPE_CHECKING:
    from scan_ingest.central import Central
    from scan_ingest.config import Settings


def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to; named .csv, .xlsx, .parquet or .jsonl.", dir_okay=False)
    ],
    pseudonymise: Annotated[
        bool,
        typer.Option(
            "--pseudonymise", metavar="", help="For research: keyed ids, no names, few wards and roles left out."
        ),
    ] = False,
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The key of the ids, kept in another folder; made where there is none."),
    ] = None,
    smallest: Annotated[
        int, typer.Option(metavar="N", min=2, help="With --pseudonymise: wards and roles of fewer are not told.")
    ] = 5,
) -> None:
    """Write the nominations of the store to a CSV, Excel, Parquet or JSON lines file.

    With --pseudonymise, the same key gives the same ids for nominations and nominees; who, where and when is left out
    or made coarse, and names are taken out of the answers. The text itself may still tell somebody who was there.
    """
    from scan_ingest.export import export_nominations, writer_for

    writer_for(file)  # a wrong suffix is told before a missing store
    if pseudonymise and key is None:
        raise UsageError("--pseudonymise: say with --key where the key is, in another folder than the export")
    settings = current_settings()
    with open_the_central(settings) as central:
        told: Counter[str] = Counter()
        if pseudonymise and key is not None:
            going = _pseudonymised(central, settings, file, key, smallest)
        else:
            going = central.nominations()
        number = export_nominations(_counted(going, told), file)
        central.tell(Act.EXPORT, told, subject="pseudonymised" if pseudonymise else "")
        if not pseudonymise:
            for organisation in told:
                central.note_copy(CopyKind.EXPORT, file, organisation)
        print(for_a_terminal(f"{number} nominations from {central.place} in {file}"))


def _counted(nominations: Iterable[Nomination], told: Counter[str]) -> Iterator[Nomination]:
    """The nominations, counted by organisation as they pass."""
    for nomination in nominations:
        told[nomination.organisation] += 1
        yield nomination


def _pseudonymised(
    central: "Central", settings: "Settings", file: Path, key: Path, smallest: int
) -> Iterator[Nomination]:
    from scan_ingest.identity import find
    from scan_ingest.research import key_from, pseudonymised
    from scan_ingest.staff import load_staff

    def clear(text: str) -> str:
        """Without numbers, addresses and names that tell who a patient is."""
        for one in sorted(find(text), key=lambda finding: finding.start, reverse=True):
            text = f"{text[: one.start]}[{one.kind}]{text[one.end :]}"
        return text

    people = [person.name for person in load_staff(settings.staff)] if settings.staff else []
    people += {nomination.reviewed_by for nomination in central.nominations()}
    return pseudonymised(
        central.nominations, key_from(key, apart_from=file), people=people, smallest=smallest, clear=clear
    )
