"""Every key of the review screen, in one table: bindings, footer, menu and help page come from it.

Each command has a letter behind Esc, which every terminal passes on, and most a function key. Left alone are the keys
that something on the way may swallow: Ctrl-B (tmux), Ctrl-A (screen), Ctrl-W, -T, -N and F5, F11, F12 (browsers),
F10 (menus of desktop terminals), Ctrl-S and Ctrl-Q on lines with flow control are never the only way.
"""

from dataclasses import dataclass

from scan_ingest.domain.marks import Mark


@dataclass(frozen=True)
class Command:
    """`action` is the screen's; `letter` stands behind Esc; `direct` are keys that need no Esc."""

    action: str
    letter: str
    direct: tuple[str, ...]
    name: str
    meaning: str


COMMANDS = (
    Command("accept", "a", ("f2",), "accept", "accept the card as it stands"),
    Command("reject", "r", ("f3",), "reject", "reject the card, with a reason"),
    Command("set_aside", "s", ("f4",), "set aside", "leave the decision to somebody else"),
    Command("pass_over", "n", (), "later", "go on to the next card without a decision; what you typed is kept"),
    Command("previous", "p", ("f6",), "card before", "go back to the card before, as it stands"),
    Command("undo", "u", ("f7",), "undo", "take back your last decision"),
    Command("next_doubt", "w", ("tab",), "next doubt", "the next doubtful word"),
    Command("doubt_before", "v", ("shift+tab",), "doubt before", "the doubtful word before"),
    Command(
        "illegible", "i", (), "illegible", f"{Mark.ILLEGIBLE} for the word or what is selected: nobody can read it"
    ),
    Command("crossed_out", "x", (), "crossed out", f"{Mark.CROSSED_OUT} for it: the writer took it back"),
    Command("redact", "k", (), "black out", f"{Mark.REDACTED} for it: not to be passed on"),
    Command(
        "both_texts", "y", (), "other text", "somebody else's text of the field in full, where there is one; take it"
    ),
    Command(
        "identity", "l", (), "identity", "keep, redact, or say that the patient agreed: what may tell who they are"
    ),
    Command("note", "m", (), "note", "a note about the card, for whoever looks at it next; no part of any answer"),
    Command("whole_field", "f", ("f8",), "whole field", "the picture of the whole field"),
    Command("whole_card", "c", ("f9",), "whole card", "the picture of the whole card"),
    Command("attached", "t", (), "other pages", "pages that belong to this card: a letter, a note; type what they say"),
    Command("open_picture", "o", ("ctrl+o",), "open picture", "open the picture in the system's viewer"),
    Command("as_one", "e", (), "as one text", "edit the field as one text (with paragraphs), or line by line again"),
    Command("other_manner", "g", (), "dots or greys", "draw pictures in dots or in greys"),
    Command("forget", "z", (), "drop typing", "drop what you typed on this card"),
    Command("help", "h", ("f1",), "help", "this page"),
    Command("quit", "q", ("ctrl+q",), "quit", "give the card back and leave; what you typed is kept"),
)

EDITING = (
    ("Enter", "the next line; on the last one accept, or go to the first doubtful word you have not looked at"),
    ("Up  Down", "the line above, the line below"),
    ("PgUp  PgDn", "the field before, the next field"),
    ("1 2 3 …", "take a suggestion for a doubtful word you jumped to; tick or untick a box of a choice"),
    ("Esc 1 2 3 …", "take a suggestion for any word, wherever the cursor is on it"),
    ("Ctrl-Left  Ctrl-Right", "a word to the left, to the right; Esc Left and Esc Right do the same"),
    ("Esc Backspace  Esc Delete", "delete the word before the cursor, the word after it"),
    ("Home  End", "the start, the end of the line"),
    ("Shift and arrows", "select; a mark then stands for all that is selected"),
    ("Mouse", "click on a word, in its picture too, to go there; on a key's name below to press it"),
    ("Ctrl-U  Ctrl-K", "delete to the start, to the end of the line"),
    ("Ctrl-J", "a new paragraph, where a field is edited as one text"),
)

FOOTER = (
    ("Enter", "on", "go_on"),
    ("Tab", "next doubt", "next_doubt"),
    ("F2", "accept", "accept"),
    ("F3", "reject", "reject"),
    ("F4", "set aside", "set_aside"),
    ("Esc", "all keys", "menu"),
)
"""Key, name and the step of the screen's that it does; "" for keys that need a place to act on."""

WIDE_FOOTER = (
    ("Enter", "on", "go_on"),
    ("Tab", "next doubt", "next_doubt"),
    ("↑↓", "line", ""),
    ("PgUp PgDn", "field", ""),
    ("F2", "accept", "accept"),
    ("F3", "reject", "reject"),
    ("F4", "set aside", "set_aside"),
    ("F6", "card before", "previous"),
    ("F7", "undo", "undo"),
    ("F8", "whole field", "whole_field"),
    ("F9", "whole card", "whole_card"),
    ("Ctrl-O", "open picture", "open_picture"),
    ("Esc", "all keys", "menu"),
)


def spelled(key: str) -> str:
    """`ctrl+o` → `Ctrl-O`, as keys are written for people."""
    return "-".join(part.upper() if len(part) <= 2 else part.capitalize() for part in key.split("+"))


HELP = (
    EDITING,
    tuple(
        ("   ".join((f"Esc {command.letter}", *map(spelled, command.direct))), command.meaning) for command in COMMANDS
    ),
)
