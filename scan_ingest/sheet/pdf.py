"""The contact sheet as a PDF of A4 pages: JPEGs as they are, lines, and text that can be searched.

PDF 1.4 (ISO 32000-1) with the two standard fonts every viewer has, so that nothing has to be embedded or installed.
Written object by object: only the places of the objects are kept in memory.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scan_ingest.sheet import words
from scan_ingest.sheet.pages import Heading, SmallPage

WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 34.0  # points; A4
GAP = 9.0
COLUMNS_FIRST, COLUMNS_REST = 3, 4
TALLEST = 190.0  # points; a portrait page is shown narrower than its column
SMALL, TEXT, BIG = 7.5, 9.0, 16.0  # points
LEADING = 1.25
BAR = 4.0
CATALOG, PAGES, PLAIN, BOLD, ABOUT = 1, 2, 3, 4, 5  # object numbers
# The widths of Helvetica from space to ~, in thousandths of its size (Adobe's font metrics); others as wide as a digit.
HELVETICA = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
WIDTHS = {chr(32 + i): int(width) / 1000 for i, width in enumerate(HELVETICA.split())}
BOLDER = 1.08  # Helvetica-Bold is wider by up to this


@dataclass
class _Out:
    """What was written so far: the file's length and where each object begins."""

    length: int = 0
    places: dict[int, int] = field(default_factory=dict)
    next_number: int = ABOUT + 1
    kids: list[int] = field(default_factory=list)

    def piece(self, data: bytes) -> bytes:
        self.length += len(data)
        return data

    def new_number(self) -> int:
        self.next_number += 1
        return self.next_number - 1

    def object(self, number: int, body: bytes) -> bytes:
        self.places[number] = self.length
        return self.piece(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def stream(self, number: int, entries: bytes, data: bytes) -> bytes:
        body = b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)
        return self.object(number, body)


@dataclass
class _Paper:
    """One A4 page being filled from the top."""

    y: float = HEIGHT - MARGIN
    marks: list[str] = field(default_factory=list)
    pictures: dict[str, int] = field(default_factory=dict)

    def text(self, x: float, y: float, said: str, size: float, *, bold: bool = False, colour: str = "#111111") -> None:
        font = "B" if bold else "P"
        self.marks.append(f"BT /{font} {size} Tf {_rgb(colour)} rg {x:.1f} {y:.1f} Td ({_escaped(said)}) Tj ET")

    def lines(
        self, x: float, lines: Sequence[str], size: float, *, bold: bool = False, colour: str = "#111111"
    ) -> None:
        """Lines from here down."""
        for line in lines:
            self.y -= size * LEADING
            self.text(x, self.y, line, size, bold=bold, colour=colour)


def as_pdf(heading: Heading, first: Iterable[SmallPage], rest: Iterable[SmallPage]) -> Iterator[bytes]:
    """The file piece by piece, a row of pages at a time: `first` need a person."""
    out = _Out()
    yield out.piece(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    for number, name in ((PLAIN, b"Helvetica"), (BOLD, b"Helvetica-Bold")):
        font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding >>" % name
        yield out.object(number, font)
    paper = _Paper()
    _head(paper, heading)
    for title, pages, columns, if_none in (
        (words.FIRST, first, COLUMNS_FIRST, words.NOBODY),
        (words.REST, rest, COLUMNS_REST, ""),
    ):
        any_yet = False
        for row in _rows(pages, columns):
            cells = [_Cell.of(page, columns) for page in row]
            needed = max(cell.height for cell in cells) + (0 if any_yet else 2.4 * TEXT)
            if paper.y - needed < MARGIN:
                yield from _finished(paper, out, heading)
                paper = _Paper()
            if not any_yet:
                paper.y -= 0.8 * TEXT
                paper.lines(MARGIN, [title], TEXT + 2, bold=True)
                paper.y -= 0.5 * TEXT
            any_yet = True
            for place, cell in enumerate(cells):
                yield from cell.draw(paper, out, MARGIN + place * (cell.width + GAP))
            paper.y -= max(cell.height for cell in cells) + GAP
        if not any_yet and if_none:
            paper.lines(MARGIN, [if_none], TEXT)
    yield from _finished(paper, out, heading)
    kids = b" ".join(b"%d 0 R" % kid for kid in out.kids)
    yield out.object(PAGES, b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, len(out.kids)))
    shown = b"/Lang (en-GB) /ViewerPreferences << /DisplayDocTitle true >>"
    yield out.object(CATALOG, b"<< /Type /Catalog /Pages %d 0 R %b >>" % (PAGES, shown))
    yield out.object(ABOUT, b"<< /Title %b /Creator (scan-ingest) >>" % _any_text(words.name_of_all(heading)))
    table = out.length
    entries = b"".join(b"%010d 00000 n \n" % out.places[number] for number in range(1, out.next_number))
    yield b"xref\n0 %d\n0000000000 65535 f \n%b" % (out.next_number, entries)
    roots = b"/Size %d /Root %d 0 R /Info %d 0 R" % (out.next_number, CATALOG, ABOUT)
    yield b"trailer\n<< %b >>\nstartxref\n%d\n%%%%EOF\n" % (roots, table)


@dataclass(frozen=True, eq=False)
class _Cell:
    """A page and what is said under it; `width` and `height` in points."""

    page: SmallPage
    width: float
    picture_width: float
    picture_height: float
    name: Sequence[str]
    lines: Sequence[str]

    @classmethod
    def of(cls, page: SmallPage, columns: int) -> "_Cell":
        width = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns
        scale = min(width / page.width, TALLEST / page.height)
        name = _wrapped(words.name(page), width, SMALL * BOLDER)
        lines = [
            line for said in (words.found(page), words.reason(page)) if said for line in _wrapped(said, width, SMALL)
        ]
        return cls(page, width, page.width * scale, page.height * scale, name, lines)

    @property
    def height(self) -> float:
        text = (1 + len(self.name) + len(self.lines)) * SMALL * LEADING
        return BAR + self.picture_height + text + 6

    def draw(self, paper: _Paper, out: _Out, x: float) -> Iterator[bytes]:
        """Draws the cell with its top at the paper's place; its picture is an object of the file."""
        outcome = self.page.row.outcome
        colour = words.COLOURS[outcome]
        top = paper.y
        paper.marks.append(f"{_rgb(colour)} rg {x:.1f} {top - BAR:.1f} {self.width:.1f} {BAR} re f")
        bottom = top - BAR - self.picture_height
        if self.page.jpeg is None:
            box = f"{x:.1f} {bottom:.1f} {self.width:.1f} {self.picture_height:.1f} re"
            paper.marks.append(f"0.9 0.9 0.92 rg {box} f")
            paper.text(x + 6, bottom + self.picture_height / 2, self.page.no_picture, SMALL, colour="#4b5563")
        else:
            number = out.new_number()
            space = b"/DeviceGray" if self.page.grey else b"/DeviceRGB"
            entries = (
                b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %b /BitsPerComponent 8 "
                b"/Filter /DCTDecode" % (self.page.width, self.page.height, space)
            )
            yield out.stream(number, entries, self.page.jpeg)
            paper.pictures[f"I{number}"] = number
            paper.marks.append(
                f"q {self.picture_width:.2f} 0 0 {self.picture_height:.2f} {x:.2f} {bottom:.2f} cm /I{number} Do Q"
            )
            frame = f"{x:.1f} {bottom:.1f} {self.picture_width:.1f} {self.picture_height:.1f} re s"
            paper.marks.append(f"0.8 0.8 0.83 RG 0.5 w {frame}")  # white paper on white paper
            self._outline(paper, x, bottom)
        y = bottom - SMALL * LEADING
        mark = words.MARKS[outcome].encode("cp1252", "ignore").decode("cp1252").strip()
        wide = _width(mark, SMALL) * BOLDER + 4
        paper.marks.append(f"{_rgb(colour)} rg {x:.1f} {y - 2:.1f} {wide:.1f} {SMALL + 2} re f")
        paper.text(x + 2, y, mark, SMALL, bold=True, colour="#ffffff")
        for bold, lines in ((True, self.name), (False, self.lines)):
            for line in lines:
                y -= SMALL * LEADING
                paper.text(x, y, line, SMALL, bold=bold)

    def _outline(self, paper: _Paper, x: float, bottom: float) -> None:
        """The card and its fields, clipped to the picture."""
        scale = self.picture_width / self.page.width
        clip = f"{x:.1f} {bottom:.1f} {self.picture_width:.1f} {self.picture_height:.1f} re W n"
        paper.marks.append(f"q {clip} 1 j")
        for outline in self.page.outlines:
            points = [
                f"{x + px * scale:.2f} {bottom + self.picture_height - py * scale:.2f}" for px, py in outline.corners
            ]
            line = "0.82 0.06 0.48 RG 1.4 w" if outline.is_card else "0.04 0.38 0.79 RG 0.6 w"
            paper.marks.append(f"{line} {points[0]} m {' '.join(f'{point} l' for point in points[1:])} s")
        paper.marks.append("Q")


def _head(paper: _Paper, heading: Heading) -> None:
    paper.lines(MARGIN, [words.title(heading)], BIG, bold=True)
    paper.y -= 3
    wide = WIDTH - 2 * MARGIN
    paper.lines(MARGIN, _wrapped(words.box(heading), wide, TEXT * BOLDER), TEXT, bold=True)
    for line in words.counts(heading):
        paper.lines(MARGIN, _wrapped(line, wide, TEXT), TEXT)
    paper.lines(MARGIN, _wrapped(words.PRIVATE, wide, TEXT), TEXT, colour="#7a1414")
    paper.lines(MARGIN, ["Pink: a card as it was found. Blue: its fields."], SMALL, colour="#4b5563")


def _finished(paper: _Paper, out: _Out, heading: Heading) -> Iterator[bytes]:
    """The paper as objects of the file, with its number at the foot."""
    foot = f"{words.title(heading)}, {words.box(heading)}: sheet {len(out.kids) + 1}"
    paper.text(MARGIN, MARGIN / 2, foot, SMALL, colour="#4b5563")
    content, page = out.new_number(), out.new_number()
    marks = zlib.compress("\n".join(paper.marks).encode("latin-1"))
    yield out.stream(content, b"/Filter /FlateDecode", marks)
    pictures = b" ".join(b"/%b %d 0 R" % (name.encode(), number) for name, number in paper.pictures.items())
    yield out.object(
        page,
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << /Font << /P %d 0 R /B %d "
        b"0 R >> /XObject << %b >> >> >>" % (PAGES, WIDTH, HEIGHT, content, PLAIN, BOLD, pictures),
    )
    out.kids.append(page)


def _rows(pages: Iterable[SmallPage], columns: int) -> Iterator[list[SmallPage]]:
    row: list[SmallPage] = []
    for page in pages:
        row.append(page)
        if len(row) == columns:
            yield row
            row = []
    if row:
        yield row


def _width(said: str, size: float) -> float:
    return sum(WIDTHS.get(character, 0.556) for character in said) * size


def _wrapped(said: str, wide: float, size: float) -> list[str]:
    """Lines of at most that width; a word that is longer is broken."""
    lines: list[str] = []
    line = ""
    for word in said.split(" "):
        joined = f"{line} {word}" if line else word
        if _width(joined, size) <= wide:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while _width(line, size) > wide:
            cut = next(n for n in range(len(line), 0, -1) if n == 1 or _width(line[:n], size) <= wide)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines


def _any_text(said: str) -> bytes:
    """A text string of whatever letters (ISO 32000-1, 7.9.2.2)."""
    return b"<FEFF%b>" % said.encode("utf-16-be", "replace").hex().encode()


def _escaped(said: str) -> str:
    """As a PDF string in the fonts' encoding (Windows-1252); characters it lacks become `?`."""
    data = said.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return data.decode("latin-1")


def _rgb(colour: str) -> str:
    return " ".join(f"{int(colour[i : i + 2], 16) / 255:.3f}" for i in (1, 3, 5))
