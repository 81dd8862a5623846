"""The parts that commands are built from: settings, stores, templates."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from scan_ingest.central import Central, open_central
from scan_ingest.config import Settings
from scan_ingest.templates import FILE_NAME, shipped_templates
from scan_ingest.workspace import Workspace, open_workspace

# One command runs per process; the options before the command are read once, in `cli`.
_SETTINGS: ContextVar[Settings] = ContextVar("settings")


def use_settings(settings: Settings) -> None:
    _SETTINGS.set(settings)


def current_settings() -> Settings:
    return _SETTINGS.get()


@contextlib.contextmanager
def open_the_workspace(settings: Settings, *, create: bool = False) -> Iterator[Workspace]:
    """The site's workspace, closed at the end. Raises `StoreError` where there is none and none may be made."""
    with contextlib.closing(open_workspace(settings.workspace, settings.data, create=create)) as workspace:
        yield workspace


@contextlib.contextmanager
def open_the_central(settings: Settings, *, url: str | None = None, create: bool = False) -> Iterator[Central]:
    """The nominations store (`url` before the settings'), closed at the end."""
    with contextlib.closing(open_central(url or settings.central, settings.data, create=create)) as central:
        yield central


def templates_folder(settings: Settings) -> Path:
    """The folder of templates: as set, else `templates` here, else the ones that ship with the package."""
    if settings.templates is not None:
        return settings.templates
    here = Path("templates")
    return here if any(here.glob(f"*/{FILE_NAME}")) else shipped_templates()
