"""Files out of a Debian package, without installing it."""

import io
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path


def files_of(package: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files whose path matches, in the order of their names. Needs dpkg-deb."""
    archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in sorted(members.getmembers(), key=lambda member: member.name):
            file = members.extractfile(member) if member.isfile() and re.search(pattern, member.name) else None
            if file is not None:
                yield Path(member.name).name, file.read()
