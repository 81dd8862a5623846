"""Which of the two stores a command is about, and where that one is."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine

    from scan_ingest.config import Settings
    from scan_ingest.sql import StoreKind


class One(StrEnum):
    """A store."""

    CENTRAL = "central"
    WORKSPACE = "workspace"


class Some(StrEnum):
    """A store, or both."""

    BOTH = "both"
    CENTRAL = "central"
    WORKSPACE = "workspace"


WHICH = Annotated[One, typer.Option("--which", help="The nominations store (central), or this site's workspace.")]
WHICH_OF_BOTH = Annotated[Some, typer.Option("--which", help="One of the two stores only.")]


def kind_of(which: One) -> "StoreKind":
    """What it is: its tables, its version, its place in the data folder."""
    from scan_ingest.central.kind import KIND as CENTRAL  # `--help` should not wait for SQLAlchemy
    from scan_ingest.workspace.kind import KIND as WORKSPACE

    return {One.CENTRAL: CENTRAL, One.WORKSPACE: WORKSPACE}[which]


def kinds_of(which: Some) -> "tuple[StoreKind, ...]":
    """The nominations store first."""
    return tuple(kind_of(one) for one in One if which in (Some.BOTH, one.value))


def kinds_there(settings: "Settings", which: Some) -> "tuple[StoreKind, ...]":
    """The stores asked for, without those nobody named an address for and that were never made."""
    if which is not Some.BOTH:
        return kinds_of(which)
    named = {One.CENTRAL.value: settings.central, One.WORKSPACE.value: settings.workspace}
    return tuple(
        kind for kind in kinds_of(which) if named[kind.name] or (settings.data / kind.folder / kind.file).exists()
    )


def address_of(settings: "Settings", kind: "StoreKind") -> "URL":
    """Where it is set to be. Raises `StoreError` for what is no address."""
    from scan_ingest.sql import store_address

    return store_address({"central": settings.central, "workspace": settings.workspace}[kind.name], settings.data, kind)


@contextmanager
def opened(settings: "Settings", kind: "StoreKind") -> "Iterator[Engine]":
    """A store that is there and of this program's version."""
    from scan_ingest.sql import open_store

    engine = open_store(address_of(settings, kind), kind, create=False)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def reached(settings: "Settings", kind: "StoreKind") -> "Iterator[Engine]":
    """A store that is there, of this program's version, whoever may see what of it."""
    from scan_ingest.sql.opening import reach_current

    engine = reach_current(address_of(settings, kind), kind)
    try:
        yield engine
    finally:
        engine.dispose()
