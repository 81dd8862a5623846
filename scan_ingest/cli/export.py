"""`scan-ingest export`: nominations out of the store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import current_settings, open_the_central
from scan_ingest.cli.wanted import FirstDay, LastDay, OfChannel, Organisations, Wards, tell_unknown, wanted
from scan_ingest.domain.audit import Act
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.domain.nomination import Nomination
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import UsageError

if TYPE_CHECKING:
    from scan_ingest.config import Settings


def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to; named .csv, .xlsx, .parquet or .jsonl.", dir_okay=False)
    ],
    organisation: Organisations = None,
    ward: Wards = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    channel: OfChannel = None,
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
    """Write nominations of the store to a CSV, Excel, Parquet or JSON lines file.

    What its columns are is written beside it, to FILE.dictionary.csv. Where a person called two nominations the same,
    both are there, and the column same_as of the later one names the one that it is counted with.

    With --pseudonymise, the same key gives the same ids for nominations and nominees; who, where and when is left out
    or made coarse, and names are taken out of the answers. The text itself may still tell somebody who was there.
    """
    from scan_ingest.export import export_nominations, write_dictionary, writer_for

    writer_for(file)  # a wrong suffix is told before a missing store
    if pseudonymise and key is None:
        raise UsageError("--pseudonymise: say with --key where the key is, in another folder than the export")
    asked = wanted(organisation, ward, first_day, last_day, channel)
    settings = current_settings()
    with open_the_central(settings) as central:
        tell_unknown(central, asked)
        with central.selection(asked) as selection:
            if pseudonymise and key is not None:
                going = _pseudonymised(lambda: iter(selection), settings, file, key, smallest)
                exported = export_nominations(going, file)
            else:
                exported = export_nominations(selection, file, selection.counted_with())
            told = selection.counts_by_organisation()
        beside = write_dictionary(exported, file)
        central.tell(Act.EXPORT, told, subject="pseudonymised" if pseudonymise else "")
        if not pseudonymise:
            for each in told:
                central.note_copy(CopyKind.EXPORT, file, each)
        print(for_a_terminal(f"{exported.number} nominations from {central.place} in {file}"))
        print(for_a_terminal(f"its columns are described in {beside}"))


def _pseudonymised(
    read: Callable[[], Iterator[Nomination]], settings: "Settings", file: Path, key: Path, smallest: int
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
    people += {nomination.reviewed_by for nomination in read()}
    return pseudonymised(read, key_from(key, apart_from=file), people=people, smallest=smallest, clear=clear)
