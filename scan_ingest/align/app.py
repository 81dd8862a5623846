"""The terminal program around the screen for placing by hand."""

from textual.app import App

from scan_ingest.align.papers import Papers
from scan_ingest.align.screen import AlignScreen
from scan_ingest.align.session import Session
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.viewer import Viewer


class AlignApp(App[None]):
    """Shows a session. It closes nothing: whoever runs the app does."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, session: Session, papers: Papers, canvas: Canvas, viewer: Viewer) -> None:
        # The terminal's own colours and background, light or dark; NO_COLOR is Textual's to honour.
        super().__init__(ansi_color=True)
        self.align = AlignScreen(session, papers, canvas, viewer)
        self.theme = "ansi-dark"

    def on_mount(self) -> None:
        self.title = "scan-ingest align"
        self.push_screen(self.align)


def align_on_screen(session: Session, papers: Papers, canvas: Canvas) -> None:
    """Runs the screen until the person leaves, and removes what was handed to other programs."""
    viewer = Viewer()
    try:
        AlignApp(session, papers, canvas, viewer).run()
    finally:
        viewer.close()
        papers.close()
