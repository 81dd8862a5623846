"""Placing by hand with prompts and numbers only: for screen readers, dumb terminals and pipes. The same session."""

from collections.abc import Callable

from scan_ingest.align.corners import NUMBER, spelled, typed
from scan_ingest.align.papers import Papers
from scan_ingest.align.session import OpenPage, Session
from scan_ingest.domain.source import source_of
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import SkipError, StoreError
from scan_ingest.terminal.hangup import LeaveError, converse

HELP = """\
Answers:
  t        choose the template and side
  x,y x,y x,y x,y
           the card's corners in pixels of the page as scanned: its own top left, then clockwise as printed
  m        write the page to a picture; put a coloured dot on each corner in an image editor and save it
  k        read the four dots back from that picture
  r        turn the page a quarter clockwise: the next corner is top left
  f        fit the corners to the print
  v        the result: how well the print agrees, and a picture of the side
  a        accept: the card is read and queued
  +        another card on this page; nothing is written before you accept
  e        everything on the page is placed, there is no other card on it
  b        the page is blank
  x        a foreign sheet, no card at all
  c        the page belongs to a card: writing overleaf, a letter, a note
  u        take back what was said of this page, or of the last one
  n  p     the next page, the page before
  q        leave
  ?        this help"""


def align_in_prompts(
    session: Session, papers: Papers, ask: Callable[[str], str] = input, say: Callable[[str], None] = print
) -> None:
    """Walks the session's pages until none is left or the person leaves.

    `ask` prints a prompt and returns the answer, and raises `EOFError` at the end of input, which leaves too. A dropped
    line (see `leaving_on_hangup`) leaves without a word.
    """
    converse(
        _Conversation(session, papers, ask, say).run,
        say,
        papers.close,
        lambda: f"{len(session.settled)} settled in this sitting.",
    )


class _Conversation:
    def __init__(self, session: Session, papers: Papers, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
        self._session, self._papers, self._ask, self._say = session, papers, ask, say

    def run(self) -> None:
        self._say("Placing by hand. ? explains the answers, q leaves.")
        while (key := self._session.key) is not None:
            if self._session.at_hand is None or self._session.at_hand.key != key:
                self._open(key)
            answer = self._ask("> ").strip()
            if answer:
                self._answer(answer)
            self._tell_notice()
        self._say("No page left to place.")

    def _open(self, key: int) -> None:
        session = self._session
        try:
            session.show(session.load(key))
        except (SkipError, StoreError) as exc:
            session.cannot_show(key, str(exc))
        hand = session.at_hand
        if hand is None:  # the store is away
            self._tell_notice()
            self._say("Enter tries again, q leaves; what was settled is kept.")
            return
        label = hand.batch.label
        self._say("")
        self._say(
            for_a_terminal(f"Page {session.position + 1} of {len(session.keys)}: {hand.ref}, batch {hand.batch.id}.")
        )
        self._say(for_a_terminal(f"{label.ward}, {label.organisation}. {hand.outcome}: {hand.reason}."))
        self._tell_notice()
        if session.open is not None:
            self._describe(session.open)

    def _describe(self, page: OpenPage) -> None:
        found = next((one for one in page.loaded.suggestions if one.side is page.side), None)
        self._say(f"Side: {page.side.label}" + (f", {found.seen:.0%} of its print seems to be here" if found else ""))
        self._say(f"Corners: {spelled(page.corners)} (page of {page.shape[1]} × {page.shape[0]} pixels)")

    def _tell_notice(self) -> None:
        if self._session.notice:
            self._say(for_a_terminal(f"{_sentence(self._session.notice)}."))
            self._session.notice = ""

    def _answer(self, answer: str) -> None:
        session = self._session
        simple: dict[str, Callable[[], object]] = {
            "b": session.call_blank,
            "x": session.call_foreign,
            "e": session.nothing_more,
            "u": session.undo,
            "n": lambda: session.go(1),
            "p": lambda: session.go(-1),
            "c": self._attach,
            "?": lambda: self._say(HELP),
        }
        if answer == "q":
            raise LeaveError
        if session.at_hand is None:
            return  # it is tried again
        if answer in simple:
            try:
                simple[answer]()
            except StoreError as exc:
                self._say(f"{exc}.")
        elif session.open is None:
            self._say("This page cannot be shown; it can be called b, x or c, or left with n. ? lists the answers.")
        else:
            try:
                self._place(answer, session.open)
            except SkipError as exc:
                self._say(f"{exc}.")

    def _place(self, answer: str, page: OpenPage) -> None:
        session = self._session
        match answer:
            case "t":
                self._choose()
            case "m":
                self._say(
                    "Put a coloured dot on each corner of the card in an image editor, save it under the same name, "
                    f"then answer k: {self._papers.write_page(page)}"
                )
            case "k":
                session.set_corners(self._papers.read_marks(page))
            case "r":
                session.change(page.turned())
            case "f":
                session.fit()
            case "v":
                self._result()
                return
            case "+":
                if session.result() is not None:
                    session.another()
            case "a":
                self._accept(page)
                return
            case _ if len(NUMBER.findall(answer)) > 1:
                session.set_corners(typed(answer))
            case _:
                self._say(f'"{for_a_terminal(answer)}" is no answer here; ? lists what there is.')
                return
        if session.open is not None:
            self._describe(session.open)

    def _choose(self) -> None:
        sides = self._session.sides
        for number, side in enumerate(sides, start=1):
            self._say(f"  {number} {side.label}")
        chosen = self._number("which side (a number; Enter alone goes back)> ", len(sides))
        if chosen is not None:
            self._session.choose(sides[chosen])

    def _result(self) -> None:
        result, agreed = self._session.result(), self._session.agreement()
        if result is not None and agreed is not None:
            self._say(f"{agreed.seen:.0%} of the print agrees, within {agreed.residual_mm:.1f} mm.")
            self._say(f"The side as it would be read: {self._papers.write_result(result)}")

    def _accept(self, page: OpenPage) -> None:
        if page.why_not is not None:
            self._say(f"{page.why_not}.")
            return
        self._say("Reading the card; this takes a few seconds.")
        self._session.accept(page, self._session.read(page))

    def _attach(self) -> None:
        near = self._session.cards_near()
        if not near:
            return
        for number, card in enumerate(near, start=1):
            where = "before" if card.before else "after"
            self._say(for_a_terminal(f"  {number} the card on {source_of(card.pages)}, {where} this page"))
        chosen = self._number("which card (a number; Enter alone goes back)> ", len(near))
        if chosen is not None:
            self._session.attach(near[chosen])

    def _number(self, prompt: str, most: int) -> int | None:
        answer = self._ask(prompt).strip()
        if answer.isdecimal() and 1 <= int(answer) <= most:
            return int(answer) - 1
        if answer:
            self._say(f"A number from 1 to {most} is understood here.")
        return None


def _sentence(notice: str) -> str:
    """With a capital to begin with, unless it begins with a page, whose file is called as it is called."""
    return notice if "#" in notice.split(" ")[0] else f"{notice[0].upper()}{notice[1:]}"
