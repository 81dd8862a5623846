"""An older store brought to this program's version, backed up first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL

from scan_ingest.errors import StoreError
from scan_ingest.sql.addresses import place_of
from scan_ingest.sql.backup import write_backup
from scan_ingest.sql.engines import connected, writing
from scan_ingest.sql.files import private_folder
from scan_ingest.sql.kinds import StoreKind
from scan_ingest.sql.opening import reach
from scan_ingest.sql.versions import bring_to, one_at_a_time, standing


@dataclass(frozen=True)
class Upgraded:
    """From which version to which; `backup` is None where nothing was to be done."""

    version_before: str
    version: str
    backup: Path | None


def upgrade_store(url: URL, kind: StoreKind, folder: Path, backups: Path) -> Upgraded:
    """Backs the store's rows up into the folder `backups` and brings it to this program's version, in one transaction.

    Pictures are not touched by an upgrade, so they are not backed up. Raises `StoreError` where there is no such store,
    it is newer than the program, or it changed version meanwhile.
    """
    engine = reach(url, kind, create=False)
    try:
        with connected(engine) as connection, connection.begin():
            found = standing(connection, kind)
        if found.version is None:
            raise StoreError(f"{place_of(url)}: no {kind.what} here; `ingest` makes one. Is the place right?")
        if found.is_newer:
            raise StoreError(
                f"{place_of(url)}: this {kind.what} is newer than this program; install the newer scan-ingest"
            )
        if found.is_current:
            return Upgraded(found.version, found.version, None)
        at = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        backup = private_folder(backups) / f"{kind.name}-{found.version}-{at}.zip"
        write_backup(engine, kind, folder, backup, with_files=False, force=False)
        with writing(engine) as connection:
            one_at_a_time(connection)
            if standing(connection, kind).version != found.version:
                raise StoreError(f"{place_of(url)}: another program upgrades this {kind.what} just now; look again")
            bring_to(connection, kind)
        return Upgraded(found.version, found.newest, backup)
    finally:
        engine.dispose()
