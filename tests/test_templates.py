"""Template folders: what is loaded, and what is said of a wrong one."""

import shutil
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
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    folder = folder_with(tmp_path, GOOD.replace(old, new, 1))
    text = complaint(folder)
    assert said in text
    assert str(folder) in text


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('id = "card"', 'id = "other"').replace("[5, 5, 90, 10]", "[5, 5, 99, 10]")
    assert len(complaint(folder_with(tmp_path, text)).splitlines()) == 2


def test_a_picture_of_another_shape_is_refused(tmp_path: Path) -> None:
    assert "do not have the shape of a card of 100 × 50 mm" in complaint(folder_with(tmp_path, shape=(420, 800)))


def test_a_picture_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    (folder / "front.png").write_bytes(b"not a picture")
    assert "front.png: not a picture" in complaint(folder)


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
