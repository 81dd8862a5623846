"""Possible duplicates: how many of them are found and how many of those found are any, and how the search grows.

    python benchmarks/duplicates.py                # precision and recall on the open half of the labelled set
    python benchmarks/duplicates.py --closed       # on the closed half: for the last figure only
    python benchmarks/duplicates.py --fit          # the score's weights from the open half
    python benchmarks/duplicates.py --growth 1500 20000 200000

The labelled set is made by `benchmarks/pairs/make.py`, where it is described. The search is that of a store: every
nomination of an organisation against all before it. `--growth` draws nominations of about one nurse each ten, and on
the smallest size compares all pairs with rapidfuzz as well.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

sys.path.insert(0, str(Path(__file__).parents[1]))  # invented names lie among the benchmarks

from benchmarks.invented import ORIGINS, WARDS, invented_name
from scan_ingest.domain.duplicates import Pair
from scan_ingest.domain.nomination import Channel, Nomination
from scan_ingest.matching.compare import WEIGHTS, Telling, compare, features, score
from scan_ingest.matching.search import Index, pairs_to_compare, proposals, sketch

PAIRS = Path(__file__).parent / "pairs"
FITTED = 5  # of the weights; the others are set by hand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--closed", action="store_true", help="the half that no rule was made from")
    parser.add_argument("--fit", action="store_true", help="fit the weights of the score on the open half")
    parser.add_argument("--show", action="store_true", help="print what is missed and what is found wrongly")
    parser.add_argument("--growth", type=int, nargs="*", metavar="N", help="how the search grows with the store")
    arguments = parser.parse_args()
    if arguments.growth is not None:
        growth(arguments.growth or [1500, 20_000])
        return
    nominations, same, kinds = labelled("closed" if arguments.closed else "open")
    if arguments.fit:
        fit(nominations, same)
    report(nominations, same, kinds, show=arguments.show)


# -- the labelled set --------------------------------------------------------------------------------------------------


def labelled(half: str) -> tuple[list[Nomination], set[Pair], dict[str, str]]:
    """The nominations of a half, the pairs that one person wrote, and each nomination's kind of case."""
    nominations, kinds = [], {}
    together: dict[str, list[str]] = defaultdict(list)
    for number, line in enumerate((PAIRS / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()):
        told = json.loads(line)
        nominations.append(_nomination(f"{half}-{number:04}", told))
        kinds[nominations[-1].id] = told["kind"]
        if told["twice"]:
            together[told["case"]].append(nominations[-1].id)
    return nominations, {Pair.of(*pair) for pair in together.values()}, kinds


def _nomination(id_: str, told: dict[str, str]) -> Nomination:
    texts = {name: told[name] for name in ("organisation", "ward", "nominee", "nominator", "action", "impact")}
    return Nomination(
        id=id_, channel=Channel(told["channel"]), box="", role="", collected_on=date.fromisoformat(told["day"]),
        reviewed_by="", reviewed_at=None, source=id_, **texts,
    )  # fmt: skip


def found(nominations: Sequence[Nomination]) -> tuple[dict[Pair, float], int]:
    """What the search proposes, with scores, and how many pairs it compared."""
    proposed: dict[Pair, float] = {}
    compared = 0
    by_organisation: dict[str, list[Telling]] = defaultdict(list)
    for nomination in nominations:
        by_organisation[nomination.organisation].append(Telling(nomination))
    for tellings in by_organisation.values():
        index = Index([sketch(telling) for telling in tellings])
        for position, others in pairs_to_compare(index, range(len(tellings))):
            compared += len(others)
            among = {tellings[other].nomination.id: tellings[other] for other in others}
            proposed |= {each.pair: each.score for each in proposals(tellings[position], among)}
    return proposed, compared


def report(nominations: Sequence[Nomination], same: set[Pair], kinds: dict[str, str], *, show: bool) -> None:
    proposed, compared = found(nominations)
    right = same & proposed.keys()
    print(f"{len(nominations)} nominations, {len(same)} pairs by one person; {compared} pairs compared")
    print(f"proposed {len(proposed)}: precision {len(right) / max(len(proposed), 1):.3f}", end=", ")
    print(f"recall {len(right) / len(same):.3f}\n")
    print(f"{'kind':24}{'pairs':>7}{'found':>7}{'wrong':>7}")
    for kind in sorted(set(kinds.values())):
        of = [pair for pair in same if kinds[pair.first] == kind]
        wrong = [pair for pair in proposed.keys() - same if kind in (kinds[pair.first], kinds[pair.second])]
        print(f"{kind:24}{len(of):7}{len(set(of) & right):7}{len(wrong):7}")
    if show:
        by_id = {nomination.id: Telling(nomination) for nomination in nominations}
        for what, pairs in (("missed", same - proposed.keys()), ("wrong", proposed.keys() - same)):
            for pair in sorted(pairs, key=lambda pair: pair.first):
                _show(what, by_id[pair.first], by_id[pair.second])


def _show(what: str, one: Telling, other: Telling) -> None:
    evidence = compare(one, other)
    print(f"\n{what}: {score(evidence):.3f} {evidence.to_json()}")
    for telling in (one, other):
        told = telling.nomination
        print(f"  {told.channel:6} | {told.nominee} | {told.ward} | {told.action} // {told.impact}")


def fit(nominations: Sequence[Nomination], same: set[Pair]) -> None:
    """Logistic regression by Newton's method with a little weight decay, on every pair within an organisation that
    shares more than a word."""
    rows, labels = [], []
    by_organisation: dict[str, list[Telling]] = defaultdict(list)
    for nomination in nominations:
        by_organisation[nomination.organisation].append(Telling(nomination))
    for tellings in by_organisation.values():
        for one, other in combinations(tellings, 2):
            evidence = compare(one, other)
            if evidence.told > 0.05 or evidence.wording > 0.05:
                rows.append(features(evidence))
                labels.append(Pair.of(one.nomination.id, other.nomination.id) in same)
    x, y = np.array(rows), np.array(labels, dtype=float)
    by_hand = np.array(WEIGHTS[FITTED:]) @ x[:, FITTED:].T
    x = x[:, :FITTED]
    weights = np.zeros(FITTED)
    decay = np.array([1e-4] + [0.05] * (FITTED - 1))
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(x @ weights + by_hand, -30, 30)))
        gradient = x.T @ (p - y) + decay * weights
        curvature = (x * (p * (1 - p))[:, None]).T @ x + np.diag(decay)
        weights -= np.linalg.solve(curvature, gradient)
    print(f"{len(y)} pairs, {int(y.sum())} by one person")
    print("WEIGHTS =", (*(round(float(weight), 2) for weight in weights), *WEIGHTS[FITTED:]), "\n")


# -- growth ------------------------------------------------------------------------------------------------------------

SCENES = (
    *("sat with", "held the hand of", "fetched tea for", "rang the family of", "found a blanket for", "sang to"),
    *(
        "explained everything to",
        "walked the corridor with",
        "brought the newspaper to",
        "fed",
        "shaved",
        "laughed with",
    ),
)


def growth(sizes: Sequence[int]) -> None:
    """Processor seconds of a search through so many nominations, all of them new, and the pairs compared."""
    print(f"{'nominations':>12}{'seconds':>10}{'per 1,000':>11}{'compared':>11}{'proposed':>10}{'MB':>7}")
    for size in sizes:
        nominations = list(invented_nominations(size))
        started = time.process_time()
        proposed, compared = found(nominations)
        seconds = time.process_time() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{size:12,}{seconds:10.1f}{1000 * seconds / size:11.2f}{compared:11,}{len(proposed):10,}{memory:7.0f}",
            flush=True,
        )
        if size == min(sizes):
            started = time.process_time()
            texts = [f"{each.nominee} {each.ward} {each.action} {each.impact}" for each in nominations]
            process.cdist(texts, texts, scorer=fuzz.token_set_ratio, workers=1)
            print(f"{'all pairs':>12}{time.process_time() - started:10.1f}   rapidfuzz.fuzz.token_set_ratio, {size:,}²")


def invented_nominations(size: int) -> Iterator[Nomination]:
    """About eleven organisations, a colleague to every ten nominations; each fiftieth is somebody's second telling."""
    chance = random.Random(size)
    words = _vocabulary()
    people = {
        f"Trust {number}": [
            (invented_name(chance, tuple(ORIGINS)), chance.choice(WARDS)) for _ in range(size // 110 + 2)
        ]
        for number in range(11)
    }
    before: list[Nomination] = []
    for number in range(size):
        organisation = f"Trust {chance.randrange(11)}"
        name, ward = chance.choice(people[organisation])
        action = _sentence(chance, words, name)
        impact = _sentence(chance, words, "It")
        if number % 50 == 49:
            earlier = chance.choice(before[-500:])
            organisation, name, ward = earlier.organisation, earlier.nominee, earlier.ward
            kept = [word for word in earlier.action.split() if chance.random() > 0.1]
            action, impact = " ".join(kept), earlier.impact
        told = {"organisation": organisation, "ward": ward, "nominee": name, "action": action, "impact": impact}
        before.append(_nomination(f"n{number:07}", {**told, **_usual(chance)}))
        yield before[-1]


def _usual(chance: random.Random) -> dict[str, str]:
    day = date(2026, 1, 1) + timedelta(chance.randrange(365))
    return {"channel": chance.choice(("paper", "online")), "nominator": "patient", "day": str(day)}


def _vocabulary() -> list[str]:
    """Words as often as people write them: those of the stories, and made-up rarer ones."""
    text = (PAIRS / "stories.toml").read_text(encoding="utf-8")
    common = [word.strip('".,') for word in text.split() if word.strip('".,').isalpha()]
    chance = random.Random(0)
    rare = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randrange(5, 10))) for _ in range(20_000)]
    return common * 4 + rare


def _sentence(chance: random.Random, words: Sequence[str], who: str) -> str:
    return f"{who} {chance.choice(SCENES)} me, {' '.join(chance.choices(words, k=chance.randrange(12, 30)))}."


if __name__ == "__main__":
    main()
