"""Gathers the names and the ordinary words that patients' names on cards are told by.

    python tools/identity/build.py PACKAGES [--out scan_ingest/identity/words]

PACKAGES is a folder with these package files, fetched beforehand with the registries' own clients:

    pip download --no-deps Faker==40.63.0 names==0.3.0 symspellpy==6.10.1
    apt-get download wbritish                                             (Debian 12)

| words | package | licence |
|---|---|---|
| given names and surnames by country | PyPI Faker 40.63.0 | MIT |
| given names and surnames of the 1990 census of the United States | PyPI names 0.3.0 | MIT, the lists public domain |
| how common words are | PyPI symspellpy 6.10.1 | MIT |
| which words are written small | Debian wbritish 2020.12.07-2 | SCOWL's own (permissive) |

The same packages give the same bytes.
"""

import argparse
import importlib
import re
import sys
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "language"))
from debian_package import files_of
from texts import package

COUNTRIES = """
en_GB en_US en_IE ga_IE en_NZ en_IN en_PK en_KE en_NG yo_NG ha_NG ig_NG zu_ZA pl_PL ro_RO pt_PT it_IT es_ES tr_TR fr_FR
de_DE hu_HU lt_LT
"""
"""Where people in British hospitals and their families come from, as far as the package goes."""

CENSUS_SURNAMES = 12_000  # the commonest; rarer ones are told by not being words
ORDINARY = 9_000  # commonest small words: enough for what people write on cards
FUNCTION_WORDS = 300  # commonest words that are no names, whatever a census lists
NAME = re.compile(r"[a-z]+(?:['-][a-z]+)*")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--out", type=Path, default=Path("scan_ingest/identity/words"))
    arguments = parser.parse_args()
    ordinary = ordinary_words(arguments.packages)
    given, surnames = names(arguments.packages)
    never = set(ordinary[:FUNCTION_WORDS])
    for file, words in (
        ("given.txt", given - never),
        ("surnames.txt", surnames - never),
        ("ordinary.txt", set(ordinary[:ORDINARY])),
    ):
        (arguments.out / file).write_text("\n".join(sorted(words)) + "\n", encoding="ascii")
        print(f"{file}: {len(words)} words")


def ordinary_words(packages: Path) -> list[str]:
    """Words that dictionaries write small, the commonest first."""
    small = {
        line.strip()
        for _, content in files_of(package(packages, "wbritish_*.deb"), r"/dict/british-english$")
        for line in content.decode("utf-8").splitlines()
        if line[:1].islower()
    }
    with zipfile.ZipFile(package(packages, "symspellpy-*.whl")) as wheel:
        rows = wheel.read("symspellpy/frequency_dictionary_en_82_765.txt").decode("utf-8-sig").splitlines()
    counted = [word for word, _ in sorted((row.split() for row in rows), key=lambda row: -int(row[1]))]
    return [word for word in counted if word in small]


def names(packages: Path) -> tuple[set[str], set[str]]:
    """Given names and surnames, in small letters without accents."""
    given, surnames = set[str](), set[str]()
    sys.path.insert(0, str(package(packages, "faker-*.whl")))
    for country in COUNTRIES.split():
        provider = importlib.import_module(f"faker.providers.person.{country}").Provider
        for kind in ("first_names", "first_names_male", "first_names_female"):
            given |= set(_plain(getattr(provider, kind, ())))
        surnames |= set(_plain(getattr(provider, "last_names", ())))
    with tarfile.open(package(packages, "names-*.tar.gz")) as archive:
        for kind in ("female.first", "male.first", "all.last"):
            file = archive.extractfile(f"names-0.3.0/names/dist.{kind}")
            assert file is not None
            rows = [line.split()[0].decode() for line in file.read().splitlines()]
            (surnames if kind == "all.last" else given).update(_plain(rows[:CENSUS_SURNAMES]))
    return given, surnames


def _plain(found: object) -> Iterator[str]:
    assert isinstance(found, tuple | list | dict | set)
    for name in found:
        letters = unicodedata.normalize("NFKD", str(name).replace("’", "'")).encode("ascii", "ignore").decode().lower()
        for part in letters.split():
            if NAME.fullmatch(part) and len(part) > 1:
                yield part


if __name__ == "__main__":
    main()
