"""The nominations store at three sizes: cards carried into it, possible duplicates searched, twenty writers at once,
and whole files of the website in and out.

    python benchmarks/store.py [--sizes 1500 20000 200000] [--stores sqlite postgresql] [--writers 20]
    python benchmarks/store.py --only rows --rows 20000 200000    # one part of it: merge, duplicates, writers or rows

For each size a store is filled box by box (50 cards, one transaction each) through `merge`, then merged again (nothing
changes), then one more box comes. Beside it, in the same run, the same rows are written with nothing but `executemany`,
a transaction a box: what the database itself takes. The search for possible duplicates has a table of its own, without
a database (`benchmarks/duplicates.py`), and is a step of `benchmarks/year.py` with one. PostgreSQL is started as the
tests start it, with `fsync` off, so its times are of the program's work.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the other benchmarks lie there

from benchmarks import year
from benchmarks.duplicates import growth
from scan_ingest.central import Central, open_central
from scan_ingest.central.carrying import row_of
from scan_ingest.central.tables import nominations
from scan_ingest.merge import entry_of, merge
from scan_ingest.sql import address, make_engine, writing
from tests.accepted import REPOSITORY, Desk, many_boxes
from tests.postgres import Server, running_postgres

CARDS_IN_A_BOX = 50
BOXES_AT_ONCE = 100  # in memory, as a big site would have them in one merge
BOXES_OF_A_WRITER = 20

WRITER = """
import sys
from pathlib import Path
from benchmarks.store import Carrying
from scan_ingest.central import open_central
from scan_ingest.merge import merge
from tests.accepted import many_boxes
url, folder, site, boxes, cards = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
desk = many_boxes(site, boxes, cards)
with open_central(url, folder, create=False) as central:
    print("ready", flush=True)
    sys.stdin.readline()
    merge(desk, Carrying(central))
"""


class Carrying(Central):
    """A store whose merges only carry."""

    def __init__(self, central: Central) -> None:
        super().__init__(central._engine)

    def find_duplicates(self) -> int:
        return 0


def desks(size: int) -> Iterator[Desk]:
    """Boxes with `size` cards in all, some boxes at a time."""
    boxes = size // CARDS_IN_A_BOX
    for first in range(0, boxes, BOXES_AT_ONCE):
        yield many_boxes(f"site {first}", min(BOXES_AT_ONCE, boxes - first), CARDS_IN_A_BOX)


def merged(url: str, folder: Path, size: int) -> tuple[float, float, float]:
    """Seconds for filling an empty store, for merging the same again, and for one box more."""
    with open_central(url, folder, create=True) as central:
        store = Carrying(central)
        filling = again = 0.0
        marks: dict[str, str] = {}  # what the workspace keeps of each merged card
        for desk in desks(size):
            start = time.perf_counter()
            assert merge(desk, store).inserted == len(desk.cards)
            filling += time.perf_counter() - start
            marks |= desk.marks
        for desk in desks(size):
            desk.marks = marks
            start = time.perf_counter()
            assert merge(desk, store).unchanged == len(desk.cards)
            again += time.perf_counter() - start
        start = time.perf_counter()
        assert merge(many_boxes("one more", 1, CARDS_IN_A_BOX), store).inserted == CARDS_IN_A_BOX
        return filling, again, time.perf_counter() - start


def bare(url: str, folder: Path, size: int) -> float:
    """Seconds for the same rows with nothing but their insertion."""
    open_central(url, folder, create=True).close()
    engine = make_engine(address(url))
    seconds = 0.0
    for desk in desks(size):
        at = datetime.now(UTC)
        rows = [{"nomination_id": one.id, "created_at": at} | row_of(one, at) for one in map(entry_of, desk.cards)]
        start = time.perf_counter()
        for first in range(0, len(rows), CARDS_IN_A_BOX):
            with writing(engine) as connection:
                connection.execute(nominations.insert(), rows[first : first + CARDS_IN_A_BOX])
        seconds += time.perf_counter() - start
    engine.dispose()
    return seconds


def at_once(url: str, folder: Path, writers: int) -> float:
    """Seconds for so many programs to merge their own boxes, all beginning together."""
    open_central(url, folder, create=True).close()
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(folder), f"site {n}", str(BOXES_OF_A_WRITER), str(CARDS_IN_A_BOX)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(writers)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    start = time.perf_counter()
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    assert [program.wait() for program in programs] == [0] * writers
    seconds = time.perf_counter() - start
    with open_central(url, folder, create=False) as central:
        assert central.count() == writers * BOXES_OF_A_WRITER * CARDS_IN_A_BOX
    return seconds


@contextmanager
def new_store(kind: str, folder: Path, server: Server) -> Iterator[str]:
    """The address of an empty store of that kind."""
    if kind == "postgresql":
        with server.fresh_database() as url:
            yield url
    else:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            yield f"sqlite:///{name}/store.db"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1500, 20_000, 200_000])
    parser.add_argument("--stores", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--only", choices=["merge", "duplicates", "writers", "rows"])
    options = parser.parse_args()

    def wanted(part: str) -> bool:
        return options.only in (None, part)

    with tempfile.TemporaryDirectory() as name, running_postgres() as server:
        folder = Path(name)
        if wanted("merge"):
            print_merges(options.stores, options.sizes, folder, server)
        if wanted("duplicates"):
            growth(options.sizes)
        if wanted("writers") and "postgresql" in options.stores:
            print_writers(options.writers, folder, server)
        if wanted("rows"):
            print_files(options.stores, options.rows, server)


def print_merges(kinds: Sequence[str], sizes: Sequence[int], folder: Path, server: Server) -> None:
    print(f"{'store':<12}{'size':>8}{'merge':>10}{'ms each':>9}{'again':>9}{'a box':>9}{'bare':>9}{'× bare':>8}")
    for kind in kinds:
        for size in sizes:
            with new_store(kind, folder, server) as url:
                filling, again, box = merged(url, folder, size)
            with new_store(kind, folder, server) as url:
                least = bare(url, folder, size)
            print(
                f"{kind:<12}{size:>8}{filling:>9.1f}s{1000 * filling / size:>9.2f}{again:>8.1f}s"
                f"{1000 * box:>7.0f}ms{least:>8.1f}s{filling / least:>8.1f}",
                flush=True,
            )


def print_writers(most: int, folder: Path, server: Server) -> None:
    for writers in (1, most):
        with new_store("postgresql", folder, server) as url:
            seconds = at_once(url, folder, writers)
        cards = writers * BOXES_OF_A_WRITER * CARDS_IN_A_BOX
        print(f"{writers:>3} at once: {cards} nominations in {seconds:.1f} s, {cards / seconds:.0f} a second")


def print_files(kinds: Sequence[str], sizes: Sequence[int], server: Server) -> None:
    for kind in kinds:
        for rows in sizes:
            print(f"a file of {rows} rows, {kind}")
            with tempfile.TemporaryDirectory() as name, ExitStack() as stores:
                urls = [stores.enter_context(new_store(kind, Path(name), server)) for _ in range(year.STORES)]
                year.measured(rows, Path(name), tuple(urls))


if __name__ == "__main__":
    main()
