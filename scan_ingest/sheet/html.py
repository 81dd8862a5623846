"""The contact sheet as one HTML file: pictures and style inside it, no script, printed as it is seen."""

import base64
from collections.abc import Iterable, Iterator
from html import escape

from scan_ingest.sheet import words
from scan_ingest.sheet.pages import Heading, Outline, SmallPage

STYLE = """
:root { color-scheme: light; }
body { font: 14px/1.35 system-ui, sans-serif; color: #111; background: #f3f4f6; margin: 1.2rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.4rem 0 .6rem; }
header p { margin: .15rem 0; } .private { color: #7a1414; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: .8rem; align-items: start; }
.first { grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); }
figure { margin: 0; background: #fff; border: 1px solid #c8ccd2; border-top: 6px solid var(--c); padding: .5rem;
  break-inside: avoid; }
figure svg, .none { display: block; width: 100%; height: auto; background: #e5e7eb; max-height: 22rem; }
.none { padding: 3rem 0; text-align: center; color: #4b5563; }
figcaption { padding-top: .4rem; overflow-wrap: anywhere; }
.mark { display: inline-block; background: var(--c); color: #fff; font-weight: 700; padding: 0 .45em;
  border-radius: 3px; margin-right: .3em; }
.why { margin: .25rem 0 0; } .dim { color: #4b5563; font-size: .9em; }
polygon { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.card { stroke: #d10f7a; stroke-width: 2.5px; } .field { stroke: #0a62c9; stroke-width: 1.2px; }
@media print { body { background: #fff; margin: 0; font-size: 9pt; } @page { size: A4; margin: 12mm; }
  .grid { grid-template-columns: repeat(4, 1fr); gap: 3mm; } .first { grid-template-columns: repeat(3, 1fr); }
  figure svg { max-height: 62mm; } h2 { break-after: avoid; }
  figure, .mark { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""
# Nothing in the file may run or be fetched, whatever a file name or a reason holds.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def as_html(heading: Heading, first: Iterable[SmallPage], rest: Iterable[SmallPage]) -> Iterator[bytes]:
    """The file piece by piece, a page at a time: `first` need a person."""
    title = escape(words.name_of_all(heading))
    yield (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">\n'
        f"<style>{STYLE}</style></head><body>\n<header><h1>{escape(words.title(heading))}</h1>\n"
        f"<p><strong>{escape(words.box(heading))}</strong></p>\n"
        + "".join(f"<p>{escape(line)}</p>\n" for line in words.counts(heading))
        + f'<p class="private">{escape(words.PRIVATE)}</p>\n'
        '<p class="dim">Pink: a card as it was found. Blue: its fields.</p></header>\n'
    ).encode()
    yield from _section(words.FIRST, "grid first", first, words.NOBODY)
    yield from _section(words.REST, "grid", rest, "")
    yield b"</body></html>\n"


def _section(title: str, kind: str, pages: Iterable[SmallPage], if_none: str) -> Iterator[bytes]:
    any_yet = False
    for page in pages:
        if not any_yet:
            yield f'<section><h2>{escape(title)}</h2>\n<div class="{kind}">\n'.encode()
        any_yet = True
        yield _figure(page).encode()
    if any_yet:
        yield b"</div></section>\n"
    elif if_none:
        yield f"<p>{escape(if_none)}</p>\n".encode()


def _figure(page: SmallPage) -> str:
    outcome = page.row.outcome
    found, reason = words.found(page), words.reason(page)
    return (
        f'<figure style="--c:{words.COLOURS[outcome]}">{_picture(page)}<figcaption>'
        f'<span class="mark">{escape(words.MARKS[outcome])}</span><strong>{escape(words.name(page))}</strong>'
        + (f' <span class="dim">{escape(found)}</span>' if found else "")
        + (f'<p class="why">{escape(reason)}</p>' if reason else "")
        + "</figcaption></figure>\n"
    )


def _picture(page: SmallPage) -> str:
    if page.jpeg is None:
        return f'<div class="none">{escape(page.no_picture)}</div>'
    data = base64.b64encode(page.jpeg).decode()
    return (
        f'<svg viewBox="0 0 {page.width} {page.height}" role="img" aria-label="{escape(words.name(page))}">'
        f'<image width="{page.width}" height="{page.height}" href="data:image/jpeg;base64,{data}"/>'
        + "".join(map(_polygon, page.outlines))
        + "</svg>"
    )


def _polygon(outline: Outline) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in outline.corners)
    kind = "card" if outline.is_card else "field"
    return f'<polygon class="{kind}" points="{points}"><title>{escape(outline.name)}</title></polygon>'
