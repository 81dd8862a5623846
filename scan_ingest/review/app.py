"""The terminal program around the review screen."""

import asyncio
import contextlib
import gc
import signal

from textual.app import App

from scan_ingest.review.screen import ReviewScreen
from scan_ingest.review.session import Session
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.viewer import Viewer

ENDING_SIGNALS = ("SIGHUP", "SIGTERM")  # a dropped line; somebody who ends the program


class ReviewApp(App[None]):
    """Shows a session that was started. It does not close it: whoever runs the app does, whatever becomes of it."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, session: Session, canvas: Canvas, viewer: Viewer) -> None:
        # The terminal's own colours and background, light or dark; NO_COLOR is Textual's to honour.
        super().__init__(ansi_color=True)
        self._review = ReviewScreen(session, canvas, viewer)
        self.theme = "ansi-dark"

    def on_mount(self) -> None:
        self.title = "scan-ingest review"
        self.push_screen(self._review)
        loop = asyncio.get_running_loop()
        for name in ENDING_SIGNALS:
            if hasattr(signal, name):
                with contextlib.suppress(
                    NotImplementedError, RuntimeError
                ):  # Windows' loop; one that is no main thread
                    loop.add_signal_handler(getattr(signal, name), self._review.leave_at_once)


def review_on_screen(session: Session, canvas: Canvas) -> None:
    """Runs the review screen until the reviewer leaves; gives the cards back and removes what a viewer was shown."""
    viewer = Viewer()
    # What is loaded by now stays to the end. Searched for garbage every few hundred keys, it cost one of them 0.1 s.
    gc.collect()
    gc.freeze()
    try:
        ReviewApp(session, canvas, viewer).run()
    finally:
        viewer.close()
        session.close()
