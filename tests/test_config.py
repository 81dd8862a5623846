"""Settings: option before environment before file."""

from pathlib import Path

import pytest

from scan_ingest.config import Settings, check_ward, find_file, load_settings
from scan_ingest.errors import ConfigurationError, UsageError


def write(folder: Path, text: str) -> Path:
    file = folder / "scan_ingest.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_option_comes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'data = "from-file"\nworkspace = "sqlite:///file.db"\ncentral = "sqlite:///file-central.db"\n')
    settings = load_settings(
        {"data": Path("from-option"), "workspace": None, "central": None},
        {"SCAN_INGEST_DATA": "from-environment", "SCAN_INGEST_WORKSPACE": "sqlite:///environment.db"},
        tmp_path,
    )
    assert settings.data == Path("from-option")
    assert settings.workspace == "sqlite:///environment.db"
    assert settings.central == "sqlite:///file-central.db"


def test_the_file_is_found_from_a_folder_below_and_its_paths_are_relative_to_it(tmp_path: Path) -> None:
    write(tmp_path, 'data = "store"\ntemplates = "cards"\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    settings = load_settings({}, {}, below)
    assert settings.data == tmp_path / "store"
    assert settings.templates == tmp_path / "cards"


def test_without_a_file_there_are_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    assert find_file(tmp_path) is None
    assert load_settings({}, {}, tmp_path) == Settings()


def test_an_unknown_key_names_the_file_the_key_and_the_nearest_known_one(tmp_path: Path) -> None:
    file = write(tmp_path, 'organization = "A"\n[limits]\npages = 3\n')
    with pytest.raises(ConfigurationError) as error:
        load_settings({}, {}, tmp_path)
    lines = sorted(str(error.value).splitlines())
    assert (
        lines[0] == f'{file}: unknown key "limits.pages"; known are pages_per_file, pixels_per_page, seconds_per_page'
    )
    assert lines[1] == f'{file}: unknown key "organization"; did you mean "organisation"?'


@pytest.mark.parametrize("text", ["data = \n", 'wards = "Ward 7"\n', "[limits]\npixels_per_page = 12\n"])
def test_a_wrong_file_is_a_configuration_error_that_names_it(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ConfigurationError, match=str(file)):
        load_settings({}, {}, tmp_path)


def test_an_unlisted_ward_is_refused_with_the_nearest_and_a_new_one_allowed() -> None:
    settings = Settings(wards=("Oak Ward", "Willow Ward"))
    assert check_ward(settings, "oak ward", new_ward=False) == "Oak Ward"
    with pytest.raises(UsageError, match='the nearest is "Willow Ward"'):
        check_ward(settings, "Wilow", new_ward=False)
    assert check_ward(settings, "Elm Ward", new_ward=True) == "Elm Ward"
    assert check_ward(Settings(), "Anything", new_ward=False) == "Anything"


def test_a_password_in_an_address_is_not_in_the_repr() -> None:
    settings = Settings(central="postgresql://clerk:hunter2@db/nominations")
    assert "hunter2" not in repr(settings)


def test_lists_stand_in_the_file_and_the_staffs_path_is_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "scan_ingest.toml").write_text(
        'wards = ["Oak"]\nroles = [" Staff Nurse "]\nstaff = "lists/staff.csv"\n'
    )
    settings = load_settings({}, {}, tmp_path)
    assert (settings.wards, settings.roles) == (("Oak",), ("Staff Nurse",))
    assert settings.staff == tmp_path / "lists" / "staff.csv"


def test_an_empty_ward_or_role_in_a_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scan_ingest.toml").write_text('roles = ["Porter", " "]\n')
    with pytest.raises(ConfigurationError, match=r'key "roles\.1"'):
        load_settings({}, {}, tmp_path)
