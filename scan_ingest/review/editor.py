"""The review in one's own editor: each card is handed out as a private text file, and taken back when it is saved."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from scan_ingest.errors import InputError, StoreError, ToolMissingError
from scan_ingest.review.as_text import (
    Answer,
    NotUnderstoodError,
    decoded,
    is_empty,
    read,
    texts_in,
    with_error,
    written,
)
from scan_ingest.review.captions import sentence
from scan_ingest.review.edited import EditedCards, being_edited, remove_edited, write_edited
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.session import Session, Whose
from scan_ingest.sql import private_folder
from scan_ingest.terminal.hangup import HungUpError, converse

FALLBACKS = ("sensible-editor", "nano", "vi")
POLL_SECONDS = 0.3  # what is saved in the editor is a draft within a second
Say = Callable[[str], None]


def editor_command(environment: Mapping[str, str], *, on_windows: bool = False) -> list[str]:
    """The editor and its arguments: `$VISUAL`, `$EDITOR`, else the system's own.

    Raises `ToolMissingError` where there is none.
    """
    chosen = environment.get("VISUAL") or environment.get("EDITOR") or ("notepad" if on_windows else "")
    if chosen.strip():
        command = [part.strip('"') for part in shlex.split(chosen, posix=not on_windows)]
        if shutil.which(command[0], path=environment.get("PATH")) is None:
            raise ToolMissingError(f"the editor {command[0]} is not there; set VISUAL to one that is")
        return command
    for name in FALLBACKS:
        if found := shutil.which(name, path=environment.get("PATH")):
            return [found]
    raise ToolMissingError("no editor: set VISUAL or EDITOR to the one you like")


def review_in_editor(session: Session, folder: Path, command: Sequence[str], say: Say = print) -> None:
    """Runs the session, which was started, until nothing is left or a file comes back empty or as it was; then gives
    its cards back. `folder` is where the files lie while they are edited. A dropped line (see `leaving_on_hangup`)
    ends it too, with what was saved as a draft. Raises `ToolMissingError`, `InputError`,
    `StoreError`.
    """
    converse(
        partial(_each_card, session, folder, command, say),
        say,
        session.close,
        lambda: f"{session.progress().done} done in this sitting.",
    )


def _each_card(session: Session, folder: Path, command: Sequence[str], say: Say) -> None:
    while (card := session.card) is not None:
        card = _with_both(session, card)
        _tell(session, say)
        if not _Sheet(session, card, folder, command, say).decided():
            return
    _tell(session, say)
    if session.cannot_ask:
        raise StoreError(session.cannot_ask)
    say("Nothing left to review.")


def _with_both(session: Session, card: OpenCard) -> OpenCard:
    """The open card; where somebody else worked on it too, both texts are in its file."""
    if session.asked is not None:
        session.settle(Whose.BOTH)
    return session.card or card


def _tell(session: Session, say: Say) -> None:
    if session.notice:
        say(f"{sentence(session.notice)}.")
        session.notice = ""


class _Sheet:
    """One card's file. It lies in a folder of its own, for an editor may leave copies beside it, and both have a name
    that is found again: what was saved before a crash is offered instead."""

    def __init__(self, session: Session, card: OpenCard, folder: Path, command: Sequence[str], say: Say) -> None:
        self._session, self._card, self._command, self._say = session, card, command, say
        self._path = EditedCards(private_folder(folder)).of(card.queued.id, session.reviewer)
        self._lock = -1  # the descriptor that says, while it is open, that somebody edits the file
        self._is_done = False

    def decided(self) -> bool:
        """Whether the card was decided on or left for later, and the review goes on."""
        try:
            with being_edited(self._path) as self._lock:
                return self._decided()
        finally:
            if self._is_done:
                remove_edited(self._path)

    def _decided(self) -> bool:
        text = written(self._card, self._session.progress().left)
        if (before := self._left_behind()) is not None and before != text:
            text = with_error(before, "this is what you saved before the review broke off; look at it once more")
        while True:
            saved = self._edited(text)
            if saved is None or is_empty(saved) or saved == text:
                return self._given_up(saved)
            try:
                answer = read(saved, self._card)
            except NotUnderstoodError as exc:
                self._keep_draft(saved)
                text = with_error(saved, str(exc))
                continue
            goes_on = self._act(answer)
            if not self._session.refused:
                self._is_done = True
                return goes_on
            text = with_error(saved, self._session.notice)
            if self._session.asked is not None:  # somebody else decided meanwhile: the file shows both
                why = self._session.notice
                self._card = _with_both(self._session, self._card)
                text = with_error(written(self._card, self._session.progress().left), why)

    def _act(self, answer: Answer) -> bool:
        self._session.change(answer.card)
        match answer.decision:
            case "accept":
                self._session.accept()
            case "reject":
                self._session.reject(answer.reason)
            case "set aside":
                self._session.set_aside()
            case "later":
                self._session.pass_over()
            case _:
                self._session.keep_draft()
                return False
        return True

    def _given_up(self, saved: str | None) -> bool:
        """Nothing is decided. A file that cannot be read as a card's stays, so that nothing typed in it is lost."""
        try:
            if saved is not None and not is_empty(saved):
                self._session.change(texts_in(saved, self._card))
                self._session.keep_draft()
        except NotUnderstoodError:
            self._say(f"Nothing was decided. What you typed is kept in {self._path} and offered again.")
            return False
        self._is_done = True
        self._say("Nothing was decided.")
        return False

    def _edited(self, text: str) -> str | None:
        """The file as it is when the editor ends; None where it ended with an error. While it is open the lease is
        renewed, and what is saved becomes a draft. Raises `InputError` where the file cannot be written or read."""
        try:
            write_edited(self._path, text)
            code = self._run()
            return None if code else self._saved()
        except HungUpError:
            self._keep_draft(self._left_behind() or "")
            raise
        except OSError as exc:
            raise InputError(f"{self._path}: {exc.strerror or exc}") from exc

    def _run(self) -> int:
        renewed, seen = time.monotonic(), self._path.stat().st_mtime_ns
        # Not waited for when the line drops: an editor with a window of its own outlives the terminal.
        handed_on = () if os.name == "nt" else (self._lock,)
        editor = subprocess.Popen([*self._command, str(self._path)], pass_fds=handed_on)
        while True:
            try:
                return editor.wait(POLL_SECONDS)
            except subprocess.TimeoutExpired:
                pass
            if time.monotonic() - renewed > self._session.lease.total_seconds() / 3:
                renewed = time.monotonic()
                self._session.renew()
            if self._path.exists() and self._path.stat().st_mtime_ns != seen:
                seen = self._path.stat().st_mtime_ns
                self._keep_draft(self._saved())

    def _keep_draft(self, saved: str) -> None:
        try:
            self._session.change(texts_in(saved, self._card))
        except NotUnderstoodError:
            return  # half typed; the file itself is kept
        self._session.keep_draft()

    def _saved(self) -> str:
        return decoded(self._path.read_bytes()).replace("\r\n", "\n")

    def _left_behind(self) -> str | None:
        try:
            return self._saved()
        except OSError:
            return None
