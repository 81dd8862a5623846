"""The data dictionary beside an export: what each of its columns is, for whoever is handed the file."""

import csv
from pathlib import Path

from scan_ingest.export.formats import not_a_formula
from scan_ingest.export.rows import SAME_AS, Exported
from scan_ingest.sql.files import whole_or_not_at_all

MEANINGS = {
    "nomination_id": ("identifier", "the same in every export"),
    "channel": ("paper or online", "a card that was posted, or the website's form"),
    "organisation": ("text", "whose nomination it is"),
    "box": ("text", "the ward where the card's box hung; empty for a form"),
    "ward": ("text", "the nominee's ward as the nomination says; on a card that says none, the box's"),
    "nominee": ("text", "who is nominated, as written"),
    "role": ("text", "the nominee's job, as written"),
    "nominator": ("text; several joined by |", "what kind of person nominates"),
    "action": ("text, may have line feeds", "how the nominee led with compassion"),
    "impact": ("text, may have line feeds", "what it meant"),
    "collected_on": ("date, YYYY-MM-DD", "the day the box was emptied, or the form sent in"),
    "reviewed_by": ("text", "who accepted the card's reading; empty for a form"),
    "reviewed_at": ("time, UTC, YYYY-MM-DDTHH:MM:SSZ", "when"),
    "source": ("text", "file#page of the card, or form#submission"),
    SAME_AS: ("identifier", "the nomination that this one is counted with: a person called the two the same"),
}
OTHER = ("text", "a field of a card or a form that has no column of its own, under its name there")
HEADER = ("column", "format", "meaning", "rows filled", "rows")


def dictionary_of(file: Path) -> Path:
    """Where the dictionary of an export lies: `nominations.xlsx.dictionary.csv`."""
    return file.with_name(f"{file.name}.dictionary.csv")


def write_dictionary(exported: Exported, file: Path) -> Path:
    """Writes the dictionary of an export beside it, as CSV that spreadsheets open. Raises `InputError`."""
    beside = dictionary_of(file)
    with whole_or_not_at_all(beside) as part, part.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened, quoting=csv.QUOTE_ALL)
        writer.writerow(HEADER)
        for name in exported.columns:
            format_, meaning = MEANINGS.get(name, OTHER)
            filled = exported.filled.get(name, 0)
            writer.writerow([not_a_formula(name), format_, meaning, filled, exported.number])
    return beside
