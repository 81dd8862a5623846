"""`scan-ingest ingest` as a user types it: real files, real workers, real recognisers."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from scan_ingest.workspace import open_workspace

SAMPLE = Path(__file__).parent.parent.parent / "data" / "sample"
LABEL = ("--organisation", "St Elsewhere", "--ward", "Oak Ward", "--collected", "2026-03-02")


def command(data: Path, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "scan_ingest", "--data", str(data), *map(str, arguments)]


def run(data: Path, *arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(data, *arguments), capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False
    )


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def two_sided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A workspace into which one two-sided card was ingested, and what the command said."""
    data = tmp_path_factory.mktemp("two-sided") / "data"
    box = (SAMPLE / "lounge-1.jpg", SAMPLE / "lounge-2.jpg")
    return data, run(data, "ingest", *box, *LABEL, "--jobs", "1", "--json")


def test_the_report_is_one_json_document_and_nothing_else(
    two_sided: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, done = two_sided
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {"batch_id", "pages", "outcomes", "cards", "seconds"}
    assert (report["pages"], report["cards"], report["outcomes"]["card"]) == (2, 1, 2)


def test_every_page_is_listed_with_its_placement(two_sided: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    data, done = two_sided
    front, back = lines(run(data, "pages", json.loads(done.stdout)["batch_id"], "--json").stdout)
    keys = {"file", "page", "outcome", "reason", "dpi", "template", "side", "card_id", "residual_mm", "corners_px"}
    assert set(front) == keys | {"placements"}
    assert (front["file"], front["side"], back["side"]) == ("lounge-1.jpg", "front", "back")
    assert front["card_id"] == back["card_id"]
    assert front["placements"] == [{key: front[key] for key in set(front["placements"][0])}]  # type: ignore[index]


def test_the_card_is_queued_with_readings_and_pictures(
    two_sided: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    data, _ = two_sided
    assert run(data, "queue", "export", tmp_path / "cards.jsonl").returncode == 0
    (card,) = lines((tmp_path / "cards.jsonl").read_text("utf-8"))
    assert card["state"] == "waiting"
    assert card["pages"] == [{"file": "lounge-1.jpg", "page": 1}, {"file": "lounge-2.jpg", "page": 1}]
    fields = card["fields"]
    assert isinstance(fields, dict)
    for name in ("nominee", "action", "impact"):
        assert fields[name]["text"]
        assert (tmp_path / fields[name]["picture"]).is_file()


def test_run_again_it_adds_nothing_and_says_where_the_pages_are(
    two_sided: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    data, done = two_sided
    box = (SAMPLE / "lounge-1.jpg", SAMPLE / "lounge-2.jpg")
    again = run(data, "ingest", *box, *LABEL, "--jobs", "1", "--json")
    assert again.returncode == 0
    report = json.loads(again.stdout)
    assert (report["outcomes"]["duplicate"], report["cards"]) == (2, 0)
    first = json.loads(done.stdout)["batch_id"]
    assert all(first in str(page["reason"]) for page in lines(run(data, "pages", report["batch_id"], "--json").stdout))


def test_everything_written_is_private(two_sided: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    data, _ = two_sided
    for path in data.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_broken_file_costs_only_itself_and_the_exit_code_says_so(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.mkdir()
    (box / "1 cut short.jpg").write_bytes((SAMPLE / "lounge-1.jpg").read_bytes()[:20_000])
    (box / "2 empty.pdf").touch()
    (box / "3 note.txt").write_text("a note")
    (box / "Thumbs.db").write_bytes(b"x")
    (box / "4 front.jpg").write_bytes((SAMPLE / "lounge-1.jpg").read_bytes())
    (box / "5 back.jpg").write_bytes((SAMPLE / "lounge-2.jpg").read_bytes())
    done = run(tmp_path / "data", "ingest", box, *LABEL, "--jobs", "1", "--json")
    assert done.returncode == 10
    report = json.loads(done.stdout)
    assert (report["outcomes"]["failed"], report["outcomes"]["card"], report["cards"]) == (3, 2, 1)
    pages = lines(run(tmp_path / "data", "pages", report["batch_id"], "--json").stdout)
    assert [page["outcome"] for page in pages] == ["failed", "failed", "failed", "card", "card"]
    assert all(page["reason"] for page in pages[:3])


def test_a_count_that_does_not_add_up_needs_a_person(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "ingest", SAMPLE / "lounge-1.jpg", *LABEL, "--jobs", "1", "--expect", "3")
    assert done.returncode == 10
    assert "Counted by hand: 3 cards; found: 0." in done.stdout


def test_a_stack_that_was_fed_face_down_is_refused_then_paired_as_somebody_says(tmp_path: Path) -> None:
    data = tmp_path / "data"
    box = [SAMPLE / name for name in ("lounge-2.jpg", "lounge-1.jpg", "xray-2.jpg", "xray-1.jpg")]
    done = run(data, "ingest", *box, *LABEL, "--jobs", "1", "--expect", "2", "--json")
    assert done.returncode == 10, done.stderr
    assert json.loads(done.stdout)["cards"] == 0
    pages = lines(run(data, "pages", "b0001", "--json").stdout)
    assert {page["outcome"] for page in pages} == {"unreadable"}
    assert all("batch amend BATCH --collate duplex-flipped" in str(page["reason"]) for page in pages)
    (before,) = lines(run(data, "batches", "--json").stdout)
    assert "4 unreadable" in str(before["needs_a_person"])
    assert "2 cards expected, 0 found" in str(before["needs_a_person"])
    amended = run(data, "batch", "amend", "b0001", "--collate", "duplex-flipped")
    assert (amended.returncode, amended.stdout.splitlines()[0]) == (
        0,
        "2 two-sided cards paired; 0 sides still need a person",
    )
    (after,) = lines(run(data, "batches", "--json").stdout)
    assert (after["collation"], after["needs_a_person"]) == ("duplex-flipped", ["2 to review"])
    paired = lines(run(data, "pages", "b0001", "--json").stdout)
    assert paired[0]["card_id"] == paired[1]["card_id"] != paired[2]["card_id"] == paired[3]["card_id"]
    sheet = run(data, "sheet", "b1", tmp_path / "sheet.html")
    assert (sheet.returncode, "4 pages of batch b0001" in sheet.stdout) == (0, True)
    assert run(data, "sheet", "b1", tmp_path / "sheet.html").returncode == 4
    assert run(data, "sheet", "b9", tmp_path / "other.html").returncode == 4
    assert run(data, "sheet", "b1", tmp_path / "sheet.doc").returncode == 2


FOUR_PAGES = [SAMPLE / name for name in ("lounge-1.jpg", "lounge-2.jpg", "xray-1.jpg", "xray-2.jpg")]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The queue after an ingest that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert run(folder / "data", "ingest", *FOUR_PAGES, *LABEL).returncode == 0
    return exported(folder)


def exported(folder: Path) -> str:
    run(folder / "data", "queue", "export", folder / "cards.jsonl")
    return (folder / "cards.jsonl").read_text("utf-8")


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_killed_at_any_point_the_same_ingest_continues(tmp_path: Path, undisturbed: str, kept: int) -> None:
    data = tmp_path / "data"
    kill_after(kept, command(data, "ingest", *FOUR_PAGES, *LABEL, "--jobs", "1"), data)
    done = run(data, "ingest", *FOUR_PAGES, *LABEL, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["batch_id"] == "b0001"
    assert exported(tmp_path) == undisturbed


def kill_after(pages: int, arguments: Sequence[str], data: Path) -> None:
    """Starts the command and ends it without warning once so many pages are recorded (0: once the store is there)."""
    running = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and recorded(data) < pages:
        time.sleep(0.05)
    running.kill()
    assert running.wait() == -signal.SIGKILL, "it was done before it could be killed"
    assert recorded(data) >= pages


def recorded(data: Path) -> int:
    if not (data / "workspace" / "ingest.lock").exists():
        return -1
    with open_workspace(None, data, create=True) as workspace:
        found = workspace.batches()
        return sum(sum(summary.outcomes.values()) for summary in found)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ingest", "gone.pdf", "--organisation", "A", "--ward", "B"), 4, "gone.pdf"),
        (("ingest", SAMPLE / "lounge-1.jpg", "--ward", "B"), 2, "--organisation"),
        (("ingest", SAMPLE / "lounge-1.jpg", "--organisation", "A"), 2, "--ward"),
        (("ingest", SAMPLE / "lounge-1.jpg", *LABEL, "--template", "nomination-a7"), 3, '"nomination-a6"'),
        (("review", "--plain", "--reviewer", "Ann"), 6, "data"),
        (("merge",), 6, "data"),
        (("batches",), 6, "data"),
        (("export", "out.csv"), 6, "data"),
        (("export", "out.doc"), 2, ".xlsx"),
        (("no-such-command",), 2, "no-such-command"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_exit_code(
    tmp_path: Path, arguments: tuple[str | Path, ...], code: int, said: str
) -> None:
    done = run(tmp_path / "data", *arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "data").exists()
