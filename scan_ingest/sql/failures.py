"""What can go wrong with a database, in one line that gives nothing away."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, DataError, InterfaceError, OperationalError, ProgrammingError

from scan_ingest.errors import InputError, StoreError
from scan_ingest.sql.addresses import place_of

INSUFFICIENT_PRIVILEGE = "42501"  # PostgreSQL's SQLSTATE
CONNECTING = re.compile(r"^connection (failed|is bad): (connection to server .*? failed: )?(FATAL: +)?")
"""What libpq says before the reason; the place is told already."""
WHAT_TO_DO = (
    ("Connection refused", "is the server running, and the port right?"),
    ("timeout expired", "is the server running, and the address right?"),
    ("resolve host", "is the address right?"),
    ("authentication failed", "are the user and the password right? ~/.pgpass or PGPASSWORD may hold the password"),
    ("no password supplied", "it asks for a password, which ~/.pgpass, PGPASSWORD or SCAN_INGEST_CENTRAL may hold"),
    ("starting up", "try again in a moment"),
    ("shutting down", "try again when it is back"),
)
WENT_AWAY = "the database went away, try again when it is back"


@contextmanager
def store_errors(url: URL) -> Iterator[None]:
    """Turns what a database can suffer (absent, locked, full, gone, forbidden, damaged) into `StoreError`.

    Everything else a driver raises (a broken constraint, a wrong statement) is a bug and stays one.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as exc:
        raise as_store_error(url, exc.orig, went_away=exc.connection_invalidated) from exc
    except ProgrammingError as exc:
        if getattr(exc.orig, "sqlstate", None) == INSUFFICIENT_PRIVILEGE:
            raise as_store_error(url, exc.orig) from exc
        raise
    except UnicodeEncodeError as exc:
        raise InputError("a name or text holds bytes that are no characters; nothing of it was kept") from exc
    except DataError as exc:
        if "NUL" not in str(exc.orig):
            raise
        raise InputError("a name or text holds the character NUL, which no store keeps; nothing was kept") from exc
    except DatabaseError as exc:
        if type(exc) is DatabaseError:  # SQLite's "file is not a database", "disk image is malformed"
            raise as_store_error(url, exc.orig) from exc
        raise


def as_store_error(url: URL, said: BaseException | None, *, went_away: bool = False) -> StoreError:
    """What the driver said, in one line without addresses or values; `went_away` of a connection that had stood."""
    # The first line only: PostgreSQL's DETAIL lines repeat values.
    lines = str(said).splitlines()
    reason = CONNECTING.sub("", lines[0].strip()) if lines else type(said).__name__
    if "row-level security" in reason:
        reason = "this login may not write rows of that organisation (see docs/roles.md)"
    elif getattr(said, "sqlstate", None) == INSUFFICIENT_PRIVILEGE:
        reason = f"this login may not do that: {reason} (see docs/roles.md)"
    if url.password and str(url.password) in reason:
        reason = "it cannot be reached"
    if went_away:
        return StoreError(f"{place_of(url)}: {WENT_AWAY} ({reason})")
    to_do = next((f"; {todo}" for sign, todo in WHAT_TO_DO if sign in reason), "")
    return StoreError(f"{place_of(url)}: {reason}{to_do}")
