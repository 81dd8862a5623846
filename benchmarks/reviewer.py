"""A reviewer who knows the truth and works the real review screen through its keys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from textual.pilot import Pilot

from scan_ingest.domain.accuracy import aligned, word_errors
from scan_ingest.domain.template import FieldKind
from scan_ingest.ports.review import QueuedCard
from scan_ingest.review.lines import TOKEN
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.session import Session
from scan_ingest.review.written import BETWEEN_VALUES, OpenField

Truth = Mapping[str, str]
MOST_STEPS = 400  # on one line: more means that the reviewer has lost the way


@dataclass
class Tally:
    """What the work on some cards came to. `wrong` and `missed` are word errors before it and after it."""

    cards: int = 0
    keys: int = 0
    from_scratch: int = 0
    words: int = 0
    flagged: int = 0
    wrong: int = 0
    missed: int = 0
    taken: int = 0  # suggestions
    lines: int = 0
    texts: dict[str, Mapping[str, str]] = field(default_factory=dict)


class Reviewer:
    """Reviews cards one after the other; `everywhere` reads every line, else only what is flagged is looked at."""

    def __init__(
        self, pilot: Pilot[None], session: Session, truth_of: Callable[[QueuedCard], Truth], *, everywhere: bool
    ) -> None:
        self._pilot, self._session, self._truth_of, self._everywhere = pilot, session, truth_of, everywhere
        self.tally = Tally()

    @property
    def _card(self) -> OpenCard:
        assert self._session.card is not None
        return self._session.card

    async def work(self) -> Tally:
        """Until nothing is left."""
        while self._session.card is not None:
            card, truth = self._card, self._truth_of(self._card.queued)
            self._count(card, truth)
            if self._everywhere:
                await self._every_line(truth)
            else:
                await self._flagged(truth)
            done = self._card
            self.tally.texts[done.queued.id] = done.texts
            self.tally.missed += sum(
                word_errors(truth.get(name, ""), text).edits for name, text in _answers(done, done.texts).items()
            )
            await self._press("f2")
            if self._session.card is not None and self._card.queued.id == card.queued.id:
                raise SystemExit(f"a card was not accepted: {self._session.notice}")
        return self.tally

    def _count(self, card: OpenCard, truth: Truth) -> None:
        tally = self.tally
        tally.cards += 1
        tally.from_scratch += sum(max(len(truth.get(f.note.name, "")) * _is_text(f), 1) + 1 for f in card.fields)
        for opened in card.fields:
            tally.lines += len(opened.lines)
            tally.words += sum(len(line.tokens) for line in opened.lines) * _is_text(opened)
            tally.flagged += sum(len(line.doubtful_tokens) for line in opened.lines)
        before = _answers(card, card.texts)
        tally.wrong += sum(word_errors(truth.get(name, ""), text).edits for name, text in before.items())

    # -- the two ways of working ---------------------------------------------------------------------------------------

    async def _every_line(self, truth: Truth) -> None:
        while True:
            card = self._card
            true = truth.get(card.current.note.name, "")
            if card.current.note.kind == FieldKind.CHOICE:
                await self._tick(true)
            else:
                await self._put_right(_targets(card.current, true)[card.line])
            if self._card.on_last_line:
                return
            await self._press("enter")

    async def _flagged(self, truth: Truth) -> None:
        for _ in range(MOST_STEPS):
            card = self._card
            true = truth.get(card.current.note.name, "")
            if card.current.note.kind == FieldKind.CHOICE:
                await self._tick(true)
            else:
                target = _targets(card.current, true)[card.line]
                here = len(card.current_line.text[: card.column].split())
                if not card.current_line.text.strip():
                    await self._put_right(target)
                else:
                    await self._put_right(target, only=here)
            if not self._card.unvisited:
                return
            await self._press("tab")

    # -- one line ------------------------------------------------------------------------------------------------------

    async def _tick(self, true: str) -> None:
        for number, option in enumerate(self._card.current.note.options, start=1):
            wanted, chosen = option in true.split(BETWEEN_VALUES), option in self._card.current.chosen
            if wanted and not chosen:
                await self._press(str(number))

    async def _put_right(self, target: Sequence[str], only: int | None = None) -> None:
        """The line under the cursor made what it should be, or only its word of that number."""
        for _ in range(MOST_STEPS):
            words = self._card.current_line.text.split()
            steps = [step for step in _steps(words, target) if only is None or step[0] == only]
            if not steps:
                return
            at, wrong, right = steps[0]
            await self._go_to(at)
            await self._change(wrong, right, target)
            if only is not None:
                return
        raise SystemExit(f"the simulated reviewer has lost its way: {words} to {list(target)}")

    async def _go_to(self, word: int) -> None:
        starts = [found.start() for found in TOKEN.finditer(self._card.current_line.text)] or [0]
        place = starts[word] if word < len(starts) else len(self._card.current_line.text)
        jumped = self._card.next_doubt()
        if self._card.column == place:
            return
        if (jumped.field, jumped.line, jumped.column) == (self._card.field, self._card.line, place):
            await self._press("tab")
            return
        if word >= len(starts):
            await self._press("end")
        elif self._card.column > place:
            await self._press("home")
        while self._card.column < place:
            before = self._card.column
            await self._press("ctrl+right")
            if self._card.column > place or self._card.column == before:
                break
        while self._card.column != place:
            await self._press("left" if self._card.column > place else "right")

    async def _change(self, wrong: str, right: str, target: Sequence[str]) -> None:
        card = self._card
        if wrong and right:
            for number, one in enumerate(card.suggestions, start=1):
                whole = one.start == 0 and one.end == len(card.current_line.text)
                if one.text == (" ".join(target) if whole else right):
                    self.tally.taken += 1
                    await self._press(*(() if card.offers else ("escape",)), str(number))
                    return
            head = len(_common(wrong, right))
            tail = len(_common(wrong[head:][::-1], right[head:][::-1]))
            gone, new = len(wrong) - head - tail, right[head : len(right) - tail]
            await self._press(*["right"] * head, *["delete"] * gone, *new)
        elif wrong:
            await self._press("alt+delete")
        elif card.column < len(card.current_line.text):
            await self._press(*right, "space")
        else:
            await self._press(*(["space"] if card.current_line.text else []), *right)

    async def _press(self, *keys: str) -> None:
        if keys:
            self.tally.keys += len(keys)
            await self._pilot.press(*keys)
            await self._pilot.pause()


def _is_text(opened: OpenField) -> bool:
    return opened.note.kind == FieldKind.TEXT


def _answers(card: OpenCard, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of the text fields."""
    return {opened.note.name: texts[opened.note.name] for opened in card.fields if _is_text(opened)}


def _targets(opened: OpenField, true: str) -> list[list[str]]:
    """The true words of each line, as they stand for the words that are on it."""
    places = [number for number, line in enumerate(opened.lines) for _ in line.text.split()]
    words = [word for line in opened.lines for word in line.text.split()]
    targets: list[list[str]] = [[] for _ in opened.lines]
    at = 0
    for source, wanted in aligned(words, true.split()):
        if source is not None:
            at = places[source]
        if wanted is not None:
            targets[at].append(true.split()[wanted])
    return targets


def _steps(words: Sequence[str], target: Sequence[str]) -> list[tuple[int, str, str]]:
    """What is to be changed, from the left: number of the word, the word as it is, as it should be; "" for none."""
    steps = []
    passed = 0
    for source, wanted in aligned(words, target):
        wrong = words[source] if source is not None else ""
        right = target[wanted] if wanted is not None else ""
        if wrong != right:
            steps.append((passed, wrong, right))
        passed += source is not None
    return steps


def _common(one: str, other: str) -> str:
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:shared]
