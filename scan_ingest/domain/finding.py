"""What a check of the program's surroundings found."""

from dataclasses import dataclass
from enum import StrEnum

from scan_ingest.errors import ExitCode


class State(StrEnum):
    FINE = "fine"
    NOTE = "note"  # nothing is wrong, but worth knowing
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What one check found: `says` what is there or wrong, `remedy` what to do here. `exit_code` counts where wrong."""

    what: str
    state: State
    says: str
    remedy: str = ""
    exit_code: ExitCode = ExitCode.TOOL_MISSING
