"""`queue export FILE.xlsx`: a row a card with a picture of its fields, to be corrected in a spreadsheet and imported.

What only names the card is locked, as is a cell of a field that the card has not. The sheet is locked without a
password, against mishaps: what comes back is checked all the same.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

from scan_ingest.domain.card import CardState
from scan_ingest.domain.cells import FORMULA, as_written, fits_a_cell
from scan_ingest.domain.identity import CardFindings
from scan_ingest.domain.rejection import OTHER, REASONS
from scan_ingest.domain.review import Decision
from scan_ingest.errors import InputError
from scan_ingest.exchange.crops import crops_of, in_one_picture
from scan_ingest.exchange.port import ExchangeDesk
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import QueuedCard
from scan_ingest.sql.files import whole_or_not_at_all

HELD_BACK = "held_back"  # what holds the card back from the store, for who answers in the column of identities
BEFORE = ("card_id", "version", "state", "pages", HELD_BACK, "picture")
AFTER = ("decision", "reason", "note", "identity")
SHEET = "cards"
CARDS = 1000  # in one workbook: their pictures take some 60 MB, and a spreadsheet is slow with more
SHOWN_PX = (560, 540)  # a picture's width and height at most; a row is at most 409 points (545 pixels) high
SAVED_PX = 1120  # its width in the file: twice what is shown, to look closer
POINTS_PER_PX = 0.75
CHARACTER_PX = 7.0  # what a column's width is counted in
WIDTHS = {"card_id": 23, "state": 11, "pages": 16, HELD_BACK: 18, "decision": 12}
LONG_FIELD = 60  # characters, of a field whose box takes more than one line
USUAL = 22
LIST_CHARACTERS = 255  # that a drop-down list takes
ONE_LINE_MM = 15.0  # a box that is lower holds one line of handwriting
LOCKED = PatternFill("solid", start_color="EEEEEE")
DOUBTED = PatternFill("solid", start_color="FFF2CC")


def column_of(field: str) -> str:
    """What a field's column is called: by its name, unless another column is."""
    return f"field_{field}" if field in (*BEFORE, *AFTER) else field


def export_workbook(
    desk: ExchangeDesk,
    file: Path,
    *,
    states: Collection[CardState] = (),
    batch_id: str | None = None,
    staff: Collection[str] = (),
    going_out: Callable[[], None] = lambda: None,
) -> int:
    """Writes the workbook, readable by its owner only; how many cards. It appears when it is whole; `going_out` is
    called before its first byte is written. `staff` are names that hold no card back.

    Raises `InputError` where it cannot be written, or a workbook cannot hold it.
    """
    cards = []
    for card in desk.cards(states, batch_id):
        cards.append(card)
        if len(cards) > CARDS:
            raise InputError(
                f"{file}: a workbook takes {CARDS} cards with their pictures, there are more; narrow it with --state "
                "or --batch, or export JSON lines"
            )
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)  # a new workbook has one
    held = {found.card_id: held_back(found) for found in desk.identities(staff, batch_id=batch_id)}
    _fill(desk, sheet, cards, held, file)
    with whole_or_not_at_all(file) as part:
        going_out()
        workbook.save(part)
    return len(cards)


def _fill(
    desk: ExchangeDesk, sheet: Worksheet, cards: Sequence[QueuedCard], held: Mapping[str, str], file: Path
) -> None:
    notes_of = {card.id: desk.field_notes(card.id) for card in cards}
    columns = _columns(notes_of.values())
    names = [*BEFORE, *columns, *AFTER]
    letters = {name: get_column_letter(number) for number, name in enumerate(names, start=1)}
    sheet.title = SHEET
    for name, letter in letters.items():
        cell = sheet[f"{letter}1"]
        cell.value, cell.data_type, cell.font = as_written(name), "s", Font(bold=True)
        sheet.column_dimensions[letter].width = WIDTHS.get(name, columns.get(name, USUAL))
    widest = 0.0
    for row, card in enumerate(cards, start=2):
        notes = {column_of(note.name): note for note in notes_of[card.id]}
        for name, letter in letters.items():
            try:
                note = notes.get(name)
                text = card.texts.get(note.name, "") if note else _head(card, held).get(name, "")
                _write(sheet[f"{letter}{row}"], text, card, note, is_open=note is not None or name in AFTER)
            except ValueError as exc:
                raise InputError(f"{file}: card {card.id}: {exc}; export JSON lines instead") from None
        picture = in_one_picture(list(crops_of(desk, card.id, notes_of[card.id])))
        shown = _put_picture(sheet, picture, f"{letters['picture']}{row}")
        sheet.row_dimensions[row].height = max(60, shown.height * POINTS_PER_PX + 4)
        widest = max(widest, shown.width)
    sheet.column_dimensions[letters["picture"]].width = widest / CHARACTER_PX + 2
    sheet.column_dimensions[letters["version"]].hidden = True  # it says nothing to people
    _add_lists(sheet, letters, [notes_of[card.id] for card in cards])
    sheet.freeze_panes = "B2"
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "formatCells", "sort", "autoFilter"):
        setattr(sheet.protection, allowed, False)  # false is "not locked"


def _columns(all_notes: Iterable[Sequence[FieldNote]]) -> dict[str, int]:
    """The columns of the fields in the order of the templates, with their widths in characters."""
    columns: dict[str, int] = {}
    for notes in all_notes:
        for note in notes:
            width = LONG_FIELD if note.kind == "text" and note.box_mm.height > ONE_LINE_MM else USUAL
            columns[column_of(note.name)] = max(width, columns.get(column_of(note.name), 0))
    return columns


def held_back(found: CardFindings) -> str:
    """The fields that hold a card back, a line each, with what was found in them and never the words."""
    kinds = {
        one.field: dict.fromkeys(each.kind for each in one.findings if each.holds) for one in found.fields if one.holds
    }
    return "\n".join(f"{field}: {', '.join(of_field)}" for field, of_field in kinds.items())


def _write(cell: Cell, text: str, card: QueuedCard, note: FieldNote | None, *, is_open: bool) -> None:
    """A card's cell; `note` is the field it is for, if it is one.

    As text, whatever it looks like; also to whoever edits it, who would otherwise lose a leading apostrophe or start a
    formula. Raises `ValueError` for a text that is too long.
    """
    if not fits_a_cell(text):
        raise ValueError("a text of it is longer than a workbook's cell")
    if text:
        cell.value = as_written(text)
        cell.data_type = "s"
    cell.number_format = "@"  # what is typed over it stays text, too: no numbers, no dates
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.quotePrefix = bool(FORMULA.match(text)) or text.startswith("'")
    cell.protection = Protection(locked=not is_open)
    if not is_open:
        cell.fill = LOCKED
    elif note and not card.reviewed_by and (reading := card.readings.get(note.name)) and reading.doubt:
        cell.fill = DOUBTED


def _head(card: QueuedCard, held: Mapping[str, str]) -> dict[str, str]:
    """What names the card; `version` is the review that stands, so that nobody's later one is overwritten."""
    pages = ", ".join(dict.fromkeys(str(page.ref) for page in card.pages))
    return {
        "card_id": card.id,
        "version": str(card.review or 0),
        "state": card.state.value,
        "pages": pages,
        HELD_BACK: held.get(card.id, ""),
    }


def _put_picture(sheet: Worksheet, picture: Image.Image, where: str) -> SheetImage:
    """The picture as it is shown: its width and height are the sheet's pixels."""
    if picture.width > SAVED_PX:
        picture = picture.resize((SAVED_PX, max(1, round(picture.height * SAVED_PX / picture.width))))
    content = BytesIO()
    picture.save(content, "JPEG", quality=80)
    scale = min(SHOWN_PX[0] / picture.width, SHOWN_PX[1] / picture.height, 1.0)
    image = SheetImage(content)
    image.width, image.height = picture.width * scale, picture.height * scale
    sheet.add_image(image, where)
    return image


def _add_lists(sheet: Worksheet, letters: Mapping[str, str], notes_of: Sequence[Sequence[FieldNote]]) -> None:
    """Drop-down lists: decisions, the usual reasons (others can be typed), and the options of choices.

    Cards whose choices differ have lists of their own. A choice that takes several values takes other text, too.
    """
    decisions = DataValidation("list", formula1=_listed([decision.value for decision in Decision]), allow_blank=True)
    decisions.errorTitle, decisions.error, decisions.showErrorMessage = "decision", "accept, reject or set-aside", True
    reasons = DataValidation("list", formula1=_listed([*REASONS, OTHER]), allow_blank=True, showErrorMessage=False)
    for validation, name in ((decisions, "decision"), (reasons, "reason")):
        validation.add(f"{letters[name]}2:{letters[name]}{max(2, len(notes_of) + 1)}")
    choices: dict[tuple[str, tuple[str, ...]], DataValidation] = {}
    for row, notes in enumerate(notes_of, start=2):
        for note in notes:
            listed = _listed(note.options)
            if not note.options or len(listed) > LIST_CHARACTERS or any("," in option for option in note.options):
                continue  # what a list in a workbook cannot hold
            strict = note.max_choices == 1
            one = DataValidation("list", formula1=listed, allow_blank=True, showErrorMessage=strict)
            choices.setdefault((note.name, note.options), one).add(f"{letters[column_of(note.name)]}{row}")
    for validation in (decisions, reasons, *choices.values()):
        sheet.add_data_validation(validation)


def _listed(values: Collection[str]) -> str:
    return '"' + ",".join(values).replace('"', '""') + '"'
