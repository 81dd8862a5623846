"""What is typed is kept: in the workspace, and where that cannot be written in a second place until it can.

The second place is a file of the owner's alone, beside the workspace or, where that disk is full too, in the user's own
folder. It is there only as long as the workspace refuses, and goes into it with the next sitting at the latest.
"""

import hashlib
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from scan_ingest.domain.identity import redacted
from scan_ingest.errors import CardRefusedError, StoreError
from scan_ingest.identity.removing import near_spans
from scan_ingest.ports.review import Draft, ReviewDesk
from scan_ingest.sql import private_file, private_folder

SUFFIX = ".draft"
WAIT_SHARE = 4  # a store that takes a while to refuse is left alone for so many times as long: keys come first
PATIENCE = 1.0  # seconds that a step waits for a draft on its way before it goes on without

_Typed = tuple[str, Draft]  # with the card it was typed on


@dataclass(frozen=True)
class _Kept:
    workspace: str
    reviewer: str
    card_id: str
    draft: Draft


_FILE = TypeAdapter(_Kept)


class SpareDrafts:
    """Drafts in files: in the first of the folders that takes them. `workspace` tells those of others apart."""

    def __init__(self, folders: Sequence[Path], workspace: str) -> None:
        self._folders, self._workspace = tuple(folders), workspace

    def keep(self, card_id: str, reviewer: str, draft: Draft) -> Path:
        """Where it is kept now. Raises `OSError` or `StoreError` where no folder takes it."""
        name = self._name(card_id, reviewer)
        content = _FILE.dump_json(_Kept(self._workspace, reviewer, card_id, draft))
        refused: OSError | StoreError | None = None
        for folder in self._folders:
            unfinished = folder / f"{name}.new"
            try:
                private_folder(folder)
                with private_file(unfinished).open("r+b") as target:
                    target.write(content)
                    target.truncate()
                    target.flush()
                    os.fsync(target.fileno())
                unfinished.replace(folder / name)
            except (OSError, StoreError) as exc:
                with suppress(OSError):
                    unfinished.unlink(missing_ok=True)
                refused = exc
            else:
                return folder / name
        raise refused or StoreError("there is no second place for drafts")

    def of(self, reviewer: str) -> Mapping[str, Draft]:
        """The reviewer's, by card. A file that is none is passed over."""
        found: dict[str, Draft] = {}
        for folder in reversed(self._folders):
            for file in sorted(folder.glob(f"*{SUFFIX}")):
                with suppress(OSError, ValidationError):
                    kept = _FILE.validate_json(file.read_bytes())
                    if (kept.workspace, kept.reviewer) == (self._workspace, reviewer):
                        found[kept.card_id] = kept.draft
        return found

    def drop(self, card_id: str, reviewer: str) -> None:
        for folder in self._folders:
            with suppress(OSError):
                (folder / self._name(card_id, reviewer)).unlink(missing_ok=True)

    def drop_all_of(self, card_id: str) -> None:
        """Every draft of that card, whoever's."""
        for folder in self._folders:
            for file in sorted(folder.glob(f"*{SUFFIX}")):
                with suppress(OSError, ValidationError):
                    kept = _FILE.validate_json(file.read_bytes())
                    if (kept.workspace, kept.card_id) == (self._workspace, card_id):
                        file.unlink()

    def cards(self) -> frozenset[str]:
        """The ids of the cards of this workspace that there are drafts of."""
        found = set()
        for folder in self._folders:
            for file in sorted(folder.glob(f"*{SUFFIX}")):
                with suppress(OSError, ValidationError):
                    kept = _FILE.validate_json(file.read_bytes())
                    if kept.workspace == self._workspace:
                        found.add(kept.card_id)
        return frozenset(found)

    def forget(self, words: Collection[str]) -> None:
        """Takes words, and what is spelled nearly so, out of every draft that is kept here, whoever's and of whichever
        card. Raises `StoreError`."""
        for folder in self._folders:
            for file in sorted(folder.glob(f"*{SUFFIX}")):
                with suppress(FileNotFoundError, ValidationError):
                    kept = _FILE.validate_json(file.read_bytes())
                    texts = {name: _without(words, text) for name, text in kept.draft.texts.items()}
                    left = Draft(texts, _without(words, kept.draft.note))
                    if kept.workspace == self._workspace and left != Draft(dict(kept.draft.texts), kept.draft.note):
                        file.unlink()
                        self.keep(kept.card_id, kept.reviewer, left)

    def _name(self, card_id: str, reviewer: str) -> str:
        """A file's name says nothing of whose it is."""
        return hashlib.sha256(f"{self._workspace}\n{reviewer}\n{card_id}".encode()).hexdigest()[:32] + SUFFIX


def _without(words: Collection[str], text: str) -> str:
    return redacted(text, list(near_spans(text, words)))


class Keeping:
    """Keeps the drafts of one reviewer at a desk: of the card that lies open, the newest that was typed on it.

    `take` hands over what is typed and touches no disk; `write` writes the newest, and may run in a thread beside the
    screen, so that a store that hangs holds up no key. A desk that refused is asked again every time.

    `unsaved` is why the newest is not in the workspace ("" where it is or will be at once), `copy` where it is instead;
    with neither a copy it is in memory alone.
    """

    def __init__(
        self,
        desk: ReviewDesk,
        reviewer: str,
        spare: SpareDrafts | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk, self._reviewer, self._spare, self._clock = desk, reviewer, spare, clock
        self.unsaved = ""
        self.copy: Path | None = None
        self._typed: _Typed | None = None
        self._written: _Typed | None = None
        self._copies: dict[str, Draft] = {}  # by card; of this sitting
        self._wait_until = 0.0
        self._at_the_desk = Lock()  # one draft is written at a time, so that an older one never comes last
        self._copying = Lock()  # no copy is made of what has just been written

    def begin(self, card_id: str, draft: Draft) -> None:
        """The card that lies open from now on, and what the workspace has of it."""
        with self._at_the_desk:
            self._typed = self._written = card_id, draft

    def end(self) -> None:
        """The open card was decided on: nothing more of it is written, and its copy goes."""
        with self._at_the_desk, self._copying:
            self._typed, decided = self._written, self._typed
            if decided is not None:
                self._no_copy(decided[0])

    def take(self, card_id: str, draft: Draft) -> bool:
        """Whether there is something to write."""
        self._typed = card_id, draft
        return self._typed != self._written

    def begin_anew(self) -> None:
        """What was typed is written again, whatever the workspace has of it."""
        self._written = None

    @property
    def is_writing(self) -> bool:
        return self._at_the_desk.locked()

    def write(self, *, now: bool = False) -> bool:
        """Whether the newest is in the workspace. With `now` a desk that was slow to refuse is asked all the same.
        While another thread has not had its answer for `PATIENCE` seconds, a copy is kept."""
        if not self._at_the_desk.acquire(timeout=PATIENCE):
            self.copy_aside()
            return False
        try:
            typed, began = self._typed, self._clock()
            if typed is None or typed == self._written:
                return True
            if self.unsaved and not now and began < self._wait_until:
                self._keep_copy(self.unsaved)
                return False
            return self._ask(typed, began)
        finally:
            self._at_the_desk.release()

    def _ask(self, typed: _Typed, began: float) -> bool:
        try:
            self._desk.save_draft(typed[0], self._reviewer, typed[1])
        except StoreError as exc:
            ended = self._clock()
            self._wait_until = ended + WAIT_SHARE * (ended - began)
            self._keep_copy(str(exc))
            return False
        with self._copying:
            self._written = typed
            self._no_copy(typed[0])
        return True

    def copy_aside(self) -> None:
        """Keeps a copy of what was typed while the workspace has not answered."""
        if self.is_writing:
            self._keep_copy(self.unsaved or "the workspace does not answer")

    def _keep_copy(self, why: str) -> None:
        with self._copying:
            typed = self._typed
            if typed is None or typed == self._written:
                return
            self.unsaved = why
            if self._spare is None or self._copies.get(typed[0]) == typed[1]:
                return
            try:
                self.copy = self._spare.keep(typed[0], self._reviewer, typed[1])
            except (OSError, StoreError):
                self.copy = None
            else:
                self._copies[typed[0]] = typed[1]

    def _no_copy(self, card_id: str) -> None:
        if self._copies.pop(card_id, None) is not None and self._spare is not None:
            self._spare.drop(card_id, self._reviewer)
        self.unsaved, self.copy = "", None

    def bring_home_copies(self) -> None:
        """Writes what this sitting could not, if there is any, as `bring_home` does."""
        if self._copies:
            self.bring_home()

    def bring_home(self) -> None:
        """Writes what an earlier sitting could not into the workspace. What it still refuses stays where it is."""
        if self._spare is None:
            return
        for card_id, draft in self._spare.of(self._reviewer).items():
            try:
                self._desk.save_draft(card_id, self._reviewer, draft)
            except CardRefusedError:
                continue  # of a card that is not here any more, or not yet: somebody may want to look
            except StoreError:
                return
            self._spare.drop(card_id, self._reviewer)
            self._copies.pop(card_id, None)
