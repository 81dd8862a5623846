"""What was done to a whole store, told in its audit and, where it left a copy elsewhere, in its register of those."""

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scan_ingest.domain.audit import Act
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.sql.engines import writing
from scan_ingest.sql.kinds import StoreKind
from scan_ingest.sql.registers import Copies


def tell(engine: Engine, kind: StoreKind, act: Act, person: str, *, copied_to: str = "") -> None:
    """Writes a row into the chain of what concerns no single organisation; a store from before there was an audit has
    none."""
    with writing(engine) as connection:
        if not sa.inspect(connection).has_table(kind.ledger.rows.name):
            return
        if copied_to:
            copies = Copies(kind.tables.tables[f"{kind.name}_copies"])
            copies.note(connection, CopyKind.COPY, copied_to, person)
        kind.ledger.write(connection, act, organisation="", person=person, subject=kind.name)
