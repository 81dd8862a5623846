"""An address that does not lead to a store: one clear line, exit 6, and its password nowhere."""

import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from scan_ingest.errors import ExitCode, UsageError
from tests.cli.commands import run
from tests.online.deliveries import submission, write_csv, write_mapping
from tests.postgres import PASSWORD

OTHER = "hunter2-of-the-trust"
COMMANDS = (("stats",), ("import-online", "d.csv", "--mapping", "mapping.toml"), ("merge",))

Change = Callable[[str], str]


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder with a file in it that is no database."""
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "d.csv", [submission(1)])
    write_mapping(tmp_path)


WRONG: dict[str, tuple[Change, str]] = {
    "port": (lambda url: url.replace(url.rsplit(":", 1)[1].split("/")[0], "1"), "is the server running, and the port"),
    "host": (lambda url: url.replace("127.0.0.1", "no-such-host.invalid"), "is the address right?"),
    "user": (lambda url: url.replace("card_room", "nobody"), "are the user and the password right?"),
    "password": (lambda url: url.replace(PASSWORD, OTHER), "are the user and the password right?"),
    "no password": (lambda url: url.replace(f":{PASSWORD}", ""), "it asks for a password"),
    "database": (lambda url: f"{url}x", "does not exist"),
    "option": (lambda url: f"{url}?no_such_option=1", 'invalid connection option "no_such_option"'),
    "port in words": (lambda url: url.replace("127.0.0.1:", "127.0.0.1:port"), "cannot be understood"),
    "NUL in the password": (lambda url: url.replace(PASSWORD, f"{OTHER}%00x"), "a control character"),
    "another database": (lambda url: url.replace("postgresql+psycopg", "mysql"), "no such kind of store"),
    "another driver": (lambda url: url.replace("psycopg", "no_such_driver"), "no_such_driver"),
    "no address": (lambda _: "hello", "cannot be understood"),
    "a file that is no database": (
        lambda _: "sqlite:///d.csv",
        "d.csv: file is not a database, so it is no nominations store",
    ),
    "a folder": (lambda _: "sqlite:////", "is a file, this is a folder"),
    "options of a file": (lambda _: "sqlite:///x.db?mode=ro&timeout=soon", "a file, without options"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_address_is_one_line(what: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, says = WRONG[what]
    monkeypatch.setenv("SCAN_INGEST_CENTRAL", change(postgres_url))
    for command in COMMANDS[:2]:
        done = run(*command)
        assert done.code == ExitCode.STORE
        (line,) = done.err.splitlines()
        assert says in line
        assert not [word for word in (PASSWORD, OTHER) if word in done.err + done.out]


def test_a_file_that_is_no_database_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "d.csv"
    file.chmod(0o644)
    before = file.read_bytes(), file.stat().st_mode, sorted(tmp_path.iterdir())
    monkeypatch.setenv("SCAN_INGEST_CENTRAL", "sqlite:///d.csv")

    assert run(*COMMANDS[1]).code == ExitCode.STORE

    assert (file.read_bytes(), file.stat().st_mode, sorted(tmp_path.iterdir())) == before


def test_a_login_without_rights_is_one_line(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCAN_INGEST_CENTRAL", postgres_url)
    assert run(*COMMANDS[1]).code == 0
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(f"CREATE ROLE without_rights LOGIN PASSWORD '{OTHER}'")
        monkeypatch.setenv(
            "SCAN_INGEST_CENTRAL", postgres_url.replace(f"card_room:{PASSWORD}", f"without_rights:{OTHER}")
        )
        for command in COMMANDS[:2]:
            done = run(*command)
            assert (done.code, done.err.count("\n")) == (ExitCode.STORE, 1)
            assert "this login may not do that" in done.err
            assert OTHER not in done.err
        owner.execute("DROP ROLE without_rights")


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://sam:{OTHER}@127.0.0.1/cards",
        f"postgresql://sam:a/b{OTHER}@127.0.0.1/cards",
        f"postgresql://sam:a#b?{OTHER}@127.0.0.1/cards",
        f"postgresql://127.0.0.1/cards?sslmode=prefer&password={OTHER}",
        f"postgresql://127.0.0.1/cards?sslpassword={OTHER}",
        f"postgresql://sam:[{OTHER}@127.0.0.1/cards",
    ],
)
@pytest.mark.parametrize("command", [("--central", "", "stats"), ("--workspace", "", "batches"), ("merge", "--into")])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(address: str, command: tuple[str, ...]) -> None:
    line = [address if part == "" else part for part in (*command, *([""] if command[-1] == "--into" else []))]

    done = run(*line)

    assert done.code == UsageError.exit_code
    assert "a password does not belong on the command line" in done.err
    assert OTHER not in done.err + done.out


def test_no_program_that_runs_shows_the_password(postgres_url: str, tmp_path: Path) -> None:
    """Neither ours nor one that it starts: it is nowhere in the list of running programs while a command works."""
    secret = f"secret-{uuid.uuid4().hex}"
    name = f"owner_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD '{secret}'")
        url = postgres_url.replace(f"card_room:{PASSWORD}", f"{name}:{secret}")
        with subprocess.Popen(
            [sys.executable, "-m", "scan_ingest", "--data", str(tmp_path), *COMMANDS[1]],
            env={"PATH": "/usr/bin:/bin", "SCAN_INGEST_CENTRAL": url, "PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            seen = ""
            while program.poll() is None:
                seen += subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
                time.sleep(0.05)
            out, err = program.communicate()
        owner.execute(f"REASSIGN OWNED BY {name} TO card_room")
        owner.execute(f"DROP ROLE {name}")
    assert (program.returncode, err) == (0, ""), out
    assert "import-online" in seen
    assert secret not in seen + out
