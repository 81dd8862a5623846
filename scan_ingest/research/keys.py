"""The key of the pseudonyms: a file of its own, kept apart from what is made with it."""

import os
import secrets
from pathlib import Path

from scan_ingest.errors import InputError, UsageError

BYTES = 32


def key_from(file: Path, *, apart_from: Path) -> bytes:
    """The key in the file; a new one is made, readable by its owner alone, where there is no file yet.

    The same key gives the same pseudonyms, so that two exports can be joined; without it nobody can try names. Raises
    `UsageError` where it would lie in the folder of the export `apart_from`, `InputError` where the file is no key.
    """
    if file.resolve().parent == apart_from.resolve().parent:
        raise UsageError(
            f"{file}: the key is kept apart from what is made with it; name a file in another folder than the export's"
        )
    try:
        if not file.exists():
            made = secrets.token_bytes(BYTES)
            with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as target:
                target.write(made.hex() + "\n")
            return made
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is no text"
        raise InputError(f"{file}: cannot be used as a key: {why}") from exc
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise InputError(
            f"{file}: is no key; a key is {2 * BYTES} hexadecimal digits, and one is made where no file is"
        )
    return key
