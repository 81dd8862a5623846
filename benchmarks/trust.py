"""Fits what a word's probability is worked out from, and writes the table that ships.

    python benchmarks/trust.py --lines lines.tsv

A logistic regression with a ridge, in which every sign has a bend at its median: it may count more on one side. Beside
them stand cells of three signs each, drawn by chance (random binning, Rahimi and Recht 2007): what signs say together,
held by the ridge too, so that no text is learned by heart. The set is that of `reading.py`, each text decoded with
weights that were fitted on the other; short fields are fitted on it and on invented ones in handwriting fonts.
`doubt.py` says how good the probabilities are.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.words import NAMES, Numbers, Words, answers, fields_seen, seen, short_words
from benchmarks.written import written
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.stages.reading.signs import OF_READING, OF_SECOND, log_odds
from scan_ingest.stages.reading.trust import TABLE, Cells, Trust, Weight

RIDGE = 30.0  # of standardised weights: with more, words of the same text are believed too little
RIDGE_BESIDE_CELLS = 90.0
BEND_AT = 0.5  # of a sign's values lie below its bend
CELLS: Mapping[str, int] = {"prose": 100, "short": 0}  # in short fields they gain nothing
SIGNS_OF_CELLS = 3
LOOSE = 0.75  # the spread that the ridge takes a cell to have
CUTS = tuple(np.arange(1, 10) / 10)  # of a sign's values lie below a cell's edge, one of these
FEWEST = 0.05  # of the words, on either side of an edge
MOVES = 25  # per cent of words that a second opinion moves by no more than the reach: asking about more gains nothing

ONLY_SHORT = ("nearly_known", "date", "large_start", "single")
# Nothing that a model of English says, and nothing of sentences.
OF_SHORT = ("posterior", "mean", "lowest", "short", "long", "digits", "mixed", "signs_only", "mark_inside",
            "others", "line_posterior", "line_mean", "beside", "narrow", "wide", "gap_inside", "gap_beside",
            "stray", "unknown", "unknown_name", *ONLY_SHORT)  # fmt: skip
SIGNS: Mapping[str, tuple[str, ...]] = {
    "prose": tuple(name for name in OF_READING if name not in ONLY_SHORT),
    "short": OF_SHORT,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, required=True, help="a set of written lines")
    arguments = parser.parse_args()
    one_thread()
    lines = list(seen(written(arguments.lines)))
    words = {"prose": answers(lines), "short": short_words([*lines, *fields_seen()])}
    found = {kind: fit(words[kind], kind) for kind in words}
    TABLE.write_text(_as_table(found), encoding="utf-8")
    print(f"written: {TABLE.name}")


def fit(words: Words, kind: str) -> dict[str, object]:
    """What is kept of one kind of words: the weights without and with a second opinion, and how far that reaches."""
    trusts = fitted(words, kind), fitted(words, kind, asked=True)
    before, after = (trust(words.signs, NAMES) for trust in trusts)
    return {"reach": reach(before, after), "alone": _as_kept(trusts[0]), "asked": _as_kept(trusts[1])}


def reach(alone: Numbers, asked: Numbers) -> float:
    """How far (in log odds) a second opinion moves most words."""
    moved = [abs(log_odds(after) - log_odds(before)) for before, after in zip(alone, asked, strict=True)]
    return round(float(np.percentile(moved, MOVES)), 3)


def fitted(words: Words, kind: str, *, asked: bool = False) -> Trust:
    """The weights of that kind's signs (with a second opinion's, if it was `asked`), where they vary."""
    names = (*SIGNS[kind], *OF_SECOND) if asked else SIGNS[kind]
    columns: list[Numbers] = []
    edges: dict[str, tuple[float, float, tuple[float, ...]]] = {}
    for name in names:
        values = words.signs[:, NAMES.index(name)]
        if values.std() < 1e-6:
            continue
        low, high = (float(value) for value in np.percentile(values, (0.1, 99.9)))
        if low == high:  # seldom anything but one value
            low, high = float(values.min()), float(values.max())
        bend = round(float(np.quantile(values, BEND_AT)), 4)
        bends = (bend,) if low < bend < high else ()
        inside = np.clip(values, low, high)
        columns += [inside, *(np.maximum(inside - bend, 0.0) for bend in bends)]
        edges[name] = low, high, bends
    cells = _cells(words.signs, [name for name in edges if name in OF_READING], CELLS[kind])
    inside = [np.eye(2**SIGNS_OF_CELLS)[some.at(words.signs, NAMES)] for some in cells]
    linear = np.stack(columns, axis=1)
    spreads = np.concatenate([linear.std(axis=0), np.full(len(cells) * 2**SIGNS_OF_CELLS, LOOSE)])
    design = np.concatenate([linear, *inside], axis=1)
    ridge = RIDGE_BESIDE_CELLS if cells else RIDGE
    bias, slopes = _regression(design, spreads, 1.0 - words.wrong, words.weights, ridge)
    left = iter(slopes[: len(columns)].tolist())
    adds = slopes[len(columns) :].reshape(-1, 2**SIGNS_OF_CELLS).round(4).tolist()
    weights = tuple(
        Weight(
            name,
            round(low, 4),
            round(high, 4),
            round(next(left), 4),
            tuple((bend, round(next(left), 4)) for bend in bends),
        )
        for name, (low, high, bends) in edges.items()
    )
    cells = [replace(some, adds=tuple(own)) for some, own in zip(cells, adds, strict=True)]
    return Trust(round(bias, 4), weights, tuple(cells))


def _cells(signs: Numbers, names: Sequence[str], count: int) -> list[Cells]:
    """Signs and edges drawn by chance, the same every time; what each cell adds is still open."""
    edges: dict[str, list[float]] = {}
    for name in names:
        values = signs[:, NAMES.index(name)]
        cuts = np.unique(np.quantile(values, CUTS).round(4))
        if left := [float(cut) for cut in cuts if FEWEST <= (values > cut).mean() <= 1.0 - FEWEST]:
            edges[name] = left
    chance = np.random.default_rng(0)
    drawn = [chance.choice(list(edges), SIGNS_OF_CELLS, replace=False).tolist() for _ in range(count)]
    return [Cells(tuple(some), tuple(float(chance.choice(edges[name])) for name in some), ()) for some in drawn]


def _regression(
    columns: Numbers, spreads: Numbers, right: Numbers, counts: Numbers, strength: float
) -> tuple[float, Numbers]:
    """The bias, and a slope for each column, by Newton's method; a ridge of that strength holds what each adds over its
    spread."""
    means = columns.mean(axis=0)
    design = np.concatenate([np.ones((len(columns), 1)), (columns - means) / spreads], axis=1)
    ridge = np.diag([0.0, *[strength] * columns.shape[1]])
    found = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-design @ found))
        slope = design.T @ (counts * (p - right)) + ridge @ found
        bend = (design * (counts * p * (1.0 - p))[:, None]).T @ design + ridge
        step = np.linalg.solve(bend, slope)
        found -= step
        if np.abs(step).max() < 1e-7:
            break
    slopes = found[1:] / spreads
    return float(found[0] - slopes @ means), slopes


def _as_kept(trust: Trust) -> dict[str, object]:
    return {
        "bias": trust.bias,
        "weights": {
            one.sign: {"low": one.low, "high": one.high, "slope": one.slope, "bends": one.bends}
            for one in trust.weights
        },
        "cells": [{"signs": one.signs, "cuts": one.cuts, "adds": one.adds} for one in trust.cells],
    }


def _as_table(found: Mapping[str, object]) -> str:
    """JSON with a sign a line, and a line for each few that make cells."""
    text = json.dumps(found, indent=1)
    text = re.sub(r"\n {5,}", " ", text)
    return re.sub(r"\n {4}\}", " }", text) + "\n"


if __name__ == "__main__":
    main()
