"""`mapping.toml`: which column of the website's table is which field of a nomination.

Unknown keys, wrong types and formats that are no formats are errors that name the file, the key, and what would be
right. docs/online.md describes the file for people.
"""

import difflib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic import Field as Constraint

from scan_ingest.domain.text import as_kept, forbidden_characters
from scan_ingest.errors import ConfigurationError

MEANINGS = ("nominee", "role", "ward", "nominator", "action", "impact")
"""Fields with a column of their own in the store; any other travels under its name."""
ENCODINGS = ("utf-8", "cp1252", "utf-16")
DELIMITERS = (",", ";", "\t", "|")


def _without_control_characters(text: str) -> str:
    """What a mapping puts into a field is kept as the text of a row is."""
    if found := forbidden_characters(text):
        raise ValueError(f"holds the control character U+{ord(found[0]):04X}")
    return as_kept(text)


Name = Annotated[str, Constraint(min_length=1, max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Column = Annotated[str, Constraint(min_length=1, max_length=1000)]
Text = Annotated[str, Constraint(max_length=1000), AfterValidator(_without_control_characters)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _File(_Strict):
    encoding: Literal["utf-8", "cp1252", "utf-16"] | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    sheet: Annotated[str, Constraint(min_length=1)] | None = None
    header_row: Annotated[int, Constraint(ge=1, le=1000)] = 1


class _Source(_Strict):
    column: Column | None = None
    columns: Annotated[list[Column], Constraint(min_length=1)] | None = None
    join: Annotated[Text, Constraint(max_length=20)] = " "
    constant: Annotated[Text, Constraint(min_length=1)] | None = None
    translate: dict[str, Text] | None = None
    others: Text | None = None
    required: bool | None = None


class _Submitted(_Strict):
    column: Column
    format: Annotated[str | list[str], Constraint(min_length=1)] | None = None
    required: bool = True


class _Document(_Strict):
    schema_: Annotated[Literal[1], Constraint(alias="schema")]
    form: Name = "website"
    file: _File = _File()
    submission: str | _Source
    submitted: str | _Submitted | None = None
    organisation: str | _Source
    fields: dict[Name, str | _Source]


@dataclass(frozen=True)
class Source:
    """Where a field's text comes from: columns joined, or a constant; then translated, value by value.

    A value that is in no translation becomes `others`; where `others` is None it is refused (`strict`) or kept.
    """

    columns: tuple[str, ...] = ()
    join: str = " "
    constant: str | None = None
    translate: dict[str, str] = field(default_factory=dict)
    others: str | None = None
    required: bool = False


@dataclass(frozen=True)
class Submitted:
    """The column with the time of a submission; `formats` as `strptime` has them, ISO 8601 where there are none."""

    column: str
    formats: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Mapping:
    """What a mapping file says. `form` is part of every id, as two forms may number alike."""

    form: str
    submission: Source
    submitted: Submitted | None
    organisation: Source
    fields: dict[str, Source]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is asked for, each once."""
        sources = (self.submission, self.organisation, *self.fields.values())
        asked = [column for source in sources for column in source.columns]
        if self.submitted:
            asked.append(self.submitted.column)
        return tuple(dict.fromkeys(asked))


def load_mapping(file: Path) -> Mapping:
    """The mapping in that file. Raises `ConfigurationError` with everything that is wrong, a line each."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as exc:
        raise ConfigurationError(f"{file}: the mapping cannot be read ({exc.strerror or exc})") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{file}: not a TOML file in UTF-8: {exc}") from exc
    except RecursionError:
        raise ConfigurationError(f"{file}: not a TOML file that can be read") from None
    try:
        document = _Document.model_validate(raw)
    except ValidationError as exc:
        lines = dict.fromkeys(_lines(exc, raw))
        raise ConfigurationError("\n".join(f"{file}: {line}" for line in lines)) from None
    if problems := list(_problems(document)):
        raise ConfigurationError("\n".join(f"{file}: {problem}" for problem in problems))
    return Mapping(
        form=document.form,
        submission=_source(document.submission, required=True),
        submitted=_submitted(document.submitted),
        organisation=_source(document.organisation, required=True),
        fields={name: _source(source) for name, source in document.fields.items()},
        encoding=document.file.encoding,
        delimiter=document.file.delimiter,
        sheet=document.file.sheet,
        header_row=document.file.header_row,
    )


def _source(source: str | _Source, *, required: bool = False) -> Source:
    if isinstance(source, str):
        return Source((source,), required=required)
    columns = tuple(source.columns or ([source.column] if source.column else []))
    return Source(
        columns,
        source.join,
        source.constant,
        {key_of(value): meant for value, meant in (source.translate or {}).items()},
        source.others,
        required if source.required is None else source.required,
    )


def key_of(value: str) -> str:
    """A value as it is looked up: capitals and spaces do not count."""
    return " ".join(value.split()).casefold()


def _submitted(submitted: str | _Submitted | None) -> Submitted | None:
    if submitted is None:
        return None
    if isinstance(submitted, str):
        return Submitted(submitted)
    formats = [submitted.format] if isinstance(submitted.format, str) else submitted.format or []
    return Submitted(submitted.column, tuple(formats), submitted.required)


# -- what is wrong -----------------------------------------------------------------------------------------------------


def _problems(document: _Document) -> Iterator[str]:
    """What is wrong though every value has the right type."""
    sources = {"submission": document.submission, "organisation": document.organisation}
    sources |= {f'fields "{name}"': source for name, source in document.fields.items()}
    for where, source in sources.items():
        if isinstance(source, str):
            if not source:
                yield f"{where}: names no column"
            continue
        given = [key for key in ("column", "columns", "constant") if getattr(source, key) is not None]
        if len(given) != 1:
            yield f"{where}: needs one of column, columns and constant" + (f", not {' and '.join(given)}" * bool(given))
        if source.constant is not None and (source.translate or source.others is not None):
            yield f"{where}: a constant is not translated"
        if source.others is not None and not source.translate:
            yield f"{where}: others needs translate beside it"
        keys = [key_of(value) for value in source.translate or ()]
        if len(set(keys)) < len(keys):
            yield f"{where}: two values in translate differ in capitals or spaces only"
    if isinstance(document.submission, _Source) and document.submission.constant is not None:
        yield "submission: a constant would make every row one submission; name the column with its number"
    if isinstance(document.submission, _Source) and document.submission.translate:
        yield "submission: a number is not translated"
    if not {"action", "impact"} & set(document.fields):
        yield f"fields: at least action or impact is needed{_did_you_mean('action', list(document.fields))}"
    for name in document.fields:
        if name not in MEANINGS and (near := difflib.get_close_matches(name, MEANINGS, n=1, cutoff=0.8)):
            yield f'fields "{name}": did you mean "{near[0]}"? Another field needs a name less like it'
    if isinstance(document.submitted, _Submitted) and document.submitted.format:
        formats = document.submitted.format
        for each in [formats] if isinstance(formats, str) else formats:
            if wrong := _wrong_format(each):
                yield f'submitted: format "{each}": {wrong}'


def _wrong_format(format_: str) -> str:
    """What is wrong with a format; "" for nothing: a day must come back from what it writes."""
    day = datetime(2026, 12, 31, 17, 5)
    try:
        back = datetime.strptime(day.strftime(format_), format_)
    except ValueError:
        return "is no date format; day, month and year are %d/%m/%Y, a time is %H:%M"
    return "" if back.date() == day.date() else "needs day, month and year, such as %d/%m/%Y"


def _lines(exc: ValidationError, raw: dict[str, Any]) -> Iterator[str]:
    """Each validation error as: where: what, and what would be right."""
    for error in exc.errors(include_input=False, include_url=False):
        loc = [step for step in error["loc"] if step not in ("_Source", "_Submitted", "str", "[key]")]
        if error["loc"][-1] == "str" and _value(raw, loc) is not None and not isinstance(_value(raw, loc), str):
            continue  # a source is a text or a table: what is wrong with the table is told
        where = _where(loc)
        if error["type"] == "extra_forbidden":
            known = _known_keys(loc)
            hint = _did_you_mean(str(loc[-1]), known) or f"; known are {', '.join(known)}"
            yield f'unknown key "{where}"{hint}'
        elif error["type"] == "missing":
            yield f'key "{where}" is missing'
        elif error["type"] in ("model_type", "model_attributes_type"):
            yield f'key "{where}" is a text or a table'
        elif "[key]" in error["loc"]:
            yield f'key "{where}": a field\'s name is letters, digits, - and _, and begins with a letter'
        else:
            yield f'key "{where}": {error["msg"][0].lower()}{error["msg"][1:]}'


def _value(raw: Any, loc: Sequence[int | str]) -> Any:
    for step in loc:
        if not isinstance(raw, dict) or step not in raw:
            return None
        raw = raw[step]
    return raw


def _where(loc: Sequence[int | str]) -> str:
    return ".".join(str(step) for step in loc if not (isinstance(step, str) and step.startswith("function-")))


def _known_keys(loc: Sequence[int | str]) -> list[str]:
    models: dict[str, type[BaseModel]] = {"file": _File, "submitted": _Submitted}
    if len(loc) == 1:
        return [info.alias or name for name, info in _Document.model_fields.items()]
    return list(models.get(str(loc[0]), _Source).model_fields)


def _did_you_mean(wrong: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(wrong, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
