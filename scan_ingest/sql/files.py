"""Files and folders that hold card data, and where they must not lie."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scan_ingest.errors import InputError, StoreError

# 9p is left out: containers and sandboxes show local disks as 9p.
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "ceph", "glusterfs", "lustre", "davfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.davfs2"}
)


def private_folder(path: Path) -> Path:
    """Makes a folder of the program's own that only its owner can enter (on Windows: as its parent says), and the
    folders above it that are not there yet.

    Raises `StoreError` where it cannot be made.
    """
    try:
        for folder in [missing for missing in reversed(path.parents) if not missing.exists()]:
            folder.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o700)
    except OSError as exc:
        raise StoreError(f"{path}: the folder cannot be made: {exc.strerror or exc}") from exc
    return path


def private_file(path: Path) -> Path:
    """Makes an empty file that only its owner can read, if there is none. Raises `StoreError` where it cannot."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        path.chmod(0o600)
    except OSError as exc:
        raise StoreError(f"{path}: the file cannot be made: {exc.strerror or exc}") from exc
    return path


BESIDE = ("", "-wal", "-shm", "-journal")
"""SQLite reads these beside the file, and believes them."""


def refuse_shared(path: Path, what: str) -> None:
    """Raises `StoreError` where others own a SQLite store or could change it: the file, those beside it, the folder.

    On Windows nothing is asked: files there have the rights of their folder, and a user's own folders are theirs.
    """
    for wrong in what_others_may(path):
        raise StoreError(f"{wrong}; a {what} is its owner's alone")


def what_others_may(path: Path) -> Iterator[str]:
    """In words, each with what to type: how others own the SQLite file or could change it; behind a link, what it leads
    to: SQLite keeps its files beside that."""
    if os.name == "nt":
        return
    me = os.geteuid()
    for place in dict.fromkeys((path.absolute(), path.resolve())):
        yield from _of_files(place, me)
        yield from _of_folder(place.parent, me)


def _of_files(path: Path, me: int) -> Iterator[str]:
    for file in (path.with_name(path.name + end) for end in BESIDE):
        try:
            told = file.stat()
        except FileNotFoundError:
            continue
        except OSError as exc:
            yield f"{file}: cannot be looked at: {exc.strerror or exc}"
            continue
        if told.st_uid != me:
            yield f"{file}: belongs to somebody else (user {told.st_uid}); work as that user, or `chown` it"
        elif told.st_mode & 0o022:
            yield f"{file}: others can write to it; `chmod 600 {file}`"


def _of_folder(folder: Path, me: int) -> Iterator[str]:
    told = folder.stat()
    if told.st_uid not in (me, 0):
        yield f"{folder}: the folder belongs to somebody else (user {told.st_uid}); keep it in one of your own"
    elif told.st_mode & 0o022 and not told.st_mode & stat.S_ISVTX:
        # In a folder with the sticky bit, as /tmp, others can add files but not replace ours.
        yield f"{folder}: others can write to the folder; `chmod 700 {folder}`"


def who_may_look(place: Path) -> Iterator[Path]:
    """The file, or the folder and everything under it, as far as others than the owner can look into it."""
    for path in (place, *sorted(place.rglob("*"))):
        if not path.is_symlink() and path.stat().st_mode & 0o077:
            yield path


def on_network_share(path: Path) -> bool:
    """Whether the file lies on a drive of another machine, where SQLite's locks cannot be relied on."""
    path = path.resolve()
    if sys.platform == "win32":
        import ctypes

        remote = 4  # DRIVE_REMOTE
        return path.drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == remote
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return False
    kind = ""
    longest = -1
    for line in mounts.read_text(errors="replace").splitlines():
        _, folder, file_system, *_ = line.split(" ")
        folder = folder.replace("\\040", " ")
        if len(folder) > longest and path.is_relative_to(folder):
            kind, longest = file_system, len(folder)
    return kind in NETWORK_FILE_SYSTEMS


@contextmanager
def whole_or_not_at_all(file: Path) -> Iterator[Path]:
    """A file beside `file` to be written, 0600, which takes its place at the end. Raises `InputError` where it cannot
    be written."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=f".part{file.suffix}")
        os.close(handle)
    except OSError as exc:
        raise InputError(f"{file}: cannot be written: {exc.strerror or exc}") from exc
    part = Path(name)
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(file)
    except OSError as exc:
        raise InputError(f"{file}: cannot be written: {exc.strerror or exc}; is it open in another program?") from exc
    finally:
        part.unlink(missing_ok=True)
