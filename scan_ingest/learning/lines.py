"""Which part of a corrected text belongs to which written line: what a recogniser can be trained on."""

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

MOST_CHANGED = 0.4  # of a line's characters; where more was changed, the line may be another one
NEIGHBOURS_ALIKE = 0.5  # of the words beside a line's end, before and after it


def texts_of_lines(read: Sequence[str], reviewed: str) -> tuple[str | None, ...]:
    """The part of the reviewed text that each read line became; None where that is uncertain.

    The lines, joined, are laid beside the whole text with the fewest changes (Levenshtein); a line's end is certain
    where its space came through unchanged and the words on both sides of it did more or less.
    """
    if not read:
        return ()
    lines = [" ".join(line.split()) for line in read]
    whole, true = " ".join(lines), " ".join(reviewed.split())
    came_to = {
        block.src_start + step: block.dest_start + step
        for block in Levenshtein.opcodes(whole, true)
        if block.tag == "equal"
        for step in range(block.src_end - block.src_start)
    }
    ends: list[int | None] = []  # where the space behind each line stands in the true text
    position = -1
    for line in lines[:-1]:
        position += len(line) + 1
        at = came_to.get(position)
        ends.append(at if at is not None and true[at] == " " and _alike(whole, position, true, at) else None)
    starts = [0, *(None if end is None else end + 1 for end in ends)]
    return tuple(
        None if start is None or end is None else _certain(line, true[start:end])
        for line, start, end in zip(lines, starts, [*ends, len(true)], strict=True)
    )


def _alike(whole: str, position: int, true: str, at: int) -> bool:
    """Whether the words beside both spaces are each other's."""
    before = Levenshtein.normalized_similarity(whole[:position].rsplit(" ", 1)[-1], true[:at].rsplit(" ", 1)[-1])
    after = Levenshtein.normalized_similarity(whole[position + 1 :].split(" ", 1)[0], true[at + 1 :].split(" ", 1)[0])
    return min(before, after) >= NEIGHBOURS_ALIKE


def _certain(read: str, true: str) -> str | None:
    return true if true and Levenshtein.normalized_distance(read, true) <= MOST_CHANGED else None
