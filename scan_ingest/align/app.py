"""The terminal program around the screen for placing by hand."""

from scan_ingest.align.papers import Papers
from scan_ingest.align.screen import AlignScreen
from scan_ingest.align.session import Session
from scan_ingest.terminal.app import TerminalApp
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.viewer import Viewer


class AlignApp(TerminalApp):
    """Shows a session. It closes nothing: whoever runs the app does."""

    def __init__(self, session: Session, papers: Papers, canvas: Canvas, viewer: Viewer) -> None:
        def at_last() -> None:
            viewer.close()
            papers.close()

        self.align = AlignScreen(session, papers, canvas, viewer)
        super().__init__(self.align, "scan-ingest align", self.exit, at_last)


def align_on_screen(session: Session, papers: Papers, canvas: Canvas) -> None:
    """Runs the screen until the person leaves, and removes what was handed to other programs."""
    viewer = Viewer()
    try:
        AlignApp(session, papers, canvas, viewer).run_until_left()
    finally:
        viewer.close()
        papers.close()
