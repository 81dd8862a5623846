"""`scan-ingest export`: nominations out of the store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import current_settings, open_the_central
from scan_ingest.cli.wanted import FirstDay, LastDay, OfChannel, Organisations, Wards, tell_unknown, wanted
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
    from scan_ingest.export import write_dictionary, write_nominations, writer_for
    from scan_ingest.sql.files import whole_or_not_at_all

    writer_for(file)  # a wrong suffix is told before a missing store
    if pseudonymise and key is None:
        raise UsageError("--pseudonymise: say with --key where the key is, in another folder than the export")
    asked = wanted(organisation, ward, first_day, last_day, channel)
    settings = current_settings()
    with open_the_central(settings) as central:
        tell_unknown(central, asked)
        with whole_or_not_at_all(file) as part:
            with central.selection(asked) as selection:
                if pseudonymise and key is not None:
                    going = _pseudonymised(lambda: iter(selection), settings, file, key, smallest)
                    exported = write_nominations(going, part)
                else:
                    exported = write_nominations(selection, part, selection.counted_with())
                told = selection.counts_by_organisation()
            # Before the file is there: nothing lies outside the store that its audit does not know of.
            central.tell_of_export(told, None if pseudonymise else file)
        beside = write_dictionary(exported, file)
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
