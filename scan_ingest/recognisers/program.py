"""A program asked one question: bytes in, bytes out, bounded in time and memory, and nothing of it runs on."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO

from scan_ingest.errors import SkipError

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows: no console window flashing up for every field
PIECE = 65536  # bytes read at once
LOOK_EVERY = 0.2  # seconds, at a program that ended while what it started holds on to its output


def ask_program(command: Sequence[str], given: bytes, *, seconds: float, most: int) -> bytes:
    """What the program writes to its standard output, having read `given`.

    Raises `SkipError` where it fails, takes longer than that or answers with more than `most` bytes, and `OSError`
    where it cannot be started. However it ends, what it started itself is ended too; also where this process is told
    to end meanwhile (SIGTERM).
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it may hold anything, and as much of it
        creationflags=NO_WINDOW,
        start_new_session=True,  # a group of its own, so that all of it can be ended
    )
    assert process.stdin is not None
    assert process.stdout is not None
    answer = bytearray()
    giving = threading.Thread(target=_give, args=(process.stdin, given), daemon=True)
    taking = threading.Thread(target=_take, args=(process.stdout, answer, most), daemon=True)
    with _ended_at_last(process):
        giving.start()
        taking.start()
        until = time.monotonic() + seconds
        while taking.is_alive() and process.poll() is None and (left := until - time.monotonic()) > 0:
            taking.join(min(left, LOOK_EVERY))
        if not taking.is_alive() and len(answer) <= most:  # it has closed its output, so it is about to end
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(until - time.monotonic(), 0.0))
        status = process.returncode
    giving.join()
    taking.join()
    if len(answer) > most:
        raise SkipError(f"{command[0]} answered with more than {most} bytes")
    if status is None:
        raise SkipError(f"{command[0]} took longer than {seconds:g} seconds")
    if status != 0:
        raise SkipError(f"{command[0]} failed (status {status})")
    return bytes(answer)


def _give(pipe: IO[bytes], data: bytes) -> None:
    with suppress(OSError), pipe:  # it may end, or close its input, before it has read all
        pipe.write(data)


def _take(pipe: IO[bytes], answer: bytearray, most: int) -> None:
    with pipe:
        while len(answer) <= most and (piece := os.read(pipe.fileno(), PIECE)):
            answer += piece


@contextmanager
def _ended_at_last(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """At the end of this, however it comes, the process and all of its group are gone."""

    def end_both(number: int, frame: FrameType | None) -> None:
        _end(process)
        if callable(before):
            before(number, frame)
        else:
            sys.exit(128 + number)

    in_main = threading.current_thread() is threading.main_thread()  # only there may a signal be listened to
    before = signal.signal(signal.SIGTERM, end_both) if in_main else None
    try:
        yield
    finally:
        _end(process)
        process.wait()
        if in_main:
            signal.signal(signal.SIGTERM, before)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends it and what it started. Its number is its own until it is waited for, and its group's while any of the group
    runs; where it is neither, there is nothing to end."""
    if sys.platform == "win32":
        if process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],
                capture_output=True,
                creationflags=NO_WINDOW,
                check=False,
            )
            process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):  # macOS refuses where all of the group has ended
        os.killpg(process.pid, signal.SIGKILL)
