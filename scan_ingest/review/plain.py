"""The review with prompts only: for screen readers, dumb terminals and pipes. The same session, a line at a time."""

import re
from collections.abc import Callable, Iterable

from scan_ingest.domain.identity import Answer
from scan_ingest.domain.marks import Mark
from scan_ingest.domain.rejection import OTHER, REASONS
from scan_ingest.domain.template import FieldKind
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import StoreError
from scan_ingest.review import spoken
from scan_ingest.review.answered import NoAnswerError, answered
from scan_ingest.review.attached import text_fields
from scan_ingest.review.captions import sentence, with_others
from scan_ingest.review.identities import pieces_of
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.session import Session
from scan_ingest.review.two_texts import ANSWERS
from scan_ingest.terminal.hangup import LeaveError, converse

HELP = """\
Enter alone keeps a line. Text replaces it. Other answers:
  /wrong/right   replaces a part of the line
  =              empties the line
  "text          replaces the line with text, whatever it begins with
  :1 :2 …        takes that suggestion
  :i word        [?] for that word: nobody can read it
  :x word        [crossed-out] for it: the writer took it back
  :k word        [redacted] for it: not to be passed on
  :b             back to the line before
  :a             accept the card as it stands
  :r             reject it, with a reason
  :s             set it aside for somebody else
  :n             leave it for later, without a decision
  :p             the card before
  :u             take back your last decision
  :l             settle what may tell who a patient is: keep, consent, redact
  :m words       a note about the card, for whoever looks at it next
  :f             say the whole field
  :c             say the whole card
  :y             take somebody else's text of the field, where there is one
  :t             type what another page says that belongs to this card
  :z             drop what you typed on this card
  :q             leave; what you typed is kept
  :?             this help
A choice is answered with the numbers of its boxes (0 for none)."""

MARKS = {"i": Mark.ILLEGIBLE, "x": Mark.CROSSED_OUT, "k": Mark.REDACTED}
REASONS_PROMPT = "reason (a number, or words of your own; Enter alone goes back)> "


def review_in_prompts(session: Session, ask: Callable[[str], str] = input, say: Callable[[str], None] = print) -> None:
    """Runs the session, which was started, until nothing is left or the reviewer leaves; then gives its cards back.
    Raises `StoreError` where the workspace cannot be asked for the next card.

    `ask` prints a prompt and returns the answer, and raises `EOFError` at the end of input, which leaves too. A dropped
    line (see `leaving_on_hangup`) leaves without a word.
    """
    converse(
        _Conversation(session, ask, say).run,
        say,
        session.close,
        lambda: f"{session.progress().done} done in this sitting.",
    )


class _Conversation:
    def __init__(self, session: Session, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
        self._session, self._ask_for, self._say = session, ask, say
        self._told = ""  # the card that was announced

    def run(self) -> None:
        self._say("Review. :? explains the answers, :q leaves.")
        while (card := self._session.card) is not None:
            self._announce(card)
            if not self._ask_whose(card):
                self._one_answer(card)
        self._tell_notice()
        if self._session.cannot_ask:
            raise StoreError(self._session.cannot_ask)
        progress = self._session.progress()
        self._say("Nothing left to review.")
        if progress.held_by_others or progress.set_aside or progress.left:
            self._say(f"{with_others(progress)}, {progress.set_aside} set aside, {progress.left} left for later.")

    def _say_each(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._say(line)

    def _announce(self, card: OpenCard) -> None:
        self._tell_notice()
        if card.queued.id == self._told:
            return
        self._told = card.queued.id
        self._say("")
        self._say_each(spoken.card(card, self._session.progress()))

    def _tell_notice(self) -> None:
        if self._session.notice:
            self._say(f"{sentence(self._session.notice)}.")
            self._session.notice = ""
        if self._session.draft_unsaved:
            copy = self._session.draft_copy
            place = f"a copy is in {copy}" if copy else "it is in this session alone"
            self._say(for_a_terminal(f"Not saved yet: {self._session.draft_unsaved}; {place}."))

    def _ask_whose(self, card: OpenCard) -> bool:
        """Asks whose text stands, where somebody else worked on the card too; whether it was asked."""
        theirs = self._session.asked
        if theirs is None:
            return False
        self._say_each(spoken.two_texts(card, theirs))
        answer = self._ask_for("a number> ").strip()
        if answer == ":q":
            raise LeaveError
        if answer.isdecimal() and 1 <= int(answer) <= len(ANSWERS):
            self._session.settle(ANSWERS[int(answer) - 1][0])
        else:
            self._say(f"The answers are numbered from 1 to {len(ANSWERS)}; :q leaves, and both texts are kept.")
        return True

    def _one_answer(self, card: OpenCard) -> None:
        """Shows the line that the cursor is on, takes one answer to it."""
        self._say_each(spoken.line(card))
        answer = self._ask_for("> ")
        opened = self._session.card
        if not self._session.renew():
            self._say("Somebody else has this card now; what you typed is kept. :n goes on to the next.")
        elif self._session.card is not opened:
            return  # it was lost and had back, perhaps with a question
        if answer.startswith(":"):
            self._command(answer[1:].strip())
        elif not answer.strip():
            self._go_on(card)
        else:
            try:
                changed = answered(card, answer)
            except NoAnswerError as exc:
                self._say(str(exc))
                return
            self._session.change(changed)
            self._session.keep_draft()
            self._go_on(changed)

    def _go_on(self, card: OpenCard) -> None:
        """To the next line; behind the last one the question what becomes of the card. Every line that was read out
        counts as looked at."""
        line = card.current_line
        for token, _ in line.doubtful_tokens:
            card = card.at(card.field, card.line, token.start)
        self._session.change(card)
        if not card.on_last_line or card.unvisited:
            self._session.go_on()
            return
        answer = self._ask_for("Enter accepts, :r rejects, :s sets aside, :b goes back> ").strip()
        if not answer:
            self._session.accept()
        elif answer.startswith(":"):
            self._command(answer[1:].strip())
        else:
            self._say("Only Enter or an answer that begins with a colon is understood here.")

    def _take_theirs(self) -> None:
        card = self._session.card
        if card is None or card.their_text is None:
            self._say("There is no other text of this field.")
            return
        self._session.change(card.took_theirs())
        self._session.keep_draft()

    def _from_other_page(self) -> None:
        card = self._session.card
        if card is None or not card.queued.attached:
            self._say("No other page belongs to this card.")
            return
        text = self._ask_for("what it says (Enter alone goes back)> ").strip()
        if not text:
            return
        fields = text_fields(card)
        for number, (_, name) in enumerate(fields, start=1):
            self._say(f"  {number} {for_a_terminal(name)}")
        answer = self._ask_for("added to which field (a number)> ").strip()
        if not (answer.isdecimal() and 1 <= int(answer) <= len(fields)):
            self._say("Nothing was added.")
            return
        self._session.change(card.at(fields[int(answer) - 1][0], 0, 0).with_more(text))
        self._session.keep_draft()

    def _take(self, number: int) -> None:
        card = self._session.card
        offered = card.suggestions_of_line if card else ()
        if card is None or not 1 <= number <= len(offered):
            self._say(f"There is no suggestion {number} for this line.")
            return
        self._session.change(card.with_suggestion(offered[number - 1]))
        self._session.keep_draft()

    def _mark(self, mark: Mark, word: str) -> None:
        """The mark for that word of the line, for its only doubtful one where none is named."""
        card = self._session.card
        if card is None or card.current.note.kind == FieldKind.CHOICE:
            self._say("A mark stands in a text; this field has none.")
            return
        text = card.current_line.text
        doubtful = [(token.start, token.end) for token, _ in card.current_line.doubtful_tokens]
        places = [found.span() for found in re.finditer(re.escape(word), text)] if word else doubtful
        if len(places) != 1:
            self._say("Say which word of the line, as it is written there and only there.")
            return
        self._session.change(card.marked(mark, *places[0]))
        self._session.keep_draft()

    def _note(self, words: str) -> None:
        if self._session.card is None:
            return
        if not words:
            words = self._ask_for("note (Enter alone takes it away)> ")
        self._session.change(self._session.card.noted(words))
        self._session.keep_draft()
        self._say("Noted." if words.strip() else "No note.")

    def _command(self, command: str) -> None:
        letter, _, words = command.partition(" ")
        if letter.isdecimal():
            self._take(int(letter))
        elif letter in MARKS:
            self._mark(MARKS[letter], words.strip())
        else:
            self._step(letter, words)

    def _step(self, letter: str, words: str) -> None:
        session = self._session
        match letter:
            case "a":
                session.accept()
            case "r":
                self._reject()
            case "s":
                session.set_aside()
            case "n":
                session.pass_over()
            case "p":
                session.previous()
            case "u":
                session.undo()
            case "z":
                session.forget_draft()
            case "m":
                self._note(words)
            case "l":
                self._identity()
            case "f" if session.card is not None:
                self._say_each(spoken.fields([session.card.current]))
            case "c" if session.card is not None:
                self._say_each(spoken.fields(session.card.fields))
            case "y":
                self._take_theirs()
            case "t":
                self._from_other_page()
            case "q":
                raise LeaveError
            case "b":
                if session.card is not None:
                    session.change(session.card.line_before())
            case "?" | "h":
                self._say(HELP)
            case _:
                self._say(f"There is no :{for_a_terminal(letter)}; :? lists what there is.")

    def _identity(self) -> None:
        """Says what may tell who a patient is, takes one answer to all of it."""
        card = self._session.card
        found = pieces_of(card.identities) if card else []
        if not found:
            self._say("Nothing on this card holds it back.")
            return
        for name, piece, why in found:
            self._say(f"  {name}: {piece} ({why})")
        answer = self._ask_for("keep: REASON, consent: REASON, or redact (for good; Enter alone goes back)> ").strip()
        if not answer:
            return
        try:
            given = Answer.from_text(answer)
        except ValueError as exc:
            self._say(f"{exc}.")
            return
        self._session.settle_identity(given)
        self._tell_notice()

    def _reject(self) -> None:
        for number, reason in enumerate(REASONS, start=1):
            self._say(f"  {number} {reason}")
        answer = self._ask_for(REASONS_PROMPT).strip()
        if answer.isdecimal() and 1 <= int(answer) <= len(REASONS):
            self._session.reject(REASONS[int(answer) - 1])
        elif answer.isdecimal():
            self._say(f"The reasons are numbered from 1 to {len(REASONS)}.")
        elif answer:
            self._session.reject(f"{OTHER}: {answer}")
