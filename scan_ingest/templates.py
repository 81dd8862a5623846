"""Load and check a template folder: `template.toml` and the pictures of the blank sides.

Unknown keys, wrong types and impossible layouts are errors that name the file, the key, and what would be right.
"""

import difflib
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Constraint

from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.template import Field, FieldKind, Option, Side, Template
from scan_ingest.errors import ConfigurationError
from scan_ingest.stages.placing.blank_side import blank_side

FILE_NAME = "template.toml"
BOX = "box_mm is x, y, width and height in millimetres from the side's top left, y down"
# A blank side may be cut a little; more means the wrong picture or wrong millimetres.
ASPECT_TOLERANCE = 0.02
SMALLEST_BOX_MM = 2.0  # each way; a tick's box has 3 mm, a letter more
MOST_FIELDS = 100  # on a side; a form of A4 has thirty
MIN_REFERENCE_PX_PER_MM = 50 / 25.4  # below 50 dpi no print is left to be found by

Millimetres = Annotated[float, Constraint(allow_inf_nan=False)]
Positive = Annotated[float, Constraint(gt=0, le=2000, allow_inf_nan=False)]
BoxRow = tuple[Millimetres, Millimetres, Positive, Positive]
Name = Annotated[str, Constraint(min_length=1, max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Card(_Strict):
    width_mm: Positive
    height_mm: Positive


class _Side(_Strict):
    name: Literal["front", "back"]
    reference: Annotated[str, Constraint(min_length=1)]


class _Option(_Strict):
    value: Annotated[str, Constraint(min_length=1, pattern=r"^[^|\r\n]+$")]
    box_mm: Annotated[BoxRow, Constraint(strict=False)]


class _Field(_Strict):
    name: Name
    kind: Literal["text", "choice", "code"]
    side: str | None = None
    prompt: str = ""
    required: bool = False
    box_mm: Annotated[BoxRow, Constraint(strict=False)] | None = None
    options: list[_Option] | None = None
    max_choices: Annotated[int, Constraint(ge=1)] | None = None


class _File(_Strict):
    schema_: Annotated[Literal[1], Constraint(alias="schema")]
    id: Annotated[str, Constraint(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    title: str
    revision: Annotated[int, Constraint(ge=1)]
    card: _Card
    sides: Annotated[list[_Side], Constraint(min_length=1, max_length=2)]
    fields: Annotated[list[_Field], Constraint(min_length=1)]


def shipped_templates() -> Path:
    """The templates that come with the package (in a checkout: `templates/` at the top)."""
    packaged = Path(str(resources.files("scan_ingest"))) / "shipped" / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "templates"


def load_templates(folder: Path, ids: Sequence[str] = ()) -> tuple[Template, ...]:
    """Every template in `folder`, by id, or only those named.

    Raises `ConfigurationError` where there is none, one named is absent, or one is wrong.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: no such folder of templates; name one with --templates")
    found = {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{FILE_NAME}"))}
    if not found:
        raise ConfigurationError(f"{folder}: holds no template; a template is a folder with a {FILE_NAME}")
    for name in ids:
        if name not in found:
            raise ConfigurationError(f'{folder}: no template "{name}"{_did_you_mean(name, found)}')
    return tuple(load_template(found[name]) for name in (dict.fromkeys(ids) if ids else found))


def load_template(folder: Path) -> Template:
    """The template in that folder. Raises `ConfigurationError` with everything that is wrong, a line each."""
    file = folder / FILE_NAME
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Windows' editor begins a file with a mark
    except FileNotFoundError as exc:
        raise ConfigurationError(f"{folder}: no {FILE_NAME} in it") from exc
    except OSError as exc:
        raise ConfigurationError(f"{file}: cannot be read ({exc.strerror or exc})") from exc
    except ValueError as exc:  # not TOML, not UTF-8, or a number of thousands of digits
        raise ConfigurationError(f"{file}: not a TOML file in UTF-8: {exc}") from exc
    except RecursionError:
        raise ConfigurationError(f"{file}: not a TOML file that can be read, brackets within brackets") from None
    try:
        parsed = _File.model_validate(raw)
    except ValidationError as exc:
        raise ConfigurationError("\n".join(f"{file}: {line}" for line in _lines(exc, raw))) from exc
    if problems := list(_problems(parsed, folder)):
        raise ConfigurationError("\n".join(f"{file}: {problem}" for problem in problems))
    sides = tuple(
        Side(side.name, _picture(folder / side.reference, parsed.card), tuple(_fields_of(side.name, parsed)))
        for side in parsed.sides
    )
    return Template(parsed.id, parsed.title, parsed.revision, parsed.card.width_mm, parsed.card.height_mm, sides)


def _lines(exc: ValidationError, raw: dict[str, Any]) -> Iterator[str]:
    """Each validation error as: where: what, and what would be right."""
    for error in exc.errors():
        where = _where(error["loc"], raw)
        if error["type"] == "extra_forbidden":
            key = str(error["loc"][-1])
            known = _known_keys(error["loc"][:-1])
            yield f"{where}: unknown key{_did_you_mean(key, known) or '; known are ' + ', '.join(known)}"
        elif error["type"] == "missing":
            yield f"{where}: missing"
        elif "box_mm" in error["loc"]:
            yield f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}; {BOX}"
        else:
            yield f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _where(loc: tuple[int | str, ...], raw: Any) -> str:
    """("fields", 2, "box_mm") → 'fields "action", key "box_mm"'."""
    parts: list[str] = []
    for step in loc:
        entry = raw.get(step) if isinstance(raw, dict) else raw[step] if _has(raw, step) else None
        if isinstance(step, int):
            label = entry.get("name", entry.get("value")) if isinstance(entry, dict) else None
            parts.append(f'"{label}"' if label else f"number {step + 1}")
        else:
            parts.append(step)
        raw = entry
    return " ".join(parts)


def _has(raw: Any, step: int | str) -> bool:
    return isinstance(raw, list) and isinstance(step, int) and step < len(raw)


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    models: dict[str, type[BaseModel]] = {"card": _Card, "sides": _Side, "fields": _Field, "options": _Option}
    names = [step for step in loc if isinstance(step, str)]
    model = models[names[-1]] if names else _File
    return [info.alias or name for name, info in model.model_fields.items()]


def _did_you_mean(wrong: str, known: Sequence[str] | dict[str, Any]) -> str:
    near = difflib.get_close_matches(wrong, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _problems(parsed: _File, folder: Path) -> Iterator[str]:
    """What is wrong though every value has the right type."""
    if parsed.id != folder.resolve().name:
        yield f'id: "{parsed.id}" is not the folder\'s name "{folder.resolve().name}"'
    sides = [side.name for side in parsed.sides]
    if sides not in (["front"], ["front", "back"]):
        yield 'sides: one side is "front"; two are "front" and "back", in that order'
    names = [field.name for field in parsed.fields]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f'fields "{name}": there are two of that name'
    for name in ("action", "impact"):
        kinds = [field.kind for field in parsed.fields if field.name == name]
        if kinds and "text" not in kinds:
            yield f'fields "{name}": is a {kinds[0]}; a template needs a text field of that name'
        elif not kinds:
            near = _did_you_mean(name, names)
            yield f'fields: a template needs a text field "{name}"{near}'
    counts = Counter(field.side or sides[0] for field in parsed.fields)
    for name, count in counts.items():
        if count > MOST_FIELDS:
            yield f"fields: there are {count} on the {name}; a side holds at most {MOST_FIELDS}"
    boxes: list[tuple[str, str, BoxMm]] = []
    for field in parsed.fields:
        yield from _field_problems(field, sides)
        for what, row in _boxes(field):
            box = BoxMm(*row)
            if min(box.width, box.height) < SMALLEST_BOX_MM:
                size = f"{box.width:g} × {box.height:g} mm"
                yield f"{what}: box_mm is {size}; nobody can write in less than {SMALLEST_BOX_MM:g} mm each way"
            if not box.inside(parsed.card.width_mm, parsed.card.height_mm):
                size = f"{parsed.card.width_mm:g} × {parsed.card.height_mm:g} mm"
                lies = f"{box.x:g} to {box.right:g} across and {box.y:g} to {box.bottom:g} down"
                yield f"{what}: box_mm leaves the card, which is {size}; the box lies from {lies}"
            boxes.append((what, field.side or sides[0], box))
    for index, (what, side, box) in enumerate(boxes):
        for other, other_side, other_box in boxes[index + 1 :]:
            if side == other_side and box.overlaps(other_box):
                yield f"{what}: box_mm overlaps {other}; each field has paper of its own"


def _boxes(field: _Field) -> Iterator[tuple[str, BoxRow]]:
    if field.kind != "choice" and field.box_mm is not None:
        yield f'fields "{field.name}"', field.box_mm
    for option in field.options or []:
        yield f'fields "{field.name}" options "{option.value}"', option.box_mm


def _field_problems(field: _Field, sides: Sequence[str]) -> Iterator[str]:
    where = f'fields "{field.name}"'
    if field.side is None and len(sides) > 1:
        yield f'{where}: side is missing; say "front" or "back"'
    if field.side is not None and field.side not in sides:
        yield f'{where}: side "{field.side}" is not one of this card\'s sides: {", ".join(sides)}'
    if field.kind == "choice":
        if not field.options:
            yield f"{where}: a choice needs options"
        values = [option.value for option in field.options or []]
        if len(set(values)) < len(values):
            yield f"{where}: two options have the same value"
        if field.max_choices is not None and field.max_choices > max(len(values), 1):
            yield f"{where}: max_choices is more than its {len(values)} options"
    else:
        if field.box_mm is None:
            yield f"{where}: box_mm is missing"
        if field.options is not None or field.max_choices is not None:
            yield f"{where}: options and max_choices belong to a choice, this is a {field.kind}"


def _fields_of(side: str, parsed: _File) -> Iterator[Field]:
    first = parsed.sides[0].name
    for field in parsed.fields:
        if (field.side or first) != side:
            continue
        options = tuple(Option(option.value, BoxMm(*option.box_mm)) for option in field.options or [])
        if options:
            left, top = min(o.box_mm.x for o in options), min(o.box_mm.y for o in options)
            right, bottom = max(o.box_mm.right for o in options), max(o.box_mm.bottom for o in options)
            box = BoxMm(left, top, right - left, bottom - top)
        else:
            assert field.box_mm is not None  # _field_problems has seen to it
            box = BoxMm(*field.box_mm)
        yield Field(
            field.name, side, FieldKind(field.kind), box, field.prompt, field.required, options, field.max_choices or 1
        )


def _picture(path: Path, card: _Card) -> GreyImage:
    """The blank side in grey. Raises `ConfigurationError` where it is no picture or not of the card's shape."""
    try:
        image = blank_side(path.read_bytes())
    except OSError as exc:
        raise ConfigurationError(
            f"{path}: the picture of the blank side cannot be read ({exc.strerror or exc})"
        ) from exc
    except ValueError as exc:  # of its bytes, or of a name that no file has
        raise ConfigurationError(f"{path}: {exc}") from exc
    height, width = image.shape
    stretch = (width / card.width_mm) / (height / card.height_mm)
    if abs(stretch - 1) > ASPECT_TOLERANCE:
        raise ConfigurationError(
            f"{path}: {width} × {height} pixels do not have the shape of a card of "
            f"{card.width_mm:g} × {card.height_mm:g} mm; the blank side fills the picture, {width} × "
            f"{width * card.height_mm / card.width_mm:.0f} pixels would"
        )
    if width / card.width_mm < MIN_REFERENCE_PX_PER_MM:
        raise ConfigurationError(f"{path}: {width / card.width_mm * 25.4:.0f} dpi is too coarse; 200 dpi or more")
    return image
