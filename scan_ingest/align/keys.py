"""Every key of the screen for placing by hand: bindings, footer and help page come from this table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """`action` is the screen's; `keys` are Textual's names, `shown` is how they are written for people."""

    action: str
    keys: str
    shown: str
    name: str
    meaning: str


COMMANDS = (
    Command(
        "corner", "tab", "Tab", "next corner", "the next corner, after the fourth all together; 1 to 4 and 0 choose"
    ),
    Command("step", "plus,equals_sign", "+", "larger step", "larger steps: 1, 4, 16, 64 pixels"),
    Command("step_down", "minus", "-", "smaller step", "smaller steps"),
    Command(
        "template",
        "t",
        "t",
        "template",
        "choose the template and side, and put the outline where that side seems to lie",
    ),
    Command(
        "turn", "r", "r", "turn", "turn the page a quarter clockwise: the corner that is top left then is number 1"
    ),
    Command("fit", "f", "f", "fit", "move the corners so that the print lies where it should"),
    Command("numbers", "n", "n", "type corners", "type the corners as numbers, in pixels of the page as scanned"),
    Command(
        "mark",
        "m",
        "m",
        "mark in editor",
        "write the page to a picture, mark the corners in an image editor, read it back",
    ),
    Command("close", "z", "z", "closer", "look closer at the corner, or at the whole page again"),
    Command("manner", "g", "g", "dots or greys", "draw the page in dots or in greys"),
    Command("result", "enter,v", "Enter", "result", "see the side as it would be read; from there it is accepted"),
    Command("blank", "b", "b", "blank", "this page is blank"),
    Command("foreign", "x", "x", "foreign", "this is a foreign sheet, no card at all"),
    Command("attach", "c", "c", "card", "this page belongs to a card: writing overleaf, a letter, a note"),
    Command("nothing_more", "e", "e", "nothing more", "the cards found on this page (green) are all there is on it"),
    Command("undo", "u", "u", "undo", "take back what was said of this page, or of the last one"),
    Command("next", "right_square_bracket,pagedown", "PgDn", "later", "the next page; this one is left as it is"),
    Command("previous", "left_square_bracket,pageup", "PgUp", "page before", "the page before"),
    Command("help", "f1,question_mark", "?", "help", "this page"),
    Command("quit", "q,ctrl+q", "q", "quit", "leave; what was accepted is kept"),
)

MOVING = (
    ("arrows", "move the corner (or all) by one step"),
    ("Shift-arrows", "by ten steps"),
)
HELP = (MOVING, tuple((command.shown, command.meaning) for command in COMMANDS))
FOOTER = ("result", "template", "turn", "fit", "blank", "foreign", "attach", "help")
WIDE_FOOTER = (
    "corner",
    "template",
    "turn",
    "fit",
    "mark",
    "close",
    "result",
    "blank",
    "foreign",
    "attach",
    "undo",
    "next",
    "help",
)
