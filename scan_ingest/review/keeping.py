"""What is typed is kept: in the workspace, and where that cannot be written in a second place until it can.

The second place is a file of the owner's alone, beside the workspace or, where that disk is full too, in the user's own
folder. It is there only as long as the workspace refuses, and goes into it with the next sitting at the latest.
"""

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from scan_ingest.domain.identity import redacted
from scan_ingest.errors import CardGoneError, CardRefusedError, StoreError
from scan_ingest.identity.removing import literal_spans, near_spans
from scan_ingest.ports.review import Draft, ReviewDesk
from scan_ingest.sql import private_file, private_folder

SUFFIX = ".draft"
WAIT_SHARE = 4  # a store that takes a while to refuse is left alone for so many times as long: keys come first
QUICK = 0.05  # seconds; a store that refuses so soon holds up nobody and is asked every time
LEFT_BEHIND = 60.0  # seconds after which an unfinished file is nobody's any more
PATIENCE = 1.0  # seconds that a step waits for a draft on its way before it goes on without


@dataclass(frozen=True)
class _Kept:
    workspace: str
    reviewer: str
    card_id: str
    draft: Draft
    typed_at: int = 0  # nanoseconds since 1970


_FILE = TypeAdapter(_Kept)


class SpareDrafts:
    """Drafts in files: in the first of the folders that takes them. `workspace` tells those of others apart."""

    def __init__(self, folders: Sequence[Path], workspace: str) -> None:
        self._folders, self._workspace = tuple(folders), workspace

    def keep(self, card_id: str, reviewer: str, draft: Draft) -> Path:
        """Where it is kept now. Raises `OSError` or `StoreError` where no folder takes it."""
        return self._write(_Kept(self._workspace, reviewer, card_id, draft, time.time_ns()))

    def _write(self, kept: _Kept) -> Path:
        name = self._name(kept.card_id, kept.reviewer)
        content = _FILE.dump_json(kept)
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
        """The reviewer's, by card: of two the one that was typed last, whichever folder took it. A file that is none
        is passed over."""
        own = sorted((kept for _, kept in self._all() if kept.reviewer == reviewer), key=lambda kept: kept.typed_at)
        return {kept.card_id: kept.draft for kept in own}

    def drop(self, card_id: str, reviewer: str) -> None:
        for folder in self._folders:
            with suppress(OSError):
                (folder / self._name(card_id, reviewer)).unlink(missing_ok=True)

    def drop_all_of(self, card_id: str) -> None:
        """Every draft of that card, whoever's."""
        self._sweep()
        for file, kept in self._all():
            if kept.card_id == card_id:
                with suppress(OSError):
                    file.unlink()

    def cards(self) -> frozenset[str]:
        """The ids of the cards of this workspace that there are drafts of."""
        return frozenset(kept.card_id for _, kept in self._all())

    def forget(self, words: Collection[str], cards: Collection[str]) -> None:
        """Takes words out of every draft that is kept here, whoever's and of whichever card; of these cards what is
        spelled nearly so too. Raises `StoreError`."""
        self._sweep()
        for file, kept in self._all(strictly=True):
            find = near_spans if kept.card_id in cards else literal_spans
            texts = {name: _without(find(text, words), text) for name, text in kept.draft.texts.items()}
            note = _without(find(kept.draft.note, words), kept.draft.note)
            is_changed = (texts, note) != (dict(kept.draft.texts), kept.draft.note)
            if not is_changed and kept.card_id not in cards:
                continue
            # What is left may be kept: it was gone over, so it is no matter when the card was opened for it.
            left = replace(kept.draft, texts=texts, note=note, opened_at=None)
            try:
                if self._write(replace(kept, draft=left)) != file:
                    file.unlink(missing_ok=True)
            except OSError as exc:
                raise StoreError(f"{file}: cannot be written ({exc.strerror or exc})") from exc

    def _sweep(self) -> None:
        """Removes what a killed program left half written: nobody would look in it for words that must go."""
        for file in (file for folder in self._folders for file in folder.glob(f"*{SUFFIX}.new")):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > LEFT_BEHIND:
                    file.unlink()

    def _all(self, *, strictly: bool = False) -> Iterator[tuple[Path, _Kept]]:
        """Every draft of this workspace, with its file. A file that is none is passed over, and one that cannot be
        read; with `strictly` that raises `StoreError`."""
        for folder in self._folders:
            for file in sorted(folder.glob(f"*{SUFFIX}")):
                try:
                    kept = _FILE.validate_json(file.read_bytes())
                except (FileNotFoundError, ValidationError):
                    continue
                except OSError as exc:
                    if strictly:
                        raise StoreError(f"{file}: cannot be read ({exc.strerror or exc})") from exc
                    continue
                if kept.workspace == self._workspace:
                    yield file, kept

    def _name(self, card_id: str, reviewer: str) -> str:
        """A file's name says nothing of whose it is."""
        return hashlib.sha256(f"{self._workspace}\n{reviewer}\n{card_id}".encode()).hexdigest()[:32] + SUFFIX


def _without(spans: Iterable[tuple[int, int]], text: str) -> str:
    return redacted(text, list(spans))


@dataclass(frozen=True)
class _Typed:
    """What was typed on a card; of two the one with the higher number is the newer."""

    number: int
    card_id: str
    draft: Draft


_NO_ANSWER = "the workspace does not answer"


class Keeping:
    """Keeps the drafts of one reviewer at a desk: of the card that lies open, the newest that was typed on it.

    `take` hands over what is typed and touches no disk; `write` writes the newest, and may run in a thread beside the
    screen, so that a store that hangs holds up no key. A desk that refused is asked again every time.

    Of a card that is gone (see `CardGoneError`) nothing is kept anywhere, and `gone` says why until the next begins.

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
        self.gone = ""
        self.copy: Path | None = None
        self._numbers = count()
        self._typed: _Typed | None = None
        self._written: _Typed | None = None
        self._copies: dict[str, _Typed] = {}  # by card; of this sitting
        self._wait_until = 0.0
        self._at_the_desk = Lock()  # one draft is written at a time, so that an older one never comes last
        self._noting = Lock()  # what is typed, written and copied is noted by one thread at a time

    # -- what is typed -------------------------------------------------------------------------------------------------

    def begin(self, card_id: str, draft: Draft) -> None:
        """The card that lies open from now on, and what the workspace has of it."""
        with self._noting:
            self._typed = self._written = _Typed(next(self._numbers), card_id, draft)
            self.gone = ""
            self._none_unsaved()

    def begin_anew(self) -> None:
        """What was typed is written again, whatever the workspace has of it."""
        with self._noting:
            if self._typed is not None:
                self._typed = replace(self._typed, number=next(self._numbers))

    def take(self, card_id: str, draft: Draft) -> bool:
        """Whether there is something to write."""
        with self._noting:
            typed = self._typed
            if self.gone:
                return False
            if typed is None or (typed.card_id, typed.draft) != (card_id, draft):
                self._typed = _Typed(next(self._numbers), card_id, draft)
            return self._typed is not self._written

    def end(self) -> None:
        """The open card was decided on: nothing more of it is written, and its copy goes."""
        with self._noting:
            decided, self._typed = self._typed, self._written
            if decided is not None:
                self._no_copy(decided)
            self._none_unsaved()

    def let_go(self, card_id: str, why: str) -> None:
        """The card is gone: nothing that was typed on it stays, in memory or in a copy."""
        with self._noting:
            if self._typed is not None and self._typed.card_id == card_id:
                self._typed = self._written = None
                self.gone = why
            self._copies.pop(card_id, None)
            if self._spare is not None:
                self._spare.drop(card_id, self._reviewer)
            self._none_unsaved()

    def newest(self, card_id: str) -> Draft | None:
        """What was typed on a card in this sitting and is not in the workspace yet."""
        copied = self._copies.get(card_id)
        return None if copied is None else copied.draft

    # -- into the workspace --------------------------------------------------------------------------------------------

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
            if typed is None or typed is self._written:
                return True
            if self.unsaved and not now and began < self._wait_until:
                self._keep_copy(self.unsaved, typed)
                return False
            return self._ask(typed, began)
        finally:
            self._at_the_desk.release()

    def _ask(self, typed: _Typed, began: float) -> bool:
        try:
            self._desk.save_draft(typed.card_id, self._reviewer, typed.draft)
        except CardGoneError as exc:
            self.let_go(typed.card_id, exc.in_short)
            return True
        except StoreError as exc:
            took = self._clock() - began
            self._wait_until = began + (1 + WAIT_SHARE) * took if took > QUICK else began
            self._keep_copy(str(exc), typed)
            return False
        with self._noting:
            self._no_copy(typed)
            if self._is_open(typed):
                self._written = typed
                self._none_unsaved()
        return True

    # -- copies --------------------------------------------------------------------------------------------------------

    def copy_aside(self) -> None:
        """Keeps a copy of what was typed while the workspace has not answered."""
        if self.is_writing and self._typed is not None:
            self._keep_copy(self.unsaved or _NO_ANSWER, self._typed)

    def copy_at_last(self) -> None:
        """Keeps a copy of what is not in the workspace, whatever that is about: nobody waits for it any more."""
        if self._typed is not None:
            self._keep_copy(self.unsaved or _NO_ANSWER, self._typed)

    def _keep_copy(self, why: str, refused: _Typed) -> None:
        """Of the newest on that card."""
        with self._noting:
            typed = self._typed if self._is_open(refused) else refused
            if typed is None or typed is self._written:
                return
            self.unsaved = why
            copied = self._copies.get(typed.card_id)
            if self._spare is None or (copied is not None and copied.number >= typed.number):
                return
            try:
                self.copy = self._spare.keep(typed.card_id, self._reviewer, typed.draft)
            except (OSError, StoreError):
                self.copy = None
            else:
                self._copies[typed.card_id] = typed

    def _is_open(self, typed: _Typed) -> bool:
        return self._typed is not None and self._typed.card_id == typed.card_id

    def _no_copy(self, written: _Typed) -> None:
        """A copy that is no newer goes."""
        copied = self._copies.get(written.card_id)
        if copied is not None and copied.number <= written.number and self._spare is not None:
            self._spare.drop(written.card_id, self._reviewer)
            del self._copies[written.card_id]

    def _none_unsaved(self) -> None:
        if not self._copies:
            self.unsaved, self.copy = "", None

    def bring_home_copies(self) -> None:
        """Writes what this sitting could not, if there is any, as `bring_home` does."""
        if self._copies:
            self.bring_home()

    def bring_home(self) -> None:
        """Writes what an earlier sitting could not into the workspace. What it still refuses stays where it is, as all
        does while a draft is still on its way: an older one must not come last."""
        if self._spare is None or not self._at_the_desk.acquire(timeout=PATIENCE):
            return
        try:
            self._bring_home(self._spare)
        finally:
            self._at_the_desk.release()

    def _bring_home(self, spare: SpareDrafts) -> None:
        for card_id, draft in spare.of(self._reviewer).items():
            try:
                self._desk.save_draft(card_id, self._reviewer, draft)
            except CardGoneError as exc:
                self.let_go(card_id, exc.in_short)
                continue
            except CardRefusedError:
                continue  # of a card that is not here any more, or not yet: somebody may want to look
            except StoreError:
                return
            with self._noting:
                spare.drop(card_id, self._reviewer)
                self._copies.pop(card_id, None)
