"""Pages that were refused, placed by hand."""

import shutil

import numpy as np
import pytest

from scan_ingest.align.papers import Papers
from scan_ingest.align.session import Session
from scan_ingest.domain.aligning import Call
from scan_ingest.domain.page import Outcome
from scan_ingest.errors import SkipError
from scan_ingest.pipeline.walk import Reader
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.stages.placing.printing import FAR_MM
from scan_ingest.stages.reading.opinion import PRIMARY
from scan_ingest.workspace import Workspace
from tests.align import room


def opened(workspace: Workspace, reader: Reader, person: str = "ann") -> Session:
    session = room.session_of(workspace, reader, person)
    assert session.key is not None
    session.show(session.load(session.key))
    return session


def outcomes(workspace: Workspace) -> list[Outcome]:
    return [row.outcome for row in workspace.pages("b0001")]


def test_a_page_that_was_refused_is_placed_by_hand_and_read_right(workspace: Workspace) -> None:
    reader = room.make_reader(RECOGNISERS[PRIMARY]())
    session = opened(workspace, reader)
    assert session.open is not None
    true = room.covered_card().corners
    rough = true + np.array([(9, -8), (-7, 9), (8, 7), (-9, -6)])  # about 1 mm off
    session.set_corners(rough)
    session.fit()
    assert session.open is not None
    assert np.abs(session.open.corners - true).max() < 0.5 / 25.4 * 200  # half a millimetre
    agreed = session.agreement()
    assert agreed is not None
    assert agreed.residual_mm < 0.3
    assert session.accept(session.open, session.read(session.open))
    card = next(card for card in workspace.cards() if card.pages[0].ref.file_name == "page2.png")
    assert (card.texts["action"], card.texts["impact"]) == (room.TEXTS["action"], room.TEXTS["impact"])
    row = workspace.pages("b0001")[1]
    assert (row.outcome, row.reason) == (Outcome.CARD, "placed by hand by ann")
    assert (row.placements[0][0].inliers, row.placements[0][1]) == (0, card.id)


def test_the_program_offers_where_a_card_seems_to_lie_upright_as_it_is_read(
    workspace: Workspace, reader: Reader
) -> None:
    session = opened(workspace, reader)
    assert session.open is not None
    assert np.abs(session.open.corners - room.covered_card().corners).max() < 8
    session.go(1)
    assert session.key is not None
    session.show(session.load(session.key))
    assert np.abs(session.open.corners - room.covered_card(90).corners).max() < 8
    assert session.open.turn == 3


def test_corners_that_no_print_agrees_with_say_so(workspace: Workspace, reader: Reader) -> None:
    session = opened(workspace, reader)
    session.set_corners(np.array([(700.0, 20.0), (1500.0, 30.0), (1500.0, 400.0), (700.0, 420.0)]))
    agreed = session.agreement()
    assert agreed is not None
    assert agreed.seen < 0.2
    assert agreed.residual_mm <= FAR_MM
    session.set_corners(np.zeros((4, 2)))
    assert "corners" in session.notice
    assert session.refused


def test_a_page_is_marked_in_an_image_editor_and_read_back(workspace: Workspace, reader: Reader) -> None:
    import cv2

    session, papers = opened(workspace, reader), Papers()
    assert session.open is not None
    with pytest.raises(SkipError, match="not written"):
        papers.read_marks(session.open)
    path = papers.write_page(session.open)
    assert path.stat().st_mode & 0o077 == 0
    picture = cv2.imread(str(path))
    assert picture is not None
    true = room.covered_card().corners
    for x, y in true.round().astype(int).tolist():
        cv2.circle(picture, (x, y), 5, (255, 0, 255), -1)
    cv2.imwrite(str(path), picture)
    assert np.abs(papers.read_marks(session.open) - true).max() < 1.5
    papers.close()
    assert not path.exists()


def test_marks_on_the_first_page_of_one_file_are_not_those_of_another_files_first_page(
    workspace: Workspace, reader: Reader
) -> None:
    session, papers, paths = opened(workspace, reader), Papers(), []
    for _ in range(2):
        assert session.open is not None
        assert session.open.loaded.at_hand.ref.number == 1
        paths.append(papers.write_page(session.open))
        session.go(1)
        assert session.key is not None
        session.show(session.load(session.key))
    assert paths[0] != paths[1]
    papers.close()


def test_two_people_at_one_page_the_second_is_told(workspace: Workspace, reader: Reader) -> None:
    ann, ben = opened(workspace, reader), opened(workspace, reader, "ben")
    assert ann.call_foreign()
    assert not ben.call_blank()
    assert "somebody else settled this page meanwhile" in ben.notice
    assert outcomes(workspace)[1] is Outcome.UNMATCHED
    assert workspace.pages("b0001")[1].reason == "a foreign sheet, says ann"


def test_a_call_is_taken_back_and_the_page_opened_again(workspace: Workspace, reader: Reader) -> None:
    session = opened(workspace, reader)
    first = session.key
    assert session.call_blank()
    assert session.undo() == first
    assert session.key == first
    assert outcomes(workspace) == [Outcome.CARD, *[Outcome.UNMATCHED] * 3]
    assert session.undo() is None
    assert "nothing to take back" in session.notice


def test_a_page_belongs_to_the_card_before(workspace: Workspace, reader: Reader) -> None:
    session = opened(workspace, reader)
    (card,) = session.cards_near()
    assert session.attach(card)
    (queued,) = workspace.cards()
    assert [str(ref) for ref in queued.attached] == ["page2.png#1"]
    assert workspace.pages("b0001")[1].reason == "belongs to the card on page1.png#1, says ann"


def test_nothing_more_is_said_only_of_a_page_on_which_a_card_was_found(workspace: Workspace, reader: Reader) -> None:
    session = opened(workspace, reader)
    assert not session.nothing_more()
    assert "no card was found" in session.notice


def test_two_cards_on_one_page_are_accepted_together(workspace: Workspace, reader: Reader) -> None:
    session = opened(workspace, reader)
    assert session.open is not None
    session.set_corners(np.array([(20.0, 20.0), (820.0, 20.0), (820.0, 580.0), (20.0, 580.0)]))
    session.another()
    session.set_corners(np.array([(840.0, 20.0), (1640.0, 20.0), (1640.0, 580.0), (840.0, 580.0)]))
    page = session.open
    assert session.accept(page, session.read(page))
    assert [place for _, place in workspace.pages("b0001")[1].placements] == [
        card.id for card in workspace.cards() if card.pages[0].ref.file_name == "page2.png"
    ]
    assert len(list(workspace.cards())) == 3


def test_the_original_is_never_changed_and_one_that_is_gone_costs_its_page(
    workspace: Workspace, reader: Reader
) -> None:
    session = opened(workspace, reader)
    assert session.open is not None
    path = session.open.loaded.at_hand.file.path
    assert path is not None
    before = path.read_bytes()
    session.accept(session.open, session.read(session.open))
    assert path.read_bytes() == before
    shutil.rmtree(workspace.folder / "originals")
    key = session.key
    assert key is not None
    with pytest.raises(SkipError):
        session.load(key)
    session.cannot_show(key, "gone")
    assert session.call_foreign()  # what needs no picture can still be said
    said = workspace.page_at_hand(key)
    assert (said.outcome, said.call) == (Outcome.UNMATCHED, Call.FOREIGN)
