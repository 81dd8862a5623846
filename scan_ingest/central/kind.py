"""The nominations store among the stores: its place, its version, and who may do what with it."""

from scan_ingest.central.tables import COPIES, HOLDS, LEDGER, metadata
from scan_ingest.sql import StoreKind
from scan_ingest.sql.kinds import RightsOn

AUDITED = RightsOn(reader=("INSERT",), administrator=())
CARRIED = RightsOn(reviewer=("INSERT", "UPDATE", "DELETE"))

KIND = StoreKind(
    name="central",
    what="nominations store",
    migrations="scan_ingest.central.migrations",
    version_table="central_version",
    tables=metadata,
    ledger=LEDGER,
    folder="central",
    file="central.db",
    owned=("nominations", "sketches", "removed", "withheld", COPIES.table.name, LEDGER.rows.name, LEDGER.heads.name),
    rules={
        # Not only by the organisation that it names: a sketch of somebody else's nomination would pass for compared.
        "sketches": (
            "organisation = {organisation} AND EXISTS "
            "(SELECT FROM nominations AS parent WHERE parent.nomination_id = sketches.nomination_id)"
        ),
        HOLDS.table.name: (
            "(what_kind = 'organisation' AND what = {organisation}) OR (what_kind = 'nomination' AND EXISTS "
            "(SELECT FROM nominations AS parent WHERE parent.nomination_id = what))"
        ),
    },
    rights={
        "nominations": CARRIED,
        "possible_duplicates": CARRIED,
        "sketches": CARRIED,
        "removed": RightsOn(),
        "withheld": RightsOn(),
        HOLDS.table.name: RightsOn(),
        COPIES.table.name: RightsOn(reader=("INSERT",)),  # whoever exports is written down
        LEDGER.rows.name: AUDITED,
        LEDGER.heads.name: RightsOn(reader=("INSERT", "UPDATE"), administrator=()),
    },
)
