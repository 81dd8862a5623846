"""The loop over a batch, on a real workspace, with pages handed in by plain functions."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.batch import Batch, BatchState, BoxLabel, Collation, IngestReport
from scan_ingest.domain.card import Reading
from scan_ingest.domain.crop import PageResult, ReadSide
from scan_ingest.domain.geometry import BoxMm, Homography
from scan_ingest.domain.page import FailedPage, Outcome, Page, PageRef, Placement
from scan_ingest.domain.template import Field, FieldKind, Side, Template
from scan_ingest.errors import StoreError, UsageError
from scan_ingest.pipeline.ingest import ingest, pair_again
from scan_ingest.pipeline.pairing import ONE_SIDE
from scan_ingest.pipeline.pictures import side_picture
from scan_ingest.pipeline.stacks import BACK_MISSING, FRONT_MISSING, FRONTS_FIRST
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.ports.pages import Limits
from scan_ingest.workspace import Workspace, open_workspace

PAPER = np.full((40, 60), 255, dtype=np.uint8)
BOX = BoxMm(1, 1, 50, 10)
LABEL = BoxLabel("St Elsewhere", "Oak Ward", date(2026, 3, 2))
SINGLE = Template("single", "", 1, 60, 40, (Side("front", PAPER, (Field("action", "front", FieldKind.TEXT, BOX),)),))
DOUBLE = Template(
    "double",
    "",
    1,
    60,
    40,
    (
        Side("front", PAPER, (Field("action", "front", FieldKind.TEXT, BOX),)),
        Side("back", PAPER, (Field("impact", "back", FieldKind.TEXT, BOX),)),
    ),
)
TEMPLATES = {"single": SINGLE, "double": DOUBLE}

# A scan is a text file here: a line a page, "kind mark"; the mark makes the picture.
KINDS: Mapping[str, tuple[Outcome, str, str, bool]] = {
    "card": (Outcome.CARD, "single", "front", True),
    "front": (Outcome.CARD, "double", "front", True),
    "back": (Outcome.CARD, "double", "back", True),
    "emptyback": (Outcome.CARD, "double", "back", False),
    "blank": (Outcome.BLANK, "", "", False),
    "white": (Outcome.BLANK, "", "", False),
    "letter": (Outcome.UNMATCHED, "", "", False),
    "badcard": (Outcome.UNREADABLE, "", "", False),
}
BY_COLOUR = list(KINDS)


def pages_of_text(
    path: Path,
    file_name: str,
    file_sha256: str,
    limits: Limits,  # noqa: ARG001 - a source is called with all of these
    skip: Collection[int],
) -> Iterator[Page | FailedPage]:
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if number in skip:
            continue
        ref = PageRef(file_sha256, number, file_name)
        kind, mark = line.split()
        if kind == "broken":
            yield FailedPage(ref, "cut short")
        elif kind == "white":
            yield Page(ref, np.full((4, 60), BY_COLOUR.index("white"), dtype=np.uint8), 200.0)
        else:
            picture = np.full((4, 60), 200, dtype=np.uint8)
            picture[0, 0], picture[1, : len(mark)] = BY_COLOUR.index(kind), [ord(c) for c in mark]
            yield Page(ref, picture, 200.0)


def read(page: Page) -> PageResult:
    outcome, template, side, written = KINDS[BY_COLOUR[page.image[0, 0]]]
    if outcome is not Outcome.CARD:
        return PageResult(outcome, "why")
    mark = bytes(page.image[1][page.image[1] != 200]).decode()
    name = "action" if side == "front" else "impact"
    placement = Placement(template, side, Homography.scaling(1.0), 0.1, 99, np.zeros((4, 2)))
    reading = Reading(name, mark if written else "", 1.0, "test")
    return PageResult(Outcome.CARD, "", (ReadSide(1, placement, (reading,), side_picture(PAPER), written),))


@dataclass
class HerePool:
    """Reads pages in this process, when they are asked for."""

    window: int = 3
    read: Callable[[Page], PageResult] = read
    submitted: list[str] = field(default_factory=list)

    def submit(self, page: Page) -> Future[PageResult]:
        self.submitted.append(str(page.ref))
        answer: Future[PageResult] = Future()
        answer.set_result(self.read(page))
        return answer


class PowerCutError(Exception):
    """The process ends here."""


@dataclass
class Fuse:
    """Cuts the power once so many pages are recorded."""

    desk: Workspace
    lasts: int

    def opened(self, batch: Batch, *, continued: bool) -> None:  # noqa: ARG002 - a listener is told both
        self.check(batch.id)

    def recorded(self, page: PageRecord) -> None:  # noqa: ARG002 - a listener is told which
        self.check("b0001")

    def check(self, batch_id: str) -> None:
        if len(self.desk.pages(batch_id)) >= self.lasts:
            raise PowerCutError


def counted(report: IngestReport) -> dict[Outcome, int]:
    return {outcome: number for outcome, number in report.outcomes.items() if number}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        yield workspace


@dataclass
class Room:
    """The card room: boxes are written as text files and ingested."""

    folder: Path
    desk: Workspace

    def box(self, name: str, *lines: str) -> Path:
        path = self.folder / name
        path.write_text("\n".join(lines))
        return path

    def ingest(
        self,
        files: Sequence[Path],
        pool: HerePool | None = None,
        label: BoxLabel = LABEL,
        *,
        expect: int | None = None,
        collation: Collation | None = None,
        power_lasts: int | None = None,
    ) -> IngestReport:
        """`power_lasts` is how many pages are recorded before the power is cut."""
        return ingest(
            files,
            label,
            desk=self.desk,
            source=pages_of_text,
            pool=pool or HerePool(),
            templates=TEMPLATES,
            limits=Limits(),
            expected_cards=expect,
            collation=collation,
            listener=None if power_lasts is None else Fuse(self.desk, power_lasts),
        )

    def outcomes(self, batch_id: str) -> list[str]:
        return [row.outcome.value for row in self.desk.pages(batch_id)]

    def reasons(self, batch_id: str) -> list[str]:
        return [row.reason for row in self.desk.pages(batch_id)]

    def cards(self) -> list[tuple[list[str], dict[str, str]]]:
        return [
            ([str(page.ref) for page in card.pages], {name: reading.text for name, reading in card.readings.items()})
            for card in self.desk.cards()
        ]


@pytest.fixture
def room(tmp_path: Path, workspace: Workspace) -> Room:
    return Room(tmp_path, workspace)


def test_every_page_has_an_outcome_and_they_add_up(room: Room) -> None:
    box = room.box("box.pdf", "card a", "blank b", "letter c", "broken d", "badcard e", "card a")
    report = room.ingest([box])
    assert room.outcomes(report.batch.id) == ["card", "blank", "unmatched", "failed", "unreadable", "duplicate"]
    assert report.pages == 6
    assert report.cards == 1
    assert report.pages_need_a_person
    assert room.reasons(report.batch.id)[-1] == f"ingested before: box.pdf#1 in batch {report.batch.id}"


def test_a_front_and_the_back_that_follows_it_make_one_card(room: Room) -> None:
    report = room.ingest([room.box("box.pdf", "front a", "back b", "front c", "back d")])
    assert room.outcomes(report.batch.id) == ["card"] * 4
    assert room.cards() == [
        (["box.pdf#1", "box.pdf#2"], {"action": "a", "impact": "b"}),
        (["box.pdf#3", "box.pdf#4"], {"action": "c", "impact": "d"}),
    ]


def test_a_front_and_a_back_in_two_files_make_one_card(room: Room) -> None:
    report = room.ingest([room.box("a.jpg", "front a"), room.box("b.jpg", "back b")])
    assert report.cards == 1
    assert room.cards() == [(["a.jpg#1", "b.jpg#1"], {"action": "a", "impact": "b"})]


def test_a_missing_side_is_unreadable_and_never_a_strangers(room: Room) -> None:
    report = room.ingest([room.box("box.pdf", "front a", "front c", "back d", "card f", "front h", "back i", "back g")])
    assert room.outcomes(report.batch.id) == ["unreadable", "card", "card", "card", "card", "card", "unreadable"]
    assert room.reasons(report.batch.id)[0] == ONE_SIDE + BACK_MISSING
    assert room.reasons(report.batch.id)[6] == ONE_SIDE + FRONT_MISSING
    assert [pages for pages, _ in room.cards()] == [
        ["box.pdf#2", "box.pdf#3"],
        ["box.pdf#4"],
        ["box.pdf#5", "box.pdf#6"],
    ]


def test_fronts_then_backs_are_refused_until_somebody_says_so(room: Room) -> None:
    lines = ["front a", "front b", "front c", "back c", "back b", "back a"]
    report = room.ingest([room.box("box.pdf", *lines)])
    assert report.cards == 0
    assert set(room.reasons(report.batch.id)) == {ONE_SIDE + FRONTS_FIRST}
    pair_again(report.batch.id, Collation.FRONTS_THEN_BACKS_REVERSED, desk=room.desk, templates=TEMPLATES)
    assert room.outcomes(report.batch.id) == ["card"] * 6
    assert [texts for _, texts in room.cards()] == [{"action": mark, "impact": mark} for mark in "abc"]
    assert room.desk.batches()[0].batch.collation is Collation.FRONTS_THEN_BACKS_REVERSED


def test_a_batch_whose_cards_are_paired_is_not_paired_otherwise(room: Room) -> None:
    batch = room.ingest([room.box("box.pdf", "front a", "back a", "front b")]).batch
    with pytest.raises(StoreError, match="1 two-sided card of it is paired"):
        pair_again(batch.id, Collation.DUPLEX_FLIPPED, desk=room.desk, templates=TEMPLATES)


@pytest.mark.parametrize(
    ("collation", "lines"),
    [
        (Collation.DUPLEX_FLIPPED, ["emptyback x", "front a", "emptyback x", "front b"]),
        (Collation.FRONTS_THEN_BACKS_IN_ORDER, ["front a", "front b", "emptyback x", "emptyback x"]),
    ],
)
def test_backs_that_nobody_wrote_on_may_look_alike_in_any_order(
    room: Room, collation: Collation, lines: list[str]
) -> None:
    report = room.ingest([room.box("box.pdf", *lines)], collation=collation)
    assert room.outcomes(report.batch.id) == ["card"] * 4
    assert report.cards == 2


def test_a_front_scanned_twice_is_a_duplicate_and_its_back_is_found(room: Room) -> None:
    report = room.ingest([room.box("box.pdf", "front a", "front a", "back a")])
    assert room.outcomes(report.batch.id) == ["card", "duplicate", "card"]
    assert room.cards() == [(["box.pdf#1", "box.pdf#3"], {"action": "a", "impact": "a"})]


def test_backs_that_nobody_wrote_on_may_look_alike(room: Room) -> None:
    report = room.ingest([room.box("box.pdf", "front a", "emptyback x", "front b", "emptyback x")])
    assert room.outcomes(report.batch.id) == ["card"] * 4
    assert report.cards == 2


def test_a_back_that_nobody_wrote_on_may_look_like_one_of_an_earlier_box(room: Room) -> None:
    room.ingest([room.box("monday.pdf", "front a", "emptyback x")])
    friday = room.ingest([room.box("friday.pdf", "front b", "emptyback x")])
    assert room.outcomes(friday.batch.id) == ["card", "card"]
    assert (["friday.pdf#1", "friday.pdf#2"], {"action": "b", "impact": ""}) in room.cards()
    again = room.ingest([room.box("both.pdf", "front a", "emptyback x", "front b", "emptyback x", "front c")])
    assert room.outcomes(again.batch.id) == ["duplicate"] * 4 + ["unreadable"]


def test_a_back_with_writing_that_was_scanned_before_is_a_duplicate(room: Room) -> None:
    report = room.ingest([room.box("box.pdf", "front a", "back x", "front b", "back x")])
    assert room.outcomes(report.batch.id) == ["card", "card", "unreadable", "duplicate"]


def test_blank_sheets_that_the_scanner_whitened_look_alike(room: Room) -> None:
    report = room.ingest([room.box("box.pdf", "white x", "white y", "blank a", "blank a")])
    assert room.outcomes(report.batch.id) == ["blank", "blank", "blank", "duplicate"]
    again = room.ingest([room.box("appended.pdf", "blank a", "white z", "card b")])
    assert room.outcomes(again.batch.id) == ["duplicate", "blank", "card"]


def test_a_finished_batch_comes_back_as_duplicates_that_name_it(room: Room) -> None:
    box = room.box("box.pdf", "card a", "blank b", "front c", "back d", "letter e")
    first = room.ingest([box])
    pool = HerePool()
    again = room.ingest([box], pool)
    assert again.batch.id != first.batch.id
    assert counted(again) == {Outcome.DUPLICATE: 5}
    assert again.cards == 0
    assert pool.submitted == []
    assert all(first.batch.id in reason for reason in room.reasons(again.batch.id))


def test_a_renamed_file_with_a_page_appended_adds_only_that_page(room: Room) -> None:
    room.ingest([room.box("box.pdf", "card a", "card b")])
    again = room.ingest([room.box("renamed.pdf", "card a", "card b", "card c")])
    assert counted(again) == {Outcome.DUPLICATE: 2, Outcome.CARD: 1}


def test_a_page_that_failed_is_tried_again_in_a_new_batch(room: Room) -> None:
    box = room.box("box.pdf", "broken a", "card b")
    room.ingest([box])
    assert counted(room.ingest([box])) == {Outcome.FAILED: 1, Outcome.DUPLICATE: 1}


def test_a_discarded_batch_frees_its_pages(room: Room) -> None:
    box = room.box("box.pdf", "card a")
    first = room.ingest([box])
    room.desk.discard_batch(first.batch.id, "wrong box")
    assert counted(room.ingest([box])) == {Outcome.CARD: 1}


def test_a_file_that_cannot_be_opened_is_one_failed_page(room: Room) -> None:
    report = room.ingest([room.folder / "gone.pdf", room.box("box.pdf", "card a")])
    assert room.outcomes(report.batch.id) == ["failed", "card"]


@pytest.mark.parametrize("survived", range(7))
def test_killed_after_any_page_the_same_ingest_continues(room: Room, survived: int) -> None:
    lines = ["card a", "front b", "back c", "blank d", "card a", "front e", "back f"]
    boxes = [room.box("one.pdf", *lines[:4]), room.box("two.pdf", *lines[4:])]

    def cut_short(page: Page) -> PageResult:
        if len(room.desk.pages("b0001")) >= survived:
            raise PowerCutError
        return read(page)

    if survived:
        with pytest.raises(PowerCutError):
            room.ingest(boxes, HerePool(window=1, read=cut_short))
    report = room.ingest(boxes)
    assert report.batch.id == "b0001"
    assert room.outcomes("b0001") == ["card", "card", "card", "blank", "duplicate", "card", "card"]
    assert [pages for pages, _ in room.cards()] == [
        ["one.pdf#1"],
        ["one.pdf#2", "one.pdf#3"],
        ["two.pdf#2", "two.pdf#3"],
    ]


STACK = ["front a", "back a", "card s", "broken x", "front b", "back b", "letter l", "front c"]
ORDERS: Mapping[Collation, list[str]] = {
    Collation.DUPLEX: STACK,
    Collation.DUPLEX_FLIPPED: ["back a", "front a", "letter l", "back b", "front b", "back c"],
    Collation.FRONTS_THEN_BACKS_IN_ORDER: ["front a", "badcard y", "front b", "back a", "back y", "back b"],
    Collation.FRONTS_THEN_BACKS_REVERSED: ["front a", "front b", "front b", "emptyback x", "emptyback x"],
}


@pytest.mark.parametrize("window", [1, 4])
@pytest.mark.parametrize("collation", ORDERS)
def test_what_comes_of_a_stack_does_not_depend_on_where_it_was_interrupted(
    tmp_path: Path, collation: Collation, window: int
) -> None:
    lines = ORDERS[collation]
    found = []
    for stops in every_stop(len(lines)):
        folder = tmp_path / f"{window}-{len(found)}"
        with open_workspace(None, folder / "data", create=True) as workspace:
            room = Room(folder, workspace)
            boxes = [room.box("one.pdf", *lines[:2]), room.box("two.pdf", *lines[2:])]
            for at in stops:
                with pytest.raises(PowerCutError):
                    room.ingest(boxes, HerePool(window), expect=3, collation=collation, power_lasts=at)
                (summary,) = workspace.batches()
                assert summary.batch.state is BatchState.UNFINISHED
                assert sum(summary.outcomes.values()) == len(workspace.pages("b0001"))
            report = room.ingest(boxes, HerePool(window), collation=None if stops else collation)
            assert report.batch.id == "b0001"
            assert report.expected_cards == (3 if stops else None)
            assert report.pages == len(lines)
            assert report.outcomes == {outcome: room.outcomes("b0001").count(outcome) for outcome in Outcome}
            found.append((room.outcomes("b0001"), room.reasons("b0001"), room.cards()))
    assert all(one == found[0] for one in found)


def every_stop(pages: int) -> list[list[int]]:
    """After how many pages the power is cut: never, once at each, one after the other at all."""
    return [[], *([at] for at in range(pages + 1)), list(range(pages + 1))]


def test_a_batch_is_not_continued_in_another_order(room: Room) -> None:
    box = room.box("box.pdf", "front a", "back a", "front b", "back b")
    with pytest.raises(PowerCutError):
        room.ingest([box], collation=Collation.DUPLEX, power_lasts=2)
    with pytest.raises(UsageError, match="began with --collate duplex: continue it so"):
        room.ingest([box], collation=Collation.FRONTS_THEN_BACKS)
    assert counted(room.ingest([box])) == {Outcome.CARD: 4}


def test_a_count_is_kept_with_the_batch_and_holds_when_it_is_continued(room: Room) -> None:
    box = room.box("box.pdf", "card a", "card b", "letter c", "card d")
    with pytest.raises(PowerCutError):
        room.ingest([box], expect=4, power_lasts=2)
    report = room.ingest([box])
    assert (report.expected_cards, report.cards, report.count_differs) == (4, 3, True)
    (summary,) = room.desk.batches()
    assert "4 cards expected, 3 found" in summary.needs_a_person


def test_cards_that_were_ingested_before_count_as_found(room: Room) -> None:
    box = room.box("box.pdf", "card a", "front b", "back b", "card c", "card c")
    first = room.ingest([box], expect=3)
    assert (first.cards, first.count_differs) == (3, False)
    again = room.ingest([box], expect=3)
    assert (again.cards, again.cards_seen_before, again.count_differs) == (0, 3, False)
    appended = room.ingest([room.box("more.pdf", "card a", "card d")], expect=2)
    assert (appended.cards, appended.cards_seen_before, appended.count_differs) == (1, 1, False)
    assert [summary.needs_a_person[0] for summary in room.desk.batches() if summary.needs_a_person] == [
        "3 to review",
        "1 to review",
    ]


def test_two_cards_pulled_in_at_once_show_in_the_count(room: Room) -> None:
    box = room.box("box.pdf", "front a", "back b", "front c", "back c")
    report = room.ingest([box], expect=3)
    assert (report.cards, report.count_differs, report.cards_may_be_two) == (2, True, True)
    one_sided = room.ingest([room.box("other.pdf", "card x")], expect=2)
    assert (one_sided.count_differs, one_sided.cards_may_be_two) == (True, False)


def test_the_cards_of_a_discarded_batch_do_not_count(room: Room) -> None:
    box = room.box("box.pdf", "card a", "card b")
    first = room.ingest([box])
    room.ingest([box], expect=2)
    room.desk.discard_batch(first.batch.id, "wrong box")
    assert room.desk.batches()[1].needs_a_person == ("2 cards expected, 0 found",)


def test_another_ward_never_continues_the_batch(room: Room) -> None:
    box = room.box("box.pdf", "card a", "card b")

    def cut_short(page: Page) -> PageResult:
        if page.ref.number == 2:
            raise PowerCutError
        return read(page)

    with pytest.raises(PowerCutError):
        room.ingest([box], HerePool(window=1, read=cut_short))
    other = room.ingest([box], label=BoxLabel("St Elsewhere", "Elm Ward", date(2026, 3, 2)))
    assert other.batch.id == "b0002"
    assert counted(other) == {Outcome.DUPLICATE: 1, Outcome.CARD: 1}
