"""Settings: one frozen object, made once, passed to whoever needs it.

An option comes before the environment, the environment before `scan_ingest.toml`, that before the default.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from scan_ingest.domain.keeping import KeepRules
from scan_ingest.errors import ConfigurationError, UsageError
from scan_ingest.ports.pages import Limits

FILE_NAME = "scan_ingest.toml"
ENVIRONMENT = {
    "data": "SCAN_INGEST_DATA",
    "templates": "SCAN_INGEST_TEMPLATES",
    "workspace": "SCAN_INGEST_WORKSPACE",
    "central": "SCAN_INGEST_CENTRAL",
}


class LimitSettings(BaseModel):
    """What an untrusted file may cost: table `[limits]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages_per_file: Annotated[int, Field(ge=1)] = Limits.pages_per_file
    pixels_per_page: Annotated[int, Field(ge=1_000_000)] = Limits.pixels_per_page
    seconds_per_page: Annotated[float, Field(gt=0)] = Limits.seconds_per_page


class ReviewSettings(BaseModel):
    """How the review behaves: table `[review]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lease_minutes: Annotated[float, Field(gt=0)] = 15.0
    second_look_percent: Annotated[float, Field(ge=0, le=100)] = 0.0


class KeepSettings(BaseModel):
    """After how many days card data may be purged: table `[keep]`. What is not named is kept for ever."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pictures_days: Annotated[int, Field(ge=0)] | None = None
    workspace_days: Annotated[int, Field(ge=0)] | None = None
    nominations_days: Annotated[int, Field(ge=0)] | None = None


ListEntry = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""A ward or a role in a list, as it is to be spelled."""


class Settings(BaseModel):
    """Everything that can be set. `workspace` and `central` are URLs; None is SQLite in the data folder.

    URLs may hold a password, so they stay out of the repr. `staff` is a CSV file (see `staff.py`); `wards`, `roles` and
    the staff are what nominee, role and ward are looked up in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Path("data")
    templates: Path | None = None
    workspace: str | None = Field(default=None, repr=False)
    central: str | None = Field(default=None, repr=False)
    organisation: str | None = None
    wards: tuple[ListEntry, ...] = ()
    roles: tuple[ListEntry, ...] = ()
    staff: Path | None = None
    limits: LimitSettings = LimitSettings()
    review: ReviewSettings = ReviewSettings()
    keep: KeepSettings = KeepSettings()

    @property
    def keep_rules(self) -> KeepRules:
        return KeepRules(self.keep.pictures_days, self.keep.workspace_days, self.keep.nominations_days)

    @property
    def page_limits(self) -> Limits:
        return Limits(self.limits.pages_per_file, self.limits.pixels_per_page, self.limits.seconds_per_page)


def load_settings(
    options: Mapping[str, str | Path | None], environment: Mapping[str, str] = os.environ, start: Path | None = None
) -> Settings:
    """The settings as the options, the environment and the nearest `scan_ingest.toml` have them.

    Raises `ConfigurationError` naming the file, the key, and what would be right.
    """
    file = find_file(start or Path.cwd())
    values: dict[str, Any] = _read(file) if file else {}
    for key, variable in ENVIRONMENT.items():
        if environment.get(variable):
            values[key] = environment[variable]
    values.update({key: value for key, value in options.items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as exc:
        where = str(file) if file else "settings"
        raise ConfigurationError("\n".join(f"{where}: {line}" for line in _lines(exc))) from exc


def find_file(start: Path) -> Path | None:
    """The nearest `scan_ingest.toml`: in `start`, its parents, then the user's configuration folder."""
    folders = [start, *start.parents, platformdirs.user_config_path("scan-ingest", appauthor=False)]
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def check_ward(settings: Settings, ward: str, *, new_ward: bool) -> str:
    """The ward as the list spells it. Raises `UsageError` for one that is not in the list, unless it is new."""
    if not settings.wards or new_ward:
        return ward
    spelled = {listed.casefold(): listed for listed in settings.wards}
    if ward.strip().casefold() in spelled:
        return spelled[ward.strip().casefold()]
    near = difflib.get_close_matches(ward.strip().casefold(), list(spelled), n=1, cutoff=0.0)
    raise UsageError(
        f'ward "{ward}" is not in the list of wards in {FILE_NAME}; the nearest is "{spelled[near[0]]}"; '
        "--new-ward takes it as it is"
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigurationError(f"{file}: cannot be read ({exc.strerror or exc})") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{file}: not a TOML file in UTF-8: {exc}") from exc
    for key in ("data", "templates", "staff"):
        if isinstance(values.get(key), str):
            values[key] = file.parent / values[key]  # paths in it are relative to it
    return values


def _lines(exc: ValidationError) -> list[str]:
    lines = []
    for error in exc.errors(include_input=False, include_url=False):
        where = ".".join(str(step) for step in error["loc"])
        if error["type"] == "extra_forbidden":
            known = _known(error["loc"][:-1])
            near = difflib.get_close_matches(str(error["loc"][-1]), known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known)}"
            lines.append(f'unknown key "{where}"; {hint}')
        else:
            lines.append(f'key "{where}": {error["msg"][0].lower()}{error["msg"][1:]}')
    return lines


def _known(loc: tuple[int | str, ...]) -> list[str]:
    tables: dict[tuple[int | str, ...], type[BaseModel]] = {
        (): Settings,
        ("limits",): LimitSettings,
        ("review",): ReviewSettings,
        ("keep",): KeepSettings,
    }
    return list(tables.get(loc, Settings).model_fields)
