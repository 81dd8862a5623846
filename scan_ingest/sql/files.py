"""Files and folders that hold card data, and where they must not lie."""

import os
import sys
from pathlib import Path

from scan_ingest.errors import StoreError

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
        raise StoreError(f"{path}: the folder cannot be made: {exc.strerror}") from exc
    return path


def private_file(path: Path) -> Path:
    """Makes an empty file that only its owner can read, if there is none. Raises `StoreError` where it cannot."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        path.chmod(0o600)
    except OSError as exc:
        raise StoreError(f"{path}: the file cannot be made: {exc.strerror}") from exc
    return path


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
