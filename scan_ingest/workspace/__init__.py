"""The workbench of one site: batches, pages, cards, readings, the review queue, page pictures.

Engines, pragmas, private folders and migrations come from `scan_ingest/sql/`, shared with `central/`.
"""

from scan_ingest.workspace.desk.workspace import Workspace, open_workspace

__all__ = ["Workspace", "open_workspace"]
