"""Everything that is held about a person, as a document that this person can read: a page, plain text, or JSON."""

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import UsageError


@dataclass(frozen=True)
class Item:
    """One thing that is held: what it is, and its parts as (name, text)."""

    title: str
    parts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Section:
    """Things of one kind; `about` says in a sentence or two what they are and why they are held."""

    title: str
    about: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Document:
    """The whole answer to a person who asks. The repr names nobody."""

    name: str
    made_on: date
    sections: Sequence[Section]

    def __repr__(self) -> str:
        return f"Document({self.items} items)"

    @property
    def items(self) -> int:
        return sum(len(section.items) for section in self.sections)


INTRODUCTION = (
    "These are the nominations and records of the Leading with Compassion scheme in which you were found by your name. "
    "Your rights: to have what is wrong put right, to object, and to have it erased; ask whoever gave you this."
)

STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h2{margin-top:2.2rem;border-bottom:1px solid #bbb}h3{margin:1.4rem 0 .3rem}"
    "dl{display:grid;grid-template-columns:11rem 1fr;gap:.15rem .8rem;margin:0}dt{color:#666}"
    "dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}"
)


def writer_for(file: Path) -> Callable[[Document], str]:
    """What writes a file of that suffix. Raises `UsageError` for another."""
    if file.suffix.lower() not in WRITERS:
        raise UsageError(f"{file}: what is held about a person is written to files named {', '.join(WRITERS)}")
    return WRITERS[file.suffix.lower()]


def as_html(document: Document) -> str:
    """One self-contained page."""

    def dl(item: Item) -> str:
        rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in item.parts)
        return f"<h3>{html.escape(item.title)}</h3><dl>{rows}</dl>"

    sections = "".join(
        f"<h2>{html.escape(section.title)} ({len(section.items)})</h2><p>{html.escape(section.about)}</p>"
        + "".join(map(dl, section.items))
        for section in document.sections
    )
    title = f"What is held about {html.escape(document.name)}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1><p>{document.made_on:%d %B %Y}. {html.escape(INTRODUCTION)}</p>{sections}</html>\n"
    )


def as_text(document: Document) -> str:
    """Plain text, without characters that a terminal would obey."""
    lines = [f"What is held about {document.name}", f"{document.made_on:%d %B %Y}", "", INTRODUCTION]
    for section in document.sections:
        heading = f"{section.title} ({len(section.items)})"
        lines += ["", "", heading, "=" * len(heading), section.about]
        for item in section.items:
            lines += ["", item.title]
            for name, text in item.parts:
                first, *rest = text.splitlines() or [""]
                lines += [f"  {name}: {first}", *(f"    {more}" for more in rest)]
    return "\n".join(map(for_a_terminal, lines)) + "\n"


def as_json(document: Document) -> str:
    """For another program: data portability."""
    return (
        json.dumps(
            {
                "name": document.name,
                "made_on": document.made_on.isoformat(),
                "sections": [
                    {
                        "title": section.title,
                        "about": section.about,
                        "items": [{"title": item.title, **dict(item.parts)} for item in section.items],
                    }
                    for section in document.sections
                ],
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


WRITERS: dict[str, Callable[[Document], str]] = {".html": as_html, ".txt": as_text, ".json": as_json}
