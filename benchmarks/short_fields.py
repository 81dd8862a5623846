"""How well nominee, role and ward are found in the site's lists, and the weights that say how sure that is.

    python benchmarks/short_fields.py [--cards 4000] [--fit]             figures, by cross-validation over sites
    python benchmarks/short_fields.py --lines lines.tsv                  count the mix-ups on real lines first

The cards are invented: people of ten origins, half of them in no list, near namesakes among them, written out, with
titles, initials or one name only, and misread as PP-OCRv6 misreads real handwriting (`MIXUPS`). Every fold's sites have
people of origins that the weights were not fitted on.
"""

import argparse
import json
import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.invented import ORIGINS, invented_lists, written
from scan_ingest.domain.card import Reading
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.stages.lists import suggestions
from scan_ingest.stages.lists.chances import FEATURES, PERSON, PLACE, Weights, chances
from scan_ingest.stages.lists.lookup import Found, PreparedLists, look_up, prepare_lists

MIXUPS = Path(__file__).with_name("mixups.json")
"""How often PP-OCRv6 reads what as what: [written, read, share], on real lines; made by --lines."""

SIZES = (40, 300, 2000)  # people in a site's list
RIDGE = 0.5  # keeps a weight that few cards speak for near 0


@dataclass(frozen=True)
class Case:
    """A field of an invented card, looked up: which of the entries found is right (None: none of them)."""

    field: str
    fold: int
    written: str
    read: str
    found: tuple[Found, ...]
    names: tuple[str, ...]
    right: int | None
    listed: str | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, help="real lines, to count the recogniser's mix-ups on")
    parser.add_argument("--cards", type=int, default=4000, help="invented cards")
    parser.add_argument("--fit", action="store_true", help="print weights for stages/lists/chances.py, fitted on all")
    arguments = parser.parse_args()
    if arguments.lines:
        count_mixups(arguments.lines)
    one_thread()
    figures(arguments.cards, arguments.fit)


def figures(cards: int, fit_all: bool = False) -> None:
    """Prints how well fields of that many invented cards are found, and what a card takes."""
    cases = invented_cases(cards)
    for field_names, shipped in ((("nominee",), PERSON), (("role", "ward"), PLACE)):
        chosen = [case for case in cases if case.field in field_names]
        print(f"\n{' and '.join(field_names)}: {len(chosen)} fields")
        report("cross-validated", [(case, weights) for weights, case in _by_fold(chosen)])
        report("as shipped", [(case, shipped) for case in chosen])
        if fit_all:
            weights = fit(chosen)
            print("Weights((" + ", ".join(f"{value:.3f}" for value in weights.values) + "))")
            print(
                "   " + ", ".join(f"{name} {value:.2f}" for name, value in zip(FEATURES, weights.values, strict=True))
            )
    time_a_card()


# -- invented cards --------------------------------------------------------------------------------------------------


def misread(chance: random.Random, text: str, mixups: dict[str, list[tuple[str, float]]], hand: float) -> str:
    """The text as the recogniser may read it; `hand` is how much worse than usual the writing is."""
    result, at = "", 0
    while at < len(text):
        step = 1
        for length in (2, 1, 0):
            part = text[at : at + length].lower()
            if len(part) < length:
                continue
            swapped = next((read for read, share in mixups.get(part, ()) if chance.random() < share * hand), None)
            if swapped is not None:
                capital = length > 0 and text[at].isupper()
                result += (swapped.upper() if capital else swapped) + ("" if length else text[at])
                step = max(length, 1)
                break
        else:
            result += text[at]
        at += step
    return " ".join(result.split())


def invented_cases(cards: int) -> list[Case]:
    mixups: dict[str, list[tuple[str, float]]] = {}
    for part, read, share in json.loads(MIXUPS.read_text(encoding="utf-8")):
        mixups.setdefault(part, []).append((read, share))
    origins = tuple(ORIGINS)
    folds = [origins[start::5] for start in range(5)]
    cases: list[Case] = []
    for number in range(60):
        chance = random.Random(number)
        fold = number % len(folds)
        lists = invented_lists(chance, SIZES[number // len(folds) % len(SIZES)], folds[fold])
        prepared = prepare_lists(lists)
        for _ in range(cards // 60):
            card = written(chance, lists, folds[fold])
            hand = chance.lognormvariate(-0.2, 0.8)
            read = {name: misread(chance, text, mixups, hand) for name, text in card.texts.items() if text}
            cases += _cases(fold, card.texts, read, card.means, prepared)
    return cases


def _cases(
    fold: int, texts: dict[str, str], read: dict[str, str], means: dict[str, str | None], prepared: PreparedLists
) -> list[Case]:
    found = look_up({name: (text,) for name, text in read.items() if text}, prepared)
    entries = (prepared.full_names.entries, prepared.roles.entries, prepared.wards.entries)
    cases = []
    for field, hits, spelled in zip(("nominee", "role", "ward"), found, entries, strict=True):
        if field not in read:
            continue
        names = tuple(spelled[hit.entry] for hit in hits)
        right = names.index(means[field]) if means[field] in names else None
        cases.append(Case(field, fold, texts[field], read[field], hits, names, right, means[field]))
    return cases


# -- fitting ---------------------------------------------------------------------------------------------------------


def fit(cases: Sequence[Case]) -> Weights:
    """The weights under which the right entries are likeliest: Newton's method, steps halved while too long."""
    used = [case for case in cases if case.found]
    widest = max(len(case.found) for case in used)
    rows = np.zeros((len(used), widest, len(FEATURES)))
    there = np.zeros((len(used), widest), dtype=bool)
    right = np.full(len(used), -1)
    for at, case in enumerate(used):
        rows[at, : len(case.found)] = [hit.evidence.features() for hit in case.found]
        there[at, : len(case.found)] = True
        right[at] = -1 if case.right is None else case.right
    known = right >= 0

    def shares(beta: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Each entry's chance, and the penalised log likelihood."""
        scores = np.where(there, rows @ beta, -np.inf)
        top = np.maximum(scores.max(axis=1), 0.0)
        total = np.log(np.exp(scores - top[:, None]).sum(axis=1) + np.exp(-top)) + top
        of_right = scores[np.flatnonzero(known), right[known]].sum()
        return np.exp(scores - total[:, None]), float(of_right - total.sum() - RIDGE / 2 * beta @ beta)

    beta: NDArray[np.float64] = np.zeros(len(FEATURES))
    chance, likelihood = shares(beta)
    for _ in range(40):
        means = np.einsum("nk,nkf->nf", chance, rows)
        gradient = rows[np.flatnonzero(known), right[known]].sum(axis=0) - means.sum(axis=0) - RIDGE * beta
        hessian = np.einsum("nk,nkf,nkg->fg", chance, rows, rows, optimize=True) - means.T @ means
        step = np.linalg.solve(hessian + RIDGE * np.eye(len(FEATURES)), gradient)
        while (tried := shares(beta + step))[1] < likelihood:
            step = step / 2
            if float(np.abs(step).max()) < 1e-7:
                return Weights(tuple(float(value) for value in beta))
        beta = beta + step
        gained = tried[1] - likelihood
        chance, likelihood = tried
        if gained < 1e-6:
            break
    return Weights(tuple(float(value) for value in beta))


def _by_fold(cases: Sequence[Case]) -> list[tuple[Weights, Case]]:
    result = []
    for fold in sorted({case.fold for case in cases}):
        weights = fit([case for case in cases if case.fold != fold])
        result += [(weights, case) for case in cases if case.fold == fold]
    return result


# -- figures ---------------------------------------------------------------------------------------------------------


def report(title: str, judged: Sequence[tuple[Case, Weights]]) -> None:
    sure: list[float] = []
    true: list[bool] = []
    first = among = listed = 0
    filled = wrong = helped = changed_listed = 0
    wrong_strangers = strangers = 0
    as_listed = wrong_as_listed = 0
    for case, weights in judged:
        likely = chances([hit.evidence for hit in case.found], weights)
        strangers += case.listed is None
        order = np.argsort(-likely)
        if len(order):
            sure.append(float(likely[order[0]]))
            true.append(case.right == int(order[0]))
        if case.listed is not None:
            listed += 1
            top = [case.names[at] for at in order[:5] if likely[at] >= suggestions.SUGGESTED_FROM]
            first += top[:1] == [case.listed]
            among += case.listed in top
            changed_listed += case.read != case.listed
        text = suggestions.prefilled(case.read, case.found, likely, case.names, people=case.field == "nominee")
        meant = suggestions.nearly_certain(case.found, likely, case.names)
        if meant is not None and case.read.casefold() == meant.casefold():
            as_listed += 1
            wrong_as_listed += case.read.casefold() != case.written.casefold()
        if text is not None:
            filled += 1
            wrong += text != case.listed
            wrong_strangers += case.listed is None
            helped += text == case.listed
    share = len(sure) or 1
    print(f"  {title}: expected calibration error {calibration_error(sure, true):.3f} over {share} best entries")
    print(f"    in a list {listed}: suggested first {first / listed:.1%}, among five {among / listed:.1%}")
    print(
        f"    pre-filled {filled}, right {1 - wrong / max(filled, 1):.2%}"
        f" ({wrong_strangers} of {strangers} who are in no list); {helped} of {changed_listed} misread or restyled"
    )
    print(f"    read as it stands in the list {as_listed}, right {1 - wrong_as_listed / max(as_listed, 1):.2%}")


def calibration_error(sure: Sequence[float], true: Sequence[bool]) -> float:
    """The mean gap between how sure and how often right, in ten bins."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for chance, right in zip(sure, true, strict=True):
        bins.setdefault(min(int(chance * 10), 9), []).append((chance, right))
    gaps = [
        len(inside) * abs(statistics.mean(c for c, _ in inside) - statistics.mean(float(r) for _, r in inside))
        for inside in bins.values()
    ]
    return sum(gaps) / max(len(sure), 1)


def time_a_card(people: int = 20_000) -> None:
    chance = random.Random(1)
    lists = invented_lists(chance, people, tuple(ORIGINS))
    start = time.perf_counter()
    prepared = prepare_lists(lists)
    ready = time.perf_counter() - start
    cards = [written(chance, lists, tuple(ORIGINS)) for _ in range(60)]
    spent = []
    for card in cards:
        readings = [Reading(name, text, 0.9, "pp-ocrv6") for name, text in card.texts.items()]
        start = time.perf_counter()
        suggestions.with_suggestions(readings, prepared)
        spent.append(time.perf_counter() - start)
    usual, slow = statistics.median(spent) * 1000, sorted(spent)[-3] * 1000
    print(f"\n{len(lists.staff)} people: ready in {ready:.2f} s; a card {usual:.0f} ms (one in twenty {slow:.0f} ms)")


# -- mix-ups ---------------------------------------------------------------------------------------------------------


def count_mixups(lines: Path) -> None:
    """Counts what PP-OCRv6 reads as what on real lines, keeps the shares in `MIXUPS` and prints the costs."""
    from benchmarks.written import one_line
    from benchmarks.written import written as of_set
    from scan_ingest.recognisers.ppocr import pp_ocrv6

    recognise = pp_ocrv6()
    parts: Counter[str] = Counter()
    mixed: Counter[tuple[str, str]] = Counter()
    for line in of_set(lines):
        true = line.text.lower()
        read = " ".join(seen.raw for seen in recognise(one_line(line.picture))).lower()
        parts.update(true)
        parts.update(true[at : at + 2] for at in range(len(true) - 1))
        for step in Levenshtein.opcodes(true, read):
            if step.tag != "equal":
                mixed[true[step.src_start : step.src_end], read[step.dest_start : step.dest_end]] += 1
    parts[""] = sum(count for part, count in parts.items() if len(part) == 1)
    kept = [
        [part, read, round(count / parts[part], 6)]
        for (part, read), count in mixed.most_common()
        if len(part) <= 2 and len(read) <= 2 and parts[part] >= 10
    ]
    MIXUPS.write_text("[\n" + ",\n".join(json.dumps(row) for row in kept) + "\n]\n", encoding="utf-8")
    rare = -math.log(0.0001)
    for part, read, share in kept[:80]:
        print(f"{part!r} read as {read!r}: {share:.4f}, cost {min(1.0, -math.log(float(share)) / rare):.2f}")


if __name__ == "__main__":
    main()
