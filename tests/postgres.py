"""A real PostgreSQL for a test run: started on loopback from the system's package, gone at the end."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ADMIN = "card_room"
PASSWORD = "not-to-be-shown-anywhere"  # noqa: S105 - of a server that lives as long as the test run
START_SECONDS = 60
STOP_SECONDS = 30
# What a crash could lose does not matter here, and it makes the tests several times faster.
OPTIONS = (
    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
    *("-c", "shared_buffers=16MB", "-c", "max_connections=60"),
)


class PostgresMissingError(Exception):
    """PostgreSQL is not installed or does not start; the test run fails, it skips nothing."""


@dataclass
class Server:
    """A server of the tests' own; `launch` starts its process on a port."""

    port: int
    launch: Callable[[int], "subprocess.Popen[bytes]"]
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        _stop(self.process)

    def start(self) -> None:
        """With the same cluster, on the same port."""
        self.process = self.launch(self.port)
        if not _answers(self.process, self.port):
            raise PostgresMissingError("PostgreSQL does not start again")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{ADMIN}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """The address of an empty database, dropped at the end with whoever is still connected."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with self._connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield self.url(name)
        finally:
            with self._connect() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _connect(self) -> psycopg.Connection[Any]:
        return _connect(self.port)


def _connect(port: int) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host="127.0.0.1", port=port, user=ADMIN, password=PASSWORD, dbname="postgres", autocommit=True
    )


@contextmanager
def running_postgres() -> Iterator[Server]:
    """A server of its own with an empty cluster, on a free port of the loopback."""
    programs = _programs()
    home = Path(tempfile.mkdtemp(prefix="scan-ingest-postgres-"))
    server: Server | None = None
    try:
        password_file = home / "password"
        password_file.write_text(PASSWORD)
        as_user = _unprivileged(home)
        initdb: list[str | Path] = [programs / "initdb", "-D", home / "cluster", "-U", ADMIN]
        initdb += ["--pwfile", password_file, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]
        done = subprocess.run(initdb, capture_output=True, text=True, cwd=home, check=False, **as_user)
        if done.returncode != 0:
            raise PostgresMissingError(f"initdb failed: {done.stderr}")
        with (home / "log").open("wb") as log:

            def launch(port: int) -> "subprocess.Popen[bytes]":
                command: list[str | Path] = [programs / "postgres", "-D", home / "cluster", "-p", str(port), *OPTIONS]
                return subprocess.Popen(command, stdout=log, stderr=log, cwd=home, **as_user)

            for _ in range(3):  # another program can take the free port first
                port = _free_port()
                server = Server(port, launch, launch(port))
                if _answers(server.process, port):
                    break
            else:
                raise PostgresMissingError(f"PostgreSQL does not start: {(home / 'log').read_text(errors='replace')}")
            yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path:
    """Debian keeps them off PATH; elsewhere they are on it."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(folders, key=lambda folder: float(folder.parent.name), reverse=True)
    found = [folder for folder in newest_first if (folder / "initdb").is_file() and (folder / "postgres").is_file()]
    on_path = shutil.which("initdb")
    if found:
        return found[0]
    if on_path:
        return Path(on_path).resolve().parent
    raise PostgresMissingError("PostgreSQL is not installed; on Debian: apt-get install postgresql (make test does it)")


def _unprivileged(home: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then another user runs it, who owns the folder."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    for path in (home, *home.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Whether the server takes connections before it ends or the time is up."""
    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            _connect(port).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    _stop(server)
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        return
    # Fast shutdown where there is SIGINT to say so; immediate if that takes too long.
    server.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT if os.name == "posix" else signal.SIGTERM)
        server.wait(STOP_SECONDS)
