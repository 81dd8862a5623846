"""Template folders: what is loaded, and what is said of a wrong one."""

import shutil
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import FieldKind
from scan_ingest.errors import ConfigurationError
from scan_ingest.templates import load_template, load_templates, shipped_templates

GOOD = """
schema = 1
id = "card"
title = "A card"
revision = 1

[card]
width_mm = 100
height_mm = 50.0

[[sides]]
name = "front"
reference = "front.png"

[[fields]]
name = "action"
kind = "text"
box_mm = [5, 5, 90, 10]
required = true

[[fields]]
name = "impact"
kind = "text"
box_mm = [5.0, 20.0, 90.0, 10.0]

[[fields]]
name = "nominator"
kind = "choice"
options = [
  { value = "patient", box_mm = [5, 35, 4, 4] },
  { value = "carer", box_mm = [25, 36, 4, 4] },
]
"""


def folder_with(tmp_path: Path, text: str = GOOD, shape: tuple[int, int] = (400, 800)) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    (folder / "template.toml").write_text(text, encoding="utf-8")
    cv2.imwrite(str(folder / "front.png"), np.full(shape, 255, dtype=np.uint8))
    return folder


def complaint(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as error:
        load_template(folder)
    return str(error.value)


def test_a_template_is_read_in_millimetres(tmp_path: Path) -> None:
    template = load_template(folder_with(tmp_path))
    assert (template.id, template.width_mm, template.height_mm) == ("card", 100.0, 50.0)
    assert template.field("action").box_mm == BoxMm(5, 5, 90, 10)
    assert template.field("action").required
    assert template.field("action").side == "front"
    choice = template.field("nominator")
    assert choice.kind is FieldKind.CHOICE
    assert choice.box_mm == BoxMm(5, 35, 24, 5)
    assert choice.max_choices == 1


@pytest.mark.parametrize("id_", ["nomination-a5", "nomination-a6"])
def test_the_shipped_templates_load(id_: str) -> None:
    (template,) = load_templates(shipped_templates(), [id_])
    assert {"action", "impact"} <= {field.name for field in template.fields}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "action"', 'name = "acton"', 'fields: a template needs a text field "action"; did you mean "acton"?'),
        ("required = true", "requird = true", 'fields "action" requird: unknown key; did you mean "required"?'),
        ('title = "A card"\n', "", "title: missing"),
        ("revision = 1", 'revision = "1"', "revision: "),
        ("width_mm = 100", "width_mm = -1", "card width_mm: "),
        ("width_mm = 100", "width_mm = nan", "card width_mm: "),
        ('id = "card"', 'id = "other"', 'id: "other" is not the folder\'s name "card"'),
        ("box_mm = [5, 5, 90, 10]", "box_mm = [5, 5, 99, 10]", 'fields "action": box_mm leaves the card'),
        ("box_mm = [5, 5, 90, 10]", "box_mm = [5, 5, 90]", 'fields "action" box_mm'),
        ("[5.0, 20.0,", "[5.0, 12.0,", 'fields "action": box_mm overlaps fields "impact"'),
        ('name = "impact"', 'name = "action"', 'fields "action": there are two of that name'),
        ('kind = "text"', 'kind = "txt"', 'fields "action" kind: '),
        ('value = "carer"', 'value = "patient"', 'fields "nominator": two options have the same value'),
        ('kind = "choice"', 'kind = "choice"\nmax_choices = 3', "max_choices is more than its 2 options"),
        ('kind = "choice"', 'kind = "code"', 'fields "nominator": box_mm is missing'),
        ('reference = "front.png"', 'reference = "back.png"', "back.png: the picture of the blank side cannot be read"),
        ('name = "front"', 'name = "back"', 'sides: one side is "front"'),
        ("schema = 1", "schema = 2", "schema: "),
        ("schema = 1", "schema = ", "not a TOML file"),
        ("schema = 1", f"schema = {'1' * 5000}", "not a TOML file"),
        ("schema = 1", f"schema = {'[' * 100_000}", "not a TOML file that can be read"),
        ('kind = "text"', 'kind = "code"', 'fields "action": is a code; a template needs a text field of that name'),
        ("box_mm = [5, 5, 90, 10]", "box_mm = [0.5, 0.5, 9, 1]", 'fields "action": box_mm is 9 × 1 mm; nobody can'),
        ("box_mm = [5, 35, 4, 4]", "box_mm = [5, 35, 0.4, 0.4]", 'options "patient": box_mm is 0.4 × 0.4 mm'),
        ("box_mm = [5, 5, 90, 10]", "box_mm = [-2, 5, 90, 10]", "the box lies from -2 to 88 across"),
        ("box_mm = [5, 5, 90, 10]", "box_mm = [5, 5, -90, 10]", "box_mm is x, y, width and height in millimetres"),
        (
            "box_mm = [5, 5, 90, 10]",
            "box_mm = [5, 5, inf, 10]",
            'fields "action" box_mm number 3: input should be a fin',
        ),
        ("box_mm = [5, 5, 90, 10]", 'box_mm = "5 5 90 10"', "box_mm is x, y, width and height in millimetres"),
        ('reference = "front.png"', 'reference = "fr\\u0000nt.png"', "null byte"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    folder = folder_with(tmp_path, GOOD.replace(old, new, 1))
    text = complaint(folder)
    assert said in text
    assert str(folder) in text


def test_more_fields_than_a_side_can_hold_are_refused(tmp_path: Path) -> None:
    more = (
        f'\n[[fields]]\nname = "f{number}"\nkind = "text"\n'
        f"box_mm = [{number % 45 * 2}, {44 + number // 45 * 2}, 2, 2]\n"
        for number in range(98)
    )
    text = complaint(folder_with(tmp_path, GOOD + "".join(more)))
    assert "fields: there are 101 on the front; a side holds at most 100" in text


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('id = "card"', 'id = "other"').replace("[5, 5, 90, 10]", "[5, 5, 99, 10]")
    assert len(complaint(folder_with(tmp_path, text)).splitlines()) == 2


def test_a_picture_of_another_shape_is_refused(tmp_path: Path) -> None:
    assert "do not have the shape of a card of 100 × 50 mm" in complaint(folder_with(tmp_path, shape=(420, 800)))


def test_fields_that_touch_each_other_or_the_edge_are_no_fault_whatever_their_decimals(tmp_path: Path) -> None:
    """8.1 + 20.1 is a hair more than 28.2 in a computer, and 8.1 + 91.9 may be more than 100."""
    text = GOOD.replace("[5, 5, 90, 10]", "[8.1, 5, 20.1, 10]").replace(
        "[5.0, 20.0, 90.0, 10.0]", "[28.2, 5, 71.8, 10.0]"
    )
    assert load_template(folder_with(tmp_path, text)).field("impact").box_mm.right == pytest.approx(100)


def test_a_file_saved_by_windows_editor_is_read(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    (folder / "template.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_template(folder).id == "card"


@pytest.mark.parametrize("kept", [0.0, 0.4])
def test_a_picture_that_is_none_or_was_cut_short_is_refused(tmp_path: Path, kept: float) -> None:
    folder = folder_with(tmp_path)
    grain = np.random.default_rng(1).integers(0, 255, (400, 800), dtype=np.uint8)
    whole = cv2.imencode(".png", grain)[1].tobytes()
    (folder / "front.png").write_bytes(whole[: int(len(whole) * kept)] or b"not a picture")
    assert "front.png: not a picture" in complaint(folder)


@pytest.mark.parametrize(("width", "height"), [(15_000, 10_000), (60_000, 30_000)])
def test_a_picture_too_large_to_unpack_is_refused_by_its_size(tmp_path: Path, width: int, height: int) -> None:
    """A few kilobytes of file can say that they are gigabytes of white."""
    folder = folder_with(tmp_path)
    size = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    (folder / "front.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    assert "pixels are too many" in complaint(folder)


def test_what_is_transparent_in_the_picture_is_paper(tmp_path: Path) -> None:
    """As a design program exports it: black where the print is, nothing elsewhere."""
    folder = folder_with(tmp_path)
    exported = np.zeros((400, 800, 4), dtype=np.uint8)
    exported[100:120, 50:700, 3] = 255
    cv2.imwrite(str(folder / "front.png"), exported)
    reference = load_template(folder).side("front").reference
    assert (reference[0, 0], reference[110, 300]) == (255, 0)


def test_a_side_must_be_named_where_there_are_two(tmp_path: Path) -> None:
    text = GOOD.replace("[[fields]]", '[[sides]]\nname = "back"\nreference = "front.png"\n\n[[fields]]', 1)
    assert 'fields "action": side is missing; say "front" or "back"' in complaint(folder_with(tmp_path, text))


def test_a_template_asked_for_by_a_wrong_name_gets_the_nearest(tmp_path: Path) -> None:
    folder_with(tmp_path)
    with pytest.raises(ConfigurationError, match='no template "crad"; did you mean "card"'):
        load_templates(tmp_path, ["crad"])


def test_a_folder_without_templates_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no template"):
        load_templates(tmp_path)
    with pytest.raises(ConfigurationError, match="no such folder"):
        load_templates(tmp_path / "absent")


def test_a_folder_of_templates_is_loaded_in_order(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    twin = tmp_path / "a-card"
    shutil.copytree(folder, twin)
    (twin / "template.toml").write_text(GOOD.replace('id = "card"', 'id = "a-card"'), encoding="utf-8")
    assert [template.id for template in load_templates(tmp_path)] == ["a-card", "card"]
