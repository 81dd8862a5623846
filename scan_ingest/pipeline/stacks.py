"""Which back belongs to which front, told from the order of the whole stack alone. Pure.

Never a front with a stranger's back: a pair is made only where every other way to explain the stack needs at least
`SURE` more mishaps than the best one does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from scan_ingest.domain.batch import Collation

# What goes wrong at a scanner, in mishaps.
LOST = 1  # one side of a card is not in the stack
TURNED = 2  # some cards in the middle of a stack lie face down: as likely as losing a side before and one after them
TURNED_FROM_THE_START = 1  # a file that begins with the wrong side: then the whole stack is easily turned
SURE = 2  # any pair can be explained away by two lost sides, so nothing could be surer than that


class Kind(Enum):
    FRONT = "front"
    BACK = "back"
    EITHER = "either"  # nobody can say: it may be the missing side of a neighbour
    PAPER = "paper"  # blank, or a back whose print is too faint to be seen
    NEITHER = "neither"  # a card that is whole


@dataclass(frozen=True)
class Leaf:
    """One page as far as pairing goes; `template_id` matters for a front or a back."""

    kind: Kind
    name: str  # as people see it: "box.pdf#3"
    file: int  # position of its file in the batch
    template_id: str = ""

    @property
    def is_half(self) -> bool:
        return self.kind in (Kind.FRONT, Kind.BACK)

    def may_be(self, kind: Kind) -> bool:
        """Whether the page may be a side of that kind that nobody could make out."""
        return self.kind is Kind.EITHER or (self.kind is Kind.PAPER and kind is Kind.BACK)


@dataclass(frozen=True)
class Pairs:
    """(front, back) by their place in the stack, and for every half without its other why."""

    sure: tuple[tuple[int, int], ...]
    why: Mapping[int, str]


BACK_MISSING = "the back of this card is missing: the next page is not its back"
FRONT_MISSING = "the front of this card is missing: the page before is not its front"
BACK_NOT_BEFORE = "the back of this card is missing: the page before is not its back"
FRONT_NOT_AFTER = "the front of this card is missing: the next page is not its front"
NOT_SURE = (
    "which back belongs to which front is not sure here, a side is missing or cards lay face down; "
    "scan these cards again, each front before its back"
)
BEGINS_WITH_BACKS = (
    "this stack begins with a back, so which back belongs to which front is not sure; if every back lay before its "
    "front: batch amend BATCH --collate duplex-flipped"
)
BEGINS_WITH_FRONTS = (
    "this stack begins with a front, so it is not sure that every back lies before its front; if each front lay before "
    "its back: batch amend BATCH --collate duplex"
)
FRONTS_FIRST = (
    "fronts lie together here and backs after them; if the stack was scanned so: batch amend BATCH --collate "
    "fronts-then-backs"
)
# Cards that lay face down in one stack look the same as several stacks: that is why these are not taken apart.
BEGIN_AGAIN = (
    "fronts begin again after backs here, so which back belongs to which front is not sure; if each front lay before "
    "its back: batch amend BATCH --collate duplex; if these are several boxes, scan each into a file of its own"
)
ORDER_UNKNOWN = (
    "nothing on the cards says whether the backs lie in the order of the fronts; if they do: batch amend BATCH "
    "--collate fronts-then-backs-in-order; if the stack was turned over as a whole: fronts-then-backs-reversed"
)


def pair(leaves: Sequence[Leaf], collation: Collation) -> Pairs:
    """The sure pairs of the stack, scanned in that order."""
    if collation.by_stack:
        return _pair_stacks(leaves, collation)
    return _pair_neighbours(leaves, first=Kind.FRONT if collation is Collation.DUPLEX else Kind.BACK)


# -- each front beside its back ----------------------------------------------------------------------------------------


def _pair_neighbours(leaves: Sequence[Leaf], first: Kind) -> Pairs:
    """Pairs of neighbours in which `first` comes first."""
    last = Kind.BACK if first is Kind.FRONT else Kind.FRONT
    entry = [TURNED_FROM_THE_START if _begins(leaves, i, last) else TURNED for i in range(len(leaves) + 1)]
    before = _costs(leaves, entry, first, last)
    after = _costs_after(leaves, entry, first, last)
    sure: list[tuple[int, int]] = []
    for i in range(len(leaves) - 1):
        if not _couple(leaves, i, first, last):
            continue
        together = before[i][0] + after[i + 2][0]
        apart = min(one + other for one, other in zip(before[i + 1], after[i + 1], strict=True))
        if apart - together >= SURE and not _stack_meets_stack(leaves, i, first, last):
            sure.append((i, i + 1) if first is Kind.FRONT else (i + 1, i))
    return Pairs(tuple(sure), _why_alone(leaves, {i for both in sure for i in both}, first, last))


def _begins(leaves: Sequence[Leaf], i: int, kind: Kind) -> bool:
    """Whether leaf `i` is the first half of the batch, or of a file of several pages, and of that kind."""
    if i >= len(leaves) or leaves[i].kind is not kind:
        return False
    if not any(leaf.is_half for leaf in leaves[:i]):
        return True
    in_file = [j for j in _around(leaves, i) if leaves[j].file == leaves[i].file]
    return len(in_file) > 1 and not any(leaves[j].is_half for j in in_file if j < i)


def _around(leaves: Sequence[Leaf], i: int) -> range:
    """The leaves of the file of leaf `i`."""
    start = end = i
    while start > 0 and leaves[start - 1].file == leaves[i].file:
        start -= 1
    while end < len(leaves) and leaves[end].file == leaves[i].file:
        end += 1
    return range(start, end)


def _couple(leaves: Sequence[Leaf], i: int, first: Kind, last: Kind) -> bool:
    one, other = leaves[i], leaves[i + 1]
    return one.kind is first and other.kind is last and one.template_id == other.template_id


Costs = list[list[float]]
"""For every gap between leaves the mishaps up to it (or from it on), where cards lie as said and where turned."""


def _steps(leaves: Sequence[Leaf], i: int, first: Kind, last: Kind) -> list[tuple[int, int]]:
    """(leaves taken, mishaps) of what may begin at leaf `i`."""
    leaf = leaves[i]
    steps = [(1, LOST if leaf.is_half else 0)]
    if i + 1 < len(leaves):
        other = leaves[i + 1]
        beside_unknown = (leaf.kind is first and other.may_be(last)) or (leaf.may_be(first) and other.kind is last)
        if beside_unknown or _couple(leaves, i, first, last):
            steps.append((2, 0))
    return steps


def _costs(leaves: Sequence[Leaf], entry: Sequence[int], first: Kind, last: Kind) -> Costs:
    """The fewest mishaps that explain everything before each gap (dynamic programming over the gaps)."""
    costs: Costs = [[float("inf"), float("inf")] for _ in range(len(leaves) + 1)]
    costs[0][0] = 0.0
    for i in range(len(leaves) + 1):
        here = costs[i]
        here[0] = min(here[0], here[1])  # the end of the turned cards costs nothing more
        here[1] = min(here[1], here[0] + entry[i])
        if i < len(leaves):
            for way, (a, b) in enumerate(((first, last), (last, first))):
                for taken, mishaps in _steps(leaves, i, a, b):
                    costs[i + taken][way] = min(costs[i + taken][way], here[way] + mishaps)
    return costs


def _costs_after(leaves: Sequence[Leaf], entry: Sequence[int], first: Kind, last: Kind) -> Costs:
    """The fewest mishaps that explain everything after each gap."""
    costs: Costs = [[float("inf"), float("inf")] for _ in range(len(leaves) + 1)]
    costs[-1] = [0.0, 0.0]
    for i in range(len(leaves) - 1, -1, -1):
        here = costs[i]
        for way, (a, b) in enumerate(((first, last), (last, first))):
            here[way] = min(mishaps + costs[i + taken][way] for taken, mishaps in _steps(leaves, i, a, b))
        here[1] = min(here[1], here[0])
        here[0] = min(here[0], here[1] + entry[i])
    return costs


def _stack_meets_stack(leaves: Sequence[Leaf], i: int, first: Kind, last: Kind) -> bool:
    """Whether at least two of one kind end at leaf `i` and two of the other begin after it: fronts, then backs."""
    before = next((leaf for leaf in reversed(leaves[:i]) if leaf.is_half), None)
    after = next((leaf for leaf in leaves[i + 2 :] if leaf.is_half), None)
    return before is not None and after is not None and before.kind is first and after.kind is last


def _why_alone(leaves: Sequence[Leaf], paired: set[int], first: Kind, last: Kind) -> dict[int, str]:
    halves = [i for i, leaf in enumerate(leaves) if leaf.is_half]
    kinds = [kind for kind, _ in groupby(leaves[i].kind for i in halves)]
    hint = ""
    if kinds == [Kind.FRONT, Kind.BACK] and len(halves) > 2 and not paired:
        hint = FRONTS_FIRST
    elif kinds[:1] == [last] and len(kinds) > 1 and not paired:
        hint = BEGINS_WITH_BACKS if last is Kind.BACK else BEGINS_WITH_FRONTS
    missing = {Kind.FRONT: BACK_MISSING, Kind.BACK: FRONT_MISSING}
    if first is Kind.BACK:
        missing = {Kind.FRONT: BACK_NOT_BEFORE, Kind.BACK: FRONT_NOT_AFTER}
    why: dict[int, str] = {}
    for i in halves:
        if i in paired:
            continue
        beside = [j for j in (i - 1, i + 1) if 0 <= j < len(leaves) and j not in paired]
        doubtful = any(
            leaves[j].is_half
            and leaves[j].kind is not leaves[i].kind
            and leaves[j].template_id == leaves[i].template_id
            for j in beside
        )
        why[i] = hint or (NOT_SURE if doubtful else missing[leaves[i].kind])
    return why


# -- all fronts, then all backs ----------------------------------------------------------------------------------------


def _pair_stacks(leaves: Sequence[Leaf], collation: Collation) -> Pairs:
    sure: list[tuple[int, int]] = []
    why: dict[int, str] = {}
    for stack in _stacks(leaves):
        found, reason = _pair_stack(leaves, stack, collation)
        sure += found
        paired = {i for both in found for i in both}
        for i in stack:
            if leaves[i].is_half and i not in paired:
                why[i] = reason
    return Pairs(tuple(sorted(sure)), why)


def _stacks(leaves: Sequence[Leaf]) -> list[list[int]]:
    """A file that begins with fronts after backs is the next stack; what lies in front of all fronts goes with them."""
    stacks: list[list[int]] = []
    backs_came = True
    for _, group in groupby(range(len(leaves)), key=lambda i: leaves[i].file):
        file = list(group)
        kinds = [leaves[i].kind for i in file if leaves[i].is_half]
        if not stacks or (backs_came and kinds[:1] == [Kind.FRONT]):
            stacks.append([])
            backs_came = False
        stacks[-1] += file
        backs_came = backs_came or Kind.BACK in kinds
    return stacks


def _pair_stack(
    leaves: Sequence[Leaf], stack: Sequence[int], collation: Collation
) -> tuple[list[tuple[int, int]], str]:
    """The pairs of one stack, and why halves stay without theirs."""
    stack = _without_ends(leaves, stack)
    kinds = [leaves[i].kind for i in stack]
    fronts, backs = kinds.count(Kind.FRONT), kinds.count(Kind.BACK)
    middle = len(stack) // 2
    if len(stack) % 2 or Kind.BACK in kinds[:middle] or Kind.FRONT in kinds[middle:]:
        again = [Kind.FRONT, Kind.BACK, Kind.FRONT]
        begin_again = [kind for kind, _ in groupby(kind for kind in kinds if kind in again)][:3] == again
        return [], BEGIN_AGAIN if begin_again else _do_not_add_up(fronts, backs, len(stack))
    before, after = stack[:middle], stack[middle:]
    orders: dict[Collation, Callable[[Sequence[int]], list[int]]] = {
        Collation.FRONTS_THEN_BACKS_IN_ORDER: list,
        Collation.FRONTS_THEN_BACKS_REVERSED: lambda part: list(reversed(part)),
    }
    if collation is not Collation.FRONTS_THEN_BACKS:
        orders = {collation: orders[collation]}
    fitting: list[list[tuple[int, int]]] = []
    misfit = ""
    for order in orders.values():
        sheets = list(zip(before, order(after), strict=True))
        wrong = next((sheet for sheet in sheets if not _one_sheet(leaves[sheet[0]], leaves[sheet[1]])), None)
        if wrong is None:
            whole = [(f, b) for f, b in sheets if leaves[f].is_half and leaves[b].is_half]
            # A page that nobody could read may also be one too many: a pair holds only if it holds without those.
            known = [i for i in before if leaves[i].is_half], order([i for i in after if leaves[i].is_half])
            if fronts == backs:
                whole = [both for both in whole if both in set(zip(*known, strict=True))]
            fitting.append(whole)
        else:
            misfit = (
                f"fronts then backs do not fit together: {leaves[wrong[0]].name} and {leaves[wrong[1]].name} would "
            )
            misfit += "be one card and cannot be; put the pages in order and scan them again"
    if not fitting:
        return [], misfit
    if any(other != fitting[0] for other in fitting[1:]):
        return [], ORDER_UNKNOWN
    return fitting[0], "the other side of this card cannot be read, or which page it is is not sure"


def _without_ends(leaves: Sequence[Leaf], stack: Sequence[int]) -> Sequence[int]:
    """The stack without blank paper and whole cards before its first and after its last page that may be a half."""
    inner = [n for n, i in enumerate(stack) if leaves[i].kind not in (Kind.PAPER, Kind.NEITHER)]
    return stack[inner[0] : inner[-1] + 1] if inner else []


def _one_sheet(front: Leaf, back: Leaf) -> bool:
    """Whether the two pages can be the two sides of one sheet."""
    if front.is_half and back.is_half:
        return front.template_id == back.template_id
    return front.is_half == back.is_half or Kind.EITHER in (front.kind, back.kind)


def _do_not_add_up(fronts: int, backs: int, pages: int) -> str:
    return (
        f"fronts then backs do not add up: {fronts} fronts, {backs} backs and {pages - fronts - backs} other pages, "
        "where the first half of the pages should be fronts and the other half their backs; put the pages in order "
        "and scan them again"
    )
