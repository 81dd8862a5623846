"""The file that says which column is which field."""

from pathlib import Path

import pytest

from scan_ingest.errors import ConfigurationError, ExitCode
from scan_ingest.online import load_mapping
from tests.accepted import REPOSITORY
from tests.online.deliveries import MAPPING, write_mapping


def wrong(tmp_path: Path, text: str) -> str:
    file = write_mapping(tmp_path, text)
    with pytest.raises(ConfigurationError) as said:
        load_mapping(file)
    assert said.value.exit_code is ExitCode.CONFIGURATION
    assert all(line.startswith(f"{file}: ") for line in str(said.value).splitlines())
    return str(said.value).replace(f"{file}: ", "")


def test_a_mapping_asks_for_each_column_once(tmp_path: Path) -> None:
    mapping = load_mapping(write_mapping(tmp_path, MAPPING.replace('may_publish = "Publish"', 'again = "Ward"')))

    assert mapping.columns == ("Number", "Trust", "Who", "Ward", "What they did", "What it meant", "I am", "Sent")
    assert mapping.organisation.translate == {"ngt": "Northgate Trust", "sgt": "Southgate Trust"}


def test_the_example_of_the_documents_is_a_mapping() -> None:
    assert load_mapping(REPOSITORY / "docs" / "online-example.toml").form == "website"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('submission = "Number"', 'submision = "Number"', 'unknown key "submision"; did you mean "submission"?'),
        ('submission = "Number"', "", 'key "submission" is missing'),
        ("schema = 1", "schema = 2", 'key "schema"'),
        ('translate = { "NGT"', 'translte = { "NGT"', 'key "organisation.translte"; did you mean "translate"?'),
        ('format = "%d', 'formt = "%d', 'unknown key "submitted.formt"; did you mean "format"?'),
        ("%d/%m/%Y %H:%M", "%d/%m", 'format "%d/%m": needs day, month and year'),
        ("%d/%m/%Y %H:%M", "%d/%m/%Q", 'format "%d/%m/%Q": is no date format'),
        ('nominee = "Who"', "nominee = 3", 'key "fields.nominee" is a text or a table'),
        ('nominee = "Who"', "nominee = {}", 'fields "nominee": needs one of column, columns and constant'),
        ('nominee = "Who"', 'nominee = { column = "Who", constant = "x" }', "not column and constant"),
        ('nominee = "Who"', 'nomine = "Who"', 'fields "nomine": did you mean "nominee"?'),
        ('nominee = "Who"', '"my field" = "Who"', "a field's name is letters, digits"),
        ('others = "visitor"', 'othrs = "visitor"', 'unknown key "fields.nominator.othrs"; did you mean "others"?'),
        ('submission = "Number"', 'submission = { constant = "1" }', "would make every row one submission"),
        ('"SGT" =', '"ngt " =', "differ in capitals or spaces only"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_would_be_right(was: str, becomes: str, said: str, tmp_path: Path) -> None:
    assert was in MAPPING

    assert said in wrong(tmp_path, MAPPING.replace(was, becomes, 1))


def test_answers_are_needed(tmp_path: Path) -> None:
    without = MAPPING.replace("action =", "what =").replace("impact =", "meaning =")

    assert "at least action or impact is needed" in wrong(tmp_path, without)


@pytest.mark.parametrize("text", ["schema = ", "\x00", "a = " + "[" * 5000])
def test_a_file_that_is_no_toml_is_told(text: str, tmp_path: Path) -> None:
    assert "not a TOML file" in wrong(tmp_path, text)


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the mapping cannot be read"):
        load_mapping(tmp_path / "mapping.toml")
