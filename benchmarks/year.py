"""A year of the website in one file: its way into the store, the search for possible duplicates, and out again.

    python benchmarks/store.py --rows 20000 200000        # calls this for each size and kind of store

Each step is a program of its own, so that its peak of memory is its own; what a program takes that only imports the
parts is told beside it. The least that could be done is a step too: the file's cells read and nothing else, the same
rows inserted with `executemany`, the rows read out by the driver alone.
"""

import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy.engine import Engine

sys.path.insert(0, str(Path(__file__).parents[1]))  # each step is started by this file's name

from benchmarks.duplicates import invented_nominations
from scan_ingest.central import Central, open_central
from scan_ingest.central.carrying import row_of
from scan_ingest.central.tables import nominations
from scan_ingest.export import export_nominations
from scan_ingest.online import import_nominations, load_mapping
from scan_ingest.online.nominations import entry_of
from scan_ingest.online.table import BadRow, open_table
from scan_ingest.sql import address, make_engine, reading, writing

HEADER = ("number", "sent", "trust", "who", "ward", "i am", "what they did", "what it meant")
MAPPING = """
schema = 1
submission = "number"
submitted = "sent"
organisation = "trust"
[fields]
nominee = "who"
ward = "ward"
nominator = "i am"
action = "what they did"
impact = "what it meant"
"""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 365 * 24 * 60
ROWS_AT_ONCE = 500


def write_files(folder: Path, rows: int) -> None:
    """The website's file with so many submissions, as CSV and as a workbook, and its mapping."""
    from openpyxl import Workbook

    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    sheet.append(HEADER)
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER)
        for number, one in enumerate(invented_nominations(rows)):
            sent = (FIRST + timedelta(minutes=number * MINUTES // rows)).isoformat()
            said = (one.organisation, one.nominee, one.ward, one.nominator, one.action, one.impact)
            writer.writerow((number, sent, *said))
            sheet.append((number, sent, *said))
    workbook.save(folder / "rows.xlsx")


# -- steps, each a program ---------------------------------------------------------------------------------------------


class Carrying(Central):
    """A store whose imports only carry: the search is a step of its own."""

    def find_duplicates(self) -> int:
        return 0


def nothing(_url: str, _folder: Path) -> None:
    """What a program takes that only imports the parts."""


def read_cells(_url: str, folder: Path) -> None:
    with (folder / "rows.csv").open(encoding="utf-8", newline="") as opened:
        for _ in csv.reader(opened):
            pass


def insert(url: str, folder: Path) -> None:
    """The same rows with nothing but their insertion."""
    open_central(url, folder, create=True).close()
    mapping, at = load_mapping(folder / "mapping.toml"), datetime.now(UTC)
    table = open_table(folder / "rows.csv", mapping)
    entries = (entry_of(row, mapping) for row in table.rows() if not isinstance(row, BadRow))
    rows = (
        {"nomination_id": one.id, "created_at": at} | row_of(one, at) for one in entries if not isinstance(one, BadRow)
    )
    with _engine(url) as engine:
        while some := list(islice(rows, ROWS_AT_ONCE)):
            with writing(engine) as connection:
                connection.execute(nominations.insert(), some)


def importing(name: str) -> Callable[[str, Path], None]:
    def step(url: str, folder: Path) -> None:
        with open_central(url, folder, create=True) as central:
            import_nominations(folder / name, load_mapping(folder / "mapping.toml"), Carrying(central._engine))

    return step


def search(url: str, folder: Path) -> None:
    with open_central(url, folder, create=False) as central:
        central.find_duplicates()


def read_out(url: str, _folder: Path) -> None:
    with _engine(url) as engine, reading(engine) as connection:
        for _ in connection.execution_options(yield_per=1000).execute(nominations.select()):
            pass


def stats(url: str, folder: Path) -> None:
    with open_central(url, folder, create=False) as central, central.selection() as selection:
        selection.counts()


def exporting(suffix: str) -> Callable[[str, Path], None]:
    def step(url: str, folder: Path) -> None:
        with open_central(url, folder, create=False) as central, central.selection() as selection:
            export_nominations(selection, folder / f"out{suffix}", selection.counted_with())

    return step


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(address(url))
    with closing(engine.raw_connection()):  # made before anything is measured
        pass
    yield engine
    engine.dispose()


Step = tuple[str, Callable[[str, Path], None], str, int]
"""What it is called, what it does, the step that it is beside, and in which of the stores it works."""

STEPS: dict[str, Step] = {
    "nothing": ("only imports", nothing, "", 0),
    "cells": ("reading the CSV's cells", read_cells, "", 0),
    "insert": ("reading, bare insertion", insert, "", 1),
    "csv": ("import of the CSV", importing("rows.csv"), "insert", 0),
    "again": ("the same again", importing("rows.csv"), "insert", 0),
    "xlsx": ("import of the workbook", importing("rows.xlsx"), "insert", 2),
    "search": ("search for duplicates", search, "insert", 0),
    "out": ("bare reading", read_out, "", 0),
    "stats": ("stats", stats, "out", 0),
    **{f"out{end}": (f"export to {end}", exporting(end), "out", 0) for end in (".csv", ".jsonl", ".parquet", ".xlsx")},
}
STORES = 3  # that the steps of one size need, all empty


def measured(rows: int, folder: Path, urls: tuple[str, ...]) -> None:
    """Runs all steps on so many rows and prints a table: processor seconds of the program's own work, how often the
    least that could be done goes into them, and the peak of memory above that of a program that does nothing."""
    write_files(folder, rows)
    seconds: dict[str, float] = {}
    memory: dict[str, float] = {}
    for step, (what, _, beside, place) in STEPS.items():
        command = [sys.executable, __file__, step, urls[place], str(folder)]
        done = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True)
        told = json.loads(done.stdout)
        seconds[step], memory[step] = told["seconds"], told["mb"]
        ratio = f"{seconds[step] / seconds[beside]:.1f} × {STEPS[beside][0]}" if beside else ""
        more = memory[step] - memory["nothing"]
        print(f"  {what:<26}{seconds[step]:>9.2f} s{more:>7.0f} MB   {ratio}", flush=True)


def main() -> None:
    step, url, folder = sys.argv[1:4]
    started = time.process_time()
    STEPS[step][1](url, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.process_time() - started, "mb": peak}))


if __name__ == "__main__":
    main()
