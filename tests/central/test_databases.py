"""What both databases are opened with: addresses, private files, errors that give nothing away."""

import logging
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from scan_ingest.central import open_central
from scan_ingest.errors import ExitCode, InputError, StoreError
from scan_ingest.merge import entry_of
from scan_ingest.sql import address, make_engine, on_network_share, place_of, reading, store_errors, writing
from tests.accepted import REPOSITORY, accepted, merged

SECRET = "hunter2-of-the-trust"  # noqa: S105 - it must turn up nowhere


def message(url: str | None, data: Path, *, create: bool = False) -> str:
    """What opening the store there says."""
    with pytest.raises(StoreError) as said:
        open_central(url, data, create=create)
    assert said.value.exit_code is ExitCode.STORE
    return str(said.value)


def test_each_test_gets_an_empty_database(store_url: str) -> None:
    engine = make_engine(address(store_url))
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_address_gets_the_driver_that_is_installed(scheme: str) -> None:
    assert address(f"{scheme}://sam@db.example/cards").drivername == "postgresql+psycopg"


def test_a_place_is_named_without_user_password_or_options() -> None:
    url = address(f"postgresql://sam:{SECRET}@db.example:5433/cards?password={SECRET}&application_name=x")

    assert place_of(url) == "postgresql://db.example:5433/cards"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://sam:{SECRET}@127.0.0.1:1/cards",
        f"postgresql://127.0.0.1:1/cards?password={SECRET}",
        f"postgresql://sam:p@{SECRET}@127.0.0.1:1/cards",
        f"postgresql://sam:{SECRET}@127.0.0.1:port/cards",
        f"postgresql://sam:{SECRET}@127.0.0.1:1/cards?no_such_option=1",
        f"postgresql://sam:{SECRET}@127.0.0.1:1/cards?sslmode=nonsense",
        f"nosuchbase://sam:{SECRET}@127.0.0.1/cards",
        f"mysql://sam:{SECRET}@127.0.0.1/cards",
        f"sam:{SECRET}",
    ],
)
def test_an_address_that_does_not_work_never_gives_its_password_away(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    said = message(url, tmp_path, create=True)

    assert "\n" not in said
    assert SECRET not in said + caplog.text


def test_a_wrong_password_is_told_without_it(postgres_url: str, tmp_path: Path) -> None:
    said = message(
        address(postgres_url).set(password=SECRET).render_as_string(hide_password=False), tmp_path, create=True
    )

    assert "password authentication failed" in said
    assert SECRET not in said


def test_an_error_in_a_statement_does_not_repeat_what_patients_wrote(store_url: str) -> None:
    engine = make_engine(address(store_url))
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE words (word TEXT PRIMARY KEY)")
    words = sa.table("words", sa.column("word"))

    with pytest.raises(sa.exc.IntegrityError) as bug, writing(engine) as connection:
        connection.execute(words.insert(), [{"word": "Nurse Ada held my hand"}] * 2)

    assert "[SQL parameters hidden" in str(bug.value)
    engine.dispose()


def test_half_a_character_is_refused_in_words(store_url: str, tmp_path: Path) -> None:
    with open_central(store_url, tmp_path, create=True) as central:
        with pytest.raises(InputError, match="bytes that are no characters"):
            merged(central, replace(accepted(1), reviewed_by="a\udcff"))
        assert central.count() == 0


def test_the_character_that_postgresql_keeps_not_is_refused_in_words(postgres_url: str, tmp_path: Path) -> None:
    with open_central(postgres_url, tmp_path, create=True) as central:
        with pytest.raises(InputError, match="the character NUL"):
            merged(central, replace(accepted(1), reviewed_by="a\0"))
        assert central.count() == 0


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:cards.db?uri=true"])
def test_a_store_that_would_forget_everything_is_refused(url: str, tmp_path: Path) -> None:
    assert "a SQLite store is a file" in message(url, tmp_path, create=True)


def test_the_default_store_is_private(tmp_path: Path) -> None:
    with open_central(None, tmp_path, create=True) as central:
        merged(central, accepted(1))  # the files beside it are there only while it is open
        bits = 0o777 if os.name == "posix" else 0  # Windows keeps no such modes
        assert (tmp_path / "central").stat().st_mode & bits == 0o700 & bits
        for file in (tmp_path / "central").iterdir():
            assert file.stat().st_mode & bits == 0o600 & bits


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    said = message(None, tmp_path / "wrong folder")

    assert str(tmp_path / "wrong folder" / "central" / "central.db") in said
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_no_store(store_url: str, tmp_path: Path) -> None:
    assert "no nominations store here" in message(store_url, tmp_path)


def test_a_store_that_was_made_can_be_opened(store_url: str, tmp_path: Path) -> None:
    open_central(store_url, tmp_path, create=True).close()
    with open_central(store_url, tmp_path, create=False) as central:
        assert central.count() == 0


def test_a_newer_store_is_refused(store_url: str, tmp_path: Path) -> None:
    open_central(store_url, tmp_path, create=True).close()
    engine = make_engine(address(store_url))
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE central_version SET version_num = '9999'")
    engine.dispose()

    for create in (True, False):
        assert "newer than this program" in message(store_url, tmp_path, create=create)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear ward, " * 1000)

    assert f"{file}: file is not a database" in message(f"sqlite:///{file}", tmp_path)
    assert file.read_text() == "Dear ward, " * 1000


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    assert "this is a folder" in message(f"sqlite:///{tmp_path}", tmp_path, create=True)


def test_several_programs_may_make_the_store_at_once(store_url: str, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from scan_ingest.central import open_central; "
        "print(open_central(sys.argv[1], Path(sys.argv[2]), create=True).count())"
    )
    command = [sys.executable, "-c", script, store_url, str(tmp_path)]
    programs = [
        subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    assert [program.communicate() for program in programs] == [("0\n", "")] * 3


def test_a_reader_keeps_no_writer_waiting(store_url: str, tmp_path: Path) -> None:
    open_central(store_url, tmp_path, create=True).close()
    engine = make_engine(address(store_url))
    count = sa.text("SELECT count(*) FROM central_version")
    with reading(engine) as reader:
        before = reader.execute(count).scalar_one()
        with writing(engine) as writer:
            writer.exec_driver_sql("DELETE FROM central_version")
    with reading(engine) as reader:
        after = reader.execute(count).scalar_one()
    engine.dispose()

    assert (before, after) == (1, 0)


def cut_off_everybody(postgres_url: str) -> None:
    """Ends every other connection to the database."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_server_that_goes_away_is_told_as_a_store_that_failed(postgres_url: str, tmp_path: Path) -> None:
    def merge_while_it_goes() -> None:
        with central.merging() as transaction:
            cut_off_everybody(postgres_url)
            transaction.standing([entry_of(accepted(1)).id])

    with open_central(postgres_url, tmp_path, create=True) as central:
        with pytest.raises(StoreError, match="terminating connection") as said:
            merge_while_it_goes()
        assert central.place in str(said.value)
        assert central.count() == 0  # it is back


def test_a_locked_file_is_told(tmp_path: Path) -> None:
    url = address(f"sqlite:///{tmp_path / 'store.db'}")
    open_central(str(url), tmp_path, create=True).close()
    holder = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    impatient = sa.create_engine(url, connect_args={"timeout": 0})
    with (
        pytest.raises(StoreError, match=r"store\.db: database is locked"),
        store_errors(url),
        impatient.begin() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM central_version")
    impatient.dispose()
    holder.close()


def test_a_local_folder_is_no_network_share(tmp_path: Path) -> None:
    assert not on_network_share(tmp_path / "store.db")
