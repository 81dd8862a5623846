"""On a shared store somebody of one organisation imports, compares, settles and selects its rows only."""

from pathlib import Path

import pytest

from scan_ingest.central import open_central
from scan_ingest.domain.duplicates import Answer
from scan_ingest.domain.selection import Wanted
from scan_ingest.errors import InputError, StoreError
from scan_ingest.online import import_nominations, load_mapping
from scan_ingest.sql.roles import READER, REVIEWER, role_of
from tests.online.deliveries import MAPPING, submission, write_csv, write_mapping
from tests.postgres import Server
from tests.sql.logins import NORTHGATE, ST_MARYS, make_shared

ONCE = {"Who": "Ngozi Bell", "What they did": "Sat with my mother after her fall and found her glasses in the laundry."}
AGAIN = {
    "Who": "Sister Ngozi",
    "What they did": "Mum had a fall; she stayed and found the glasses down in the laundry.",
}


def test_an_importer_of_one_organisation_neither_sees_nor_writes_the_others(
    postgres_server: Server, tmp_path: Path
) -> None:
    mapping = load_mapping(write_mapping(tmp_path, MAPPING.replace('"Southgate Trust"', f'"{ST_MARYS.organisation}"')))
    theirs = write_csv(tmp_path / "theirs.csv", [submission(1, Trust="SGT") | ONCE, submission(2, Trust="SGT") | AGAIN])
    ours = write_csv(tmp_path / "ours.csv", [submission(3) | ONCE, submission(4) | AGAIN])
    both = write_csv(tmp_path / "both.csv", [submission(5), submission(6, Trust="SGT")])
    with postgres_server.fresh_database() as url:
        shared = make_shared(postgres_server, url, tmp_path)
        with open_central(url, tmp_path, create=False) as central:
            assert import_nominations(theirs, mapping, central).counts.possible_duplicates == 1
            (their_pair,) = central.possible_duplicates()
            there = central.count()

        with (
            shared.login(REVIEWER, role_of(NORTHGATE.organisation)) as login,
            open_central(shared.url_of(login), tmp_path, create=True) as central,
        ):
            assert import_nominations(ours, mapping, central).counts.possible_duplicates == 1
            (pair,) = central.possible_duplicates()
            assert pair.first.organisation == NORTHGATE.organisation
            central.answer_duplicate(pair.id, Answer.SAME, "sam")
            with pytest.raises(InputError, match="no pair"):
                central.answer_duplicate(their_pair.id, Answer.SAME, "sam")
            with pytest.raises(StoreError):
                import_nominations(both, mapping, central)
            with central.selection(Wanted(organisations=(ST_MARYS.organisation,))) as selection:
                assert list(selection) == []
            with central.selection() as selection:
                assert set(selection.counts().organisation) == {NORTHGATE.organisation}
        with (
            shared.login(READER, role_of(NORTHGATE.organisation)) as login,
            open_central(shared.url_of(login), tmp_path, create=False) as central,
        ):
            assert len(central.possible_duplicates()) == 1
            with pytest.raises(StoreError):
                central.answer_duplicate(pair.id, None, "sam")

        with open_central(url, tmp_path, create=False) as central:
            assert central.count() == there + 2
            assert len(central.possible_duplicates()) == 2
