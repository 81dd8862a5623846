"""The workspace among the stores: its place, its version, its pictures, and who may do what with a shared one."""

from scan_ingest.sql import StoreKind
from scan_ingest.sql.kinds import APPEND_ONLY, RightsOn
from scan_ingest.workspace.audit import LEDGER
from scan_ingest.workspace.tables import COPIES, HOLDS, metadata

SCANNED = RightsOn(reviewer=("INSERT", "UPDATE"))

KIND = StoreKind(
    name="workspace",
    what="workspace",
    migrations="scan_ingest.workspace.migrations",
    version_table="workspace_version",  # so that workspace and nominations can live in one database
    tables=metadata,
    ledger=LEDGER,
    folder="workspace",
    file="workspace.db",
    owned=("batches", COPIES.table.name, LEDGER.rows.name, LEDGER.heads.name),
    rules={
        HOLDS.table.name: (
            "(what_kind = 'organisation' AND what = {organisation}) OR (what_kind = 'batch' AND EXISTS "
            "(SELECT FROM batches AS parent WHERE 'b' || lpad(parent.number::text, 4, '0') = what)) "
            "OR (what_kind = 'card' AND EXISTS (SELECT FROM cards AS parent WHERE parent.id = what))"
        ),
        # Places under the site's folder, which say nothing of what was there.
        "leftover_files": "true",
    },
    rights={
        # A box's label and a batch's end are the administrator's.
        "batches": RightsOn(reviewer=("INSERT", "UPDATE (state, expected_cards, collated)")),
        "batch_files": RightsOn(reviewer=("INSERT",)),
        "label_changes": RightsOn(administrator=("INSERT", "DELETE")),
        "pages": SCANNED,
        "cards": SCANNED,
        "sides": SCANNED,
        "readings": APPEND_ONLY,
        "rescans": SCANNED,
        "reviews": APPEND_ONLY,
        "drafts": RightsOn(reviewer=("INSERT", "UPDATE", "DELETE")),
        "page_decisions": APPEND_ONLY,
        "identity_settlements": APPEND_ONLY,
        "redactions": RightsOn(),
        "page_looks": RightsOn(),
        "leftover_files": RightsOn(),
        HOLDS.table.name: RightsOn(),
        COPIES.table.name: RightsOn(reader=("INSERT",)),  # whoever writes a file of cards is written down
        LEDGER.rows.name: RightsOn(reader=("INSERT",), administrator=()),
        LEDGER.heads.name: RightsOn(reader=("INSERT", "UPDATE"), administrator=()),
    },
    kept_files=(("batch_files", "original"), ("pages", "picture"), ("sides", "picture")),
)
