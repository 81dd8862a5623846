"""The parts that commands are built from: settings, stores, templates."""

import contextlib
import getpass
import re
import sys
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from scan_ingest.config import Settings, load_settings
from scan_ingest.errors import ConfigurationError, StoreError, UsageError

if TYPE_CHECKING:
    from scan_ingest.central import Central
    from scan_ingest.domain.template import Template
    from scan_ingest.sql import StoreKind
    from scan_ingest.workspace import Workspace


@dataclass(frozen=True)
class _Options:
    """The options before the command, as given; settings are made of them when a command first asks."""

    data: Path | None = None
    templates: Path | None = None
    workspace: str | None = None
    central: str | None = None


PASSWORD = re.compile(r"://[^:/@]*:[^@]+@|[?&]\w*password=", re.IGNORECASE)
"""An address with a password in it, before its host or among its options."""

_OPTIONS: ContextVar[_Options] = ContextVar("options")


def use_options(*, data: Path | None, templates: Path | None, workspace: str | None, central: str | None) -> None:
    """Keeps the options for `current_settings`, so that a wrong settings file never stands in the way of --help."""
    _OPTIONS.set(_Options(data, templates, workspace, central))


def without_password(url: str | None, option: str) -> str | None:
    """The address as it was given. Raises `UsageError` where it holds a password: the list of running programs, which
    everybody on the machine can read, shows the command line. Nothing of it is repeated."""
    # Not by a library's rules: whoever forgot to write %2F for a / in a password has shown it all the same.
    if url is not None and PASSWORD.search(url):
        raise UsageError(
            f"{option}: a password does not belong on the command line, where others can read it; put it into "
            "~/.pgpass (or a file that PGPASSFILE names), PGPASSWORD, or the whole address into the "
            "environment (SCAN_INGEST_CENTRAL, SCAN_INGEST_WORKSPACE)"
        )
    return url


def current_settings() -> Settings:
    """The settings of this run. Raises `ConfigurationError`."""
    return load_settings(asdict(_OPTIONS.get()))


@contextlib.contextmanager
def open_the_workspace(settings: Settings, *, create: bool = False) -> Iterator["Workspace"]:
    """The site's workspace, closed at the end. Raises `StoreError` where there is none and none may be made."""
    from scan_ingest.workspace import open_workspace  # `--help` should not wait for SQLAlchemy

    opened = open_workspace(
        settings.workspace,
        settings.data,
        create=create,
        person=account_name(),
        second_look_percent=settings.review.second_look_percent,
    )
    with contextlib.closing(opened) as workspace:
        yield workspace


@contextlib.contextmanager
def open_the_central(settings: Settings, *, url: str | None = None, create: bool = False) -> Iterator["Central"]:
    """The nominations store (`url` before the settings'), closed at the end."""
    from scan_ingest.central import open_central

    with contextlib.closing(
        open_central(url or settings.central, settings.data, create=create, person=account_name())
    ) as central:
        yield central


@contextlib.contextmanager
def open_those_there(settings: Settings) -> Iterator[tuple["Workspace | None", "Central | None"]]:
    """Both stores, None for an embedded one that was never made. Raises `StoreError` where neither is there, or one
    that is cannot be opened: nothing that concerns both passes over one of them."""
    from scan_ingest.central.kind import KIND as CENTRAL
    from scan_ingest.workspace.kind import KIND as WORKSPACE

    def is_there(url: str | None, kind: "StoreKind") -> bool:
        return url is not None or (settings.data / kind.folder / kind.file).exists()

    with contextlib.ExitStack() as stack:
        workspace = central = None
        if is_there(settings.workspace, WORKSPACE):
            workspace = stack.enter_context(open_the_workspace(settings))
        if is_there(settings.central, CENTRAL):
            central = stack.enter_context(open_the_central(settings))
        if workspace is None and central is None:
            raise StoreError(f"{settings.data}: no store here; `ingest` makes them. Is --data the right folder?")
        yield workspace, central


def templates_folder(settings: Settings) -> Path:
    """The folder of templates: as set, else `templates` here, else the ones that ship with the package."""
    from scan_ingest.templates import FILE_NAME, shipped_templates  # nor for OpenCV

    if settings.templates is not None:
        return settings.templates
    here = Path("templates")
    return here if any(here.glob(f"*/{FILE_NAME}")) else shipped_templates()


PROVEN = "templates.proven"  # in the data folder: the templates that were last found in copies of themselves


def refuse_unproven(templates: Sequence["Template"], folder: Path, data: Path) -> None:
    """Raises `ConfigurationError` where a blank side is not found in copies of itself: no card of it would be.

    It takes a second, so templates that stood the test are remembered; those that ship with the package stand it.
    """
    from scan_ingest.stages.placing.prepared import prepare
    from scan_ingest.stages.placing.proof import fingerprint, unproven
    from scan_ingest.templates import shipped_templates

    if folder.resolve() == shipped_templates().resolve():
        return
    kept, mark = data / PROVEN, fingerprint(templates)
    if kept.is_file() and kept.read_text(encoding="ascii", errors="replace") == mark:
        return
    errors = [f"{folder / proof.template_id}: {proof.error}" for proof in unproven(templates, prepare(templates))]
    if errors:
        raise ConfigurationError("\n".join(errors))
    if data.is_dir():  # a refused ingest makes no folder, so the first one leaves nothing either
        kept.write_text(mark, encoding="ascii")


def account_name() -> str:
    """Who is logged in, for the audit; empty where the account has no name."""
    with contextlib.suppress(OSError, KeyError, ImportError):  # Python before 3.13 raises the last two
        return getpass.getuser()
    return ""


def login_name() -> str:
    """Who is logged in; asked for where the account has no name. Raises `UsageError` where nobody can be asked."""
    if name := account_name():
        return name
    if sys.stdin.isatty():
        return str(typer.prompt("Who reviews?", err=True)).strip()
    raise UsageError("--reviewer: say who reviews; this account has no login name")
