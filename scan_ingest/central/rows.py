"""Rows of the nominations table as nominations."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from scan_ingest.domain.nomination import Channel, Nomination


def nomination_of(row: Mapping[str, Any] | sa.RowMapping) -> Nomination:
    """The nomination in a row, by the names of its columns."""
    return Nomination(
        id=row["nomination_id"],
        channel=Channel(row["channel"]),
        organisation=row["organisation"],
        box=row["box"],
        ward=row["ward"],
        nominee=row["nominee"],
        role=row["role"],
        nominator=row["nominator"],
        action=row["action"],
        impact=row["impact"],
        collected_on=row["collected_on"],
        reviewed_by=row["reviewed_by"],
        reviewed_at=row["reviewed_at"],
        source=row["source"],
        extra=row["extra"],
    )
