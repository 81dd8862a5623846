"""Possible duplicates across channels, on each kind of database."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from scan_ingest.central import Central, open_central
from scan_ingest.domain.audit import Act, AuditFilter
from scan_ingest.domain.duplicates import Answer
from scan_ingest.domain.merging import Entry, MergeCounts, plan_merge
from scan_ingest.domain.nomination import Channel, Nomination, submission_id
from scan_ingest.domain.selection import Wanted
from scan_ingest.errors import InputError
from scan_ingest.merge import dry_run, merge, nomination_of
from scan_ingest.online import import_nominations, load_mapping
from tests.accepted import REPOSITORY, Desk, accepted, contents, merged
from tests.online.deliveries import submission, write_csv, write_mapping

POSTED: dict[str, Any] = {
    "nominee": "Ngozi Bell",
    "action": "Ngozi sat with my mother through the night after her fall and found her glasses in the laundry.",
    "impact": "Mum slept at last.",
}
SENT: dict[str, Any] = {
    "nominee": "Sister Ngozi Bell",
    "action": "My mum had a fall. Ngozi stayed beside her all night and went down to the laundry to find her glasses.",
    "impact": "So mum got some sleep.",
}
ANOTHER: dict[str, Any] = {
    "nominee": "Ngozi Bell",
    "action": "Ngozi washed my hair before my son's wedding so that I could watch it on the tablet.",
    "impact": "I cried happy tears. Thank you for everything.",
}


@pytest.fixture
def central(store_url: str, tmp_path: Path) -> Iterator[Central]:
    with open_central(store_url, tmp_path, create=True) as central:
        yield central


def sent(number: int, **texts: str) -> Nomination:
    usual = {"organisation": "Northgate Trust", "box": "", "ward": "Rose Ward", "role": "", "nominator": "relative"}
    return Nomination(
        id=submission_id("website", str(number)), channel=Channel.ONLINE, collected_on=date(2026, 11, 4),
        reviewed_by="", reviewed_at=None, source=f"website#{number}", **(usual | texts),
    )  # fmt: skip


def carry(central: Central, *nominations: Nomination) -> int:
    """Brings them in and looks for duplicates; how many pairs are new."""
    entries = [Entry(nomination) for nomination in nominations]
    with central.importing() as transaction:
        transaction.apply(plan_merge(entries, transaction.standing([entry.id for entry in entries])), datetime.now(UTC))
    return central.find_duplicates()


def test_a_card_and_a_form_of_one_person_are_proposed_with_the_evidence(central: Central) -> None:
    card = accepted(1, **POSTED)
    carry(central, sent(1, **SENT), sent(2, **ANOTHER))

    counts = merge(Desk([card]), central)

    assert counts == MergeCounts(inserted=1, possible_duplicates=1)
    (pair,) = central.possible_duplicates()
    assert {pair.first.id, pair.second.id} == {nomination_of(card).id, sent(1, **SENT).id}
    evidence = pair.proposal.evidence
    assert (evidence.nominee, evidence.ward, evidence.days, evidence.same_channel) == (1.0, 1.0, 2, False)
    assert evidence.told > 0.4
    assert pair.answer is None
    assert central.count() == 3


def test_two_people_who_nominate_one_nurse_stay_two(central: Central) -> None:
    merged(central, accepted(1, **POSTED))

    assert carry(central, sent(2, **ANOTHER)) == 0
    thanks = {"nominee": "Ngozi Bell", "impact": ""}
    assert carry(central, *(sent(n, action="Thank you for everything.", **thanks) for n in (3, 4))) == 0


def test_the_same_words_about_two_colleagues_are_two(central: Central) -> None:
    said = {"action": "Washed my hair before my son's wedding, so that I could watch.", "impact": "Happy tears."}

    assert carry(central, *(sent(n, nominee=name, **said) for n, name in enumerate(("Ngozi Bell", "Tomasz Wilk")))) == 0


def test_a_pair_is_proposed_once_however_often_its_nominations_change(central: Central) -> None:
    card = accepted(1, **POSTED)
    carry(central, sent(1, **SENT))
    desk = Desk([card])
    assert dry_run(desk, central).possible_duplicates == 1
    assert merge(desk, central).possible_duplicates == 1

    amended = Desk([accepted(1, **(POSTED | {"impact": "Mum slept at long last."}))])
    assert dry_run(amended, central) == MergeCounts(updated=1)
    assert merge(amended, central) == MergeCounts(updated=1)
    assert len(central.possible_duplicates()) == 1


def test_a_pair_that_is_no_longer_alike_goes_unless_a_person_spoke(central: Central) -> None:
    merged(central, accepted(1, **POSTED), accepted(2, batch="b2", **(POSTED | {"nominee": "Ada Obi"})))
    carry(central, sent(1, **SENT), sent(2, **(SENT | {"nominee": "Ada Obi"})))
    pairs = {pair.first.nominee.split()[-1]: pair.id for pair in central.possible_duplicates()}
    assert {"Bell", "Obi"} <= pairs.keys()
    central.answer_duplicate(pairs["Obi"], Answer.SAME, "sam")

    carry(central, sent(1, **(ANOTHER | {"nominee": "Li"})), sent(2, **(ANOTHER | {"nominee": "Jo"})))

    assert pairs["Obi"] in [pair.id for pair in central.possible_duplicates()]
    assert pairs["Bell"] not in [pair.id for pair in central.possible_duplicates()]


def test_what_a_person_says_is_kept_with_who_and_when_and_can_be_taken_back(central: Central) -> None:
    merged(central, accepted(1, **POSTED))
    carry(central, sent(1, **SENT))
    (pair,) = central.possible_duplicates()

    said = central.answer_duplicate(pair.id[:6], Answer.SAME, "sam")
    assert (said.answer, said.answered_by) == (Answer.SAME, "sam")
    assert said.answered_at is not None
    assert central.possible_duplicates(answered=False) == ()
    central.answer_duplicate(pair.id, Answer.DIFFERENT, "ann")
    assert carry(central, sent(1, **(SENT | {"impact": "Mum slept."}))) == 0  # nor is it proposed again
    assert central.answer_duplicate(pair.id, None, "ann").answer is None
    with pytest.raises(InputError, match="nothing to take back"):
        central.answer_duplicate(pair.id, None, "ann")
    with pytest.raises(InputError, match="no pair zz"):
        central.possible_duplicate("zz")

    told = [(row.person, row.subject, row.detail["answer"]) for row in central.audit(AuditFilter(act=Act.DUPLICATE))]
    assert told == [("sam", pair.id, "same"), ("ann", pair.id, "different"), ("ann", pair.id, "taken back")]


def test_what_was_called_the_same_is_counted_once_with_the_first_that_came(central: Central) -> None:
    merged(central, accepted(1, **POSTED))
    carry(central, sent(1, **SENT))
    carry(central, sent(2, **ANOTHER))
    (pair,) = central.possible_duplicates()
    central.answer_duplicate(pair.id, Answer.SAME, "sam")
    card, form = nomination_of(accepted(1)).id, submission_id("website", "1")

    with central.selection() as selection:
        assert selection.counted_with() == {form: card}
        counts = selection.counts()
    assert (counts.nominations, counts.counted_with_another) == (2, 1)
    assert dict(counts.channel) == {"paper": 1, "online": 1}
    with central.selection(Wanted(channel=Channel.ONLINE)) as selection:
        assert selection.counts().nominations == 2  # the card is not among them, so its form counts


def test_nominations_are_selected_by_organisation_ward_days_and_channel(central: Central) -> None:
    merged(central, accepted(1), accepted(2, ward="ELM  ward"))
    carry(central, sent(1, **SENT), sent(2, **(ANOTHER | {"organisation": "Southgate Trust", "ward": "Elm Ward"})))

    def number(**wanted: Any) -> int:
        with central.selection(Wanted(**wanted)) as selection:
            return len(list(selection))

    assert number() == 4
    assert number(organisations=("southgate trust",)) == 1
    assert number(wards=("elm ward",)) == 2
    assert number(wards=("Elm Ward", "Rose Ward"), organisations=("Northgate Trust",)) == 3
    assert number(first_day=date(2026, 11, 3)) == 2
    assert number(first_day=date(2026, 11, 2), last_day=date(2026, 11, 2)) == 2
    assert number(channel=Channel.PAPER) == 2
    assert central.unknown(Wanted(wards=("Em Ward",)))[0][:2] == ("ward", "Em Ward")


# Imports a delivery and is killed at the moment that the parent chooses: nothing is tidied up.
IMPORT = """
import sys
from pathlib import Path
from scan_ingest.central import open_central
from scan_ingest.online import import_nominations, load_mapping

url, file, mapping = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
with open_central(url, file.parent, create=True) as central:
    print("open", flush=True)
    import_nominations(file, load_mapping(mapping), central)
    print("done", flush=True)
"""


def test_an_import_that_is_killed_anywhere_and_run_again_ends_the_same(store_url: str, tmp_path: Path) -> None:
    """Moments are drawn from the time that a whole import takes, so that they fall into all of it."""
    rows = [submission(number) for number in range(700)]
    for number in range(0, 700, 10):  # every tenth person sends it in twice, in other words
        rows[number] |= {"Who": f"Nurse {number}", "What they did": POSTED["action"], "What it meant": "So glad."}
        rows[number + 1] |= {"Who": f"Nurse {number}", "What they did": SENT["action"], "What it meant": "So glad."}
    file, mapping = write_csv(tmp_path / "d.csv", rows), write_mapping(tmp_path)
    with open_central(f"sqlite:///{tmp_path / 'unharmed.db'}", tmp_path, create=True) as unharmed:
        started = time.monotonic()
        import_nominations(file, load_mapping(mapping), unharmed)
        whole = time.monotonic() - started
        expected = contents(unharmed), {pair.id for pair in unharmed.possible_duplicates()}
    assert len(expected[1]) >= 70

    moments = random.Random(7)
    command = [sys.executable, "-c", IMPORT, store_url, str(file), str(mapping)]
    for _ in range(4):
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as importing:
            assert importing.stdout is not None
            importing.stdout.readline()
            time.sleep(moments.uniform(0, whole))
            importing.kill()

    with open_central(store_url, tmp_path, create=True) as central:
        import_nominations(file, load_mapping(mapping), central)
        assert (contents(central), {pair.id for pair in central.possible_duplicates()}) == expected
        assert import_nominations(file, load_mapping(mapping), central).counts == MergeCounts(unchanged=700)
