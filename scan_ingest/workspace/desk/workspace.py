"""The workspace as the rest of the program sees it: each method is one transaction."""

from pathlib import Path

from scan_ingest.sql import open_store, private_folder, store_address
from scan_ingest.workspace.desk.align import AtAlign
from scan_ingest.workspace.desk.batches import OfBatches
from scan_ingest.workspace.desk.identities import OfIdentities
from scan_ingest.workspace.desk.ingest import AtIngest
from scan_ingest.workspace.desk.keeping import Keeping
from scan_ingest.workspace.desk.removing import Removing
from scan_ingest.workspace.desk.review import AtReview
from scan_ingest.workspace.desk.reviewed import Reviewed
from scan_ingest.workspace.kind import KIND


def open_workspace(
    url: str | None, data: Path, *, create: bool, person: str = "", second_look_percent: float = 0.0
) -> "Workspace":
    """The workspace in the data folder; `url` is its database, None for SQLite in that folder. `person` is who works
    with it, for the audit. Of the cards accepted in it, `second_look_percent` (0 to 100) are drawn for a second look.

    Only with `create` is a missing one made. Raises `StoreError` where there is none (naming the place), or it is
    locked, damaged, out of reach or newer than the program.
    """
    folder = (data / KIND.folder).absolute()
    if create and not folder.exists():
        private_folder(folder)
    engine = open_store(store_address(url, data, KIND), KIND, create=create)
    return Workspace(engine, folder, person, second_look_percent=second_look_percent)


class Workspace(AtIngest, AtReview, AtAlign, OfBatches, Keeping, OfIdentities, Removing, Reviewed):
    """An `IngestDesk`, an `AlignDesk`, a `ReviewDesk`, a `ReviewedDesk` and a `MergeDesk`; see there."""
