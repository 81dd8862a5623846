"""The terminal program around the review screen."""

import gc

from scan_ingest.review.screen import ReviewScreen
from scan_ingest.review.session import Session
from scan_ingest.terminal.app import TerminalApp
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.viewer import Viewer


class ReviewApp(TerminalApp):
    """Shows a session that was started. It does not close it: whoever runs the app does, whatever becomes of it."""

    def __init__(self, session: Session, canvas: Canvas, viewer: Viewer) -> None:
        def at_last() -> None:
            session.copy_draft()
            viewer.close()

        screen = ReviewScreen(session, canvas, viewer)
        super().__init__(screen, "scan-ingest review", screen.leave_at_once, at_last)


def review_on_screen(session: Session, canvas: Canvas) -> None:
    """Runs the review screen until the reviewer leaves; gives the cards back and removes what a viewer was shown."""
    viewer = Viewer()
    # What is loaded by now stays to the end. Searched for garbage every few hundred keys, it cost one of them 0.1 s.
    gc.collect()
    gc.freeze()
    try:
        ReviewApp(session, canvas, viewer).run_until_left()
    finally:
        viewer.close()
        session.close()
