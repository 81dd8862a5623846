"""Where a store is."""

import unicodedata
from pathlib import Path
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from scan_ingest.errors import StoreError


def address(url: str) -> URL:
    """The address as SQLAlchemy takes it; `postgresql://` and `postgres://` get psycopg 3's driver.

    Raises `StoreError` for an address that cannot be understood, without repeating it: it may hold a password.
    """
    scheme, _, rest = url.partition("://")
    if any(unicodedata.category(character) == "Cc" for character in unquote(url)):
        # The server's library reads an address to its first NUL and would go somewhere else.
        raise StoreError("a store's address holds a control character, which none has")
    if rest.partition("?")[0].count("@") > 1:
        raise StoreError(f"the {scheme} address has more than one @; in a user name or password it is written %40")
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(
            "a store's address cannot be understood; it looks like sqlite:///folder/store.db or "
            "postgresql://user@host:5432/database"
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"{parsed.drivername}: no such kind of store; sqlite:/// and postgresql:// are known")
    if parsed.get_backend_name() == "sqlite" and (
        parsed.database in (None, "", ":memory:") or str(parsed.database).startswith("file:") or parsed.query
    ):
        raise StoreError("a SQLite store is a file, without options: write sqlite:///folder/store.db")
    return parsed


def file_address(path: Path) -> URL:
    """The address of a SQLite file."""
    return URL.create("sqlite", database=str(path))


def place_of(url: URL) -> str:
    """Where a store is, for people: a file's path, or server and database. Never the user, password or options."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or 'localhost'}{port}/{url.database or ''}"
