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

from pydantic import TypeAdapter, ValidationError

from scan_ingest.domain.identity import redacted
from scan_ingest.errors import CardRefusedError, StoreError
from scan_ingest.identity.removing import literal_spans
from scan_ingest.ports.review import Draft, ReviewDesk
from scan_ingest.sql import private_file, private_folder

SUFFIX = ".draft"
WAIT_SHARE = 4  # a store that takes a while to refuse is left alone for so many times as long: keys come first


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

    def forget(self, words: Collection[str]) -> None:
        """Takes words out of every draft that is kept here, whoever's and of whichever card. Raises `StoreError`."""
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
    return redacted(text, list(literal_spans(text, words)))


class Keeping:
    """Keeps the drafts of one reviewer at a desk.

    `unsaved` is why the last one could not be written into the workspace ("" where it was), `copy` where it is instead;
    with neither a copy it is in memory alone. A desk that refused is asked again every time.
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
        self._copied: tuple[str, Draft] | None = None
        self._wait_until = 0.0

    def keep(self, card_id: str, draft: Draft, *, now: bool = False) -> bool:
        """Whether it is in the workspace; with `now` a desk that was slow to refuse is asked all the same."""
        began = self._clock()
        if self.unsaved and not now and began < self._wait_until:
            self._copy(card_id, draft)
            return False
        try:
            self._desk.save_draft(card_id, self._reviewer, draft)
        except StoreError as exc:
            ended = self._clock()
            self._wait_until = ended + WAIT_SHARE * (ended - began)
            self.unsaved = str(exc)
            self._copy(card_id, draft)
            return False
        if self.unsaved and self._spare is not None:
            self._spare.drop(card_id, self._reviewer)
        self.unsaved, self.copy, self._copied = "", None, None
        return True

    def _copy(self, card_id: str, draft: Draft) -> None:
        if self._spare is None or self._copied == (card_id, draft):
            return
        try:
            self.copy = self._spare.keep(card_id, self._reviewer, draft)
        except (OSError, StoreError):
            self.copy = None
        else:
            self._copied = (card_id, draft)

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
