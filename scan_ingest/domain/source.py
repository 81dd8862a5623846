"""Where a card lies, in the words that a person looks for the paper with."""

from collections.abc import Sequence
from itertools import groupby

from scan_ingest.domain.review import CardPage


def source_of(pages: Sequence[CardPage]) -> str:
    """Where a card lies: `a.pdf#3`; `a.pdf#3-4` pages in a row; `a.pdf#1,41` not in a row; `a.pdf#3/2` the second card
    on a page; `f.pdf#1+b.pdf#1` two files."""
    files = groupby(pages, key=lambda page: (page.ref.file_sha256, page.ref.file_name))
    return "+".join(f"{name}#{','.join(_runs(tuple(group)))}" for (_, name), group in files)


def _runs(pages: Sequence[CardPage]) -> list[str]:
    """The pages of one file, those that follow one another drawn together; a place above 1 is told with its page."""
    runs: list[list[CardPage]] = []
    for page in pages:
        last = runs[-1][-1] if runs else None
        if last and last.place == page.place == 1 and page.ref.number == last.ref.number + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return [_run(run[0], run[-1]) for run in runs]


def _run(first: CardPage, last: CardPage) -> str:
    if first is not last:
        return f"{first.ref.number}-{last.ref.number}"
    return f"{first.ref.number}" if first.place == 1 else f"{first.ref.number}/{first.place}"
