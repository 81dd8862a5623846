"""Nominations for research: an attempt to link them back must fail."""

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scan_ingest.domain.nomination import NAMESPACE, Channel, Nomination, nomination_id
from scan_ingest.errors import InputError, UsageError
from scan_ingest.research import SUPPRESSED, key_from, pseudonymised
from scan_ingest.research.names import name_words, without_names

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
PEOPLE = ("Sister Mary Ashworth", "Tom O'Neill", "Dr Anwar Patel", "Jean-Luc Moreau", "Grace Hope")


def nomination(number: int, **changes: object) -> Nomination:
    values: dict[str, object] = {
        "id": nomination_id(f"{number:020x}"),
        "channel": Channel.PAPER,
        "organisation": "Northgate",
        "box": "Oak",
        "ward": "Oak",
        "nominee": PEOPLE[number % len(PEOPLE)],
        "role": "Nurse",
        "nominator": "patient",
        "action": "Mary sat with my mother all night. Ashwerth's smile helped.",
        "impact": "She felt safe with Tom and with Kateryna.",
        "collected_on": date(2026, 3, 17),
        "reviewed_by": "annika.r",
        "reviewed_at": datetime(2026, 3, 18, 9, tzinfo=UTC),
        "source": f"oak-box.pdf#{number}",
        "extra": {"phone": "01632 960001"},
    }
    return Nomination(**(values | changes))  # type: ignore[arg-type]  # fields by name


def several(count: int) -> Sequence[Nomination]:
    return [nomination(number) for number in range(1, count + 1)]


def exported(nominations: Sequence[Nomination], key: bytes = KEY, **options: int) -> list[Nomination]:
    return list(pseudonymised(lambda: nominations, key, **options))


def test_pseudonyms_are_the_same_with_the_same_key_and_others_with_another() -> None:
    first, again, other = exported(several(10)), exported(several(10)), exported(several(10), OTHER_KEY)
    assert first == again
    assert not {n.id for n in first} & {n.id for n in other}
    assert not {n.nominee for n in first} & {n.nominee for n in other}


def test_one_nominee_keeps_one_pseudonym_however_the_name_is_written() -> None:
    spelled = ["Tom O'Neill", "tom o’neill", "TOM ONEILL", "Tom  O'Neill"]
    told = exported([nomination(n, nominee=name) for n, name in enumerate(spelled, start=1)])
    assert len({n.nominee for n in told}) == 1


def test_who_knows_every_name_and_id_but_not_the_key_links_nothing_back() -> None:
    """The attempt: everything that stands in the store, hashed in every usual way, looked for in the export."""
    originals = several(20)
    told = exported(originals)
    written = json.dumps([vars(n) for n in told], default=str)
    guesses = {value for n in originals for value in (n.id, n.nominee, n.source, n.reviewed_by, *n.nominee.split())}
    hashes: Sequence[Callable[[bytes], str]] = (
        lambda value: hashlib.sha256(value).hexdigest(),
        lambda value: hashlib.sha1(value, usedforsecurity=False).hexdigest(),
        lambda value: hashlib.md5(value, usedforsecurity=False).hexdigest(),
        lambda value: uuid.uuid5(NAMESPACE, value.decode()).hex,
    )
    for guess in guesses - {"Hope", "Grace"}:  # these are words of the answers' language, too
        assert guess not in written
        for made in hashes:
            assert made(guess.encode())[:12] not in written
    by_order = [n.id for n in told]
    assert by_order == sorted(by_order)
    # The store's order is that of the boxes; the export's tells nothing of it.
    assert [n.id for n in told] != [n.id for n in exported(originals, OTHER_KEY)]


def test_names_leave_the_answers() -> None:
    own, known = name_words(["Sister Mary Ashworth"]), name_words(PEOPLE)
    text = (
        "Mary was kind. MARY ASHWORTH, ashwerth, and Dr Patel sat with Kateryna Bondar on Oak Ward. Tom O'Neill's "
        "voice! I thank Mrs lewis and Jean-Luc in March. We hope she stays. The NHS is lucky."
    )
    cleared = without_names(text, own, known)
    assert cleared == (
        "[name] was kind. [name], [name], and Dr [name] sat with [name] on [name] Ward. [name] "
        "voice! I thank Mrs lewis and [name] in March. We hope she stays. The NHS is lucky."
    )


def test_an_answer_without_names_stays_as_it_is() -> None:
    text = "She stayed with us. It was Christmas, and I was afraid; the nurse held my hand."
    assert without_names(text, name_words(["Tom O'Neill"]), name_words(PEOPLE)) == text


def test_wards_and_roles_of_small_numbers_are_not_told() -> None:
    oak = [nomination(n) for n in range(1, 8)]
    chaplain = [nomination(8, role="Chaplain")]
    elm = [nomination(n, ward="Elm") for n in range(10, 13)]
    ash = [nomination(n, ward="Ash") for n in range(20, 29)]
    told = exported([*oak, *chaplain, *elm, *ash], smallest=5)
    wards = [n.ward for n in told]
    # Three on Elm alone would be given away by the total, so the next smallest ward is not told either.
    assert sorted(set(wards)) == ["(few)", "Ash"]
    assert wards.count("Ash") == 9
    assert "Chaplain" not in {n.role for n in told}


def test_a_role_that_only_one_has_on_a_ward_is_not_told() -> None:
    told = exported([*several(12), nomination(13, role="Chaplain")], smallest=3)
    assert {n.ward for n in told} == {"Oak"}
    assert {n.role for n in told} == {SUPPRESSED}


def test_the_day_the_source_the_reviewer_and_unknown_fields_are_left_out() -> None:
    (told,) = exported([nomination(1)], smallest=1)
    assert told.collected_on == date(2026, 3, 1)
    assert (told.reviewed_by, told.reviewed_at, told.source, told.box, told.extra) == ("", None, "", "", {})
    assert (told.ward, told.role, told.nominator, told.organisation) == ("Oak", "Nurse", "patient", "Northgate")


def test_a_key_is_made_once_and_kept_apart_from_the_export(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    file, export = tmp_path / "keys" / "research.key", tmp_path / "out.csv"
    made = key_from(file, apart_from=export)
    assert file.stat().st_mode & 0o77 == 0
    assert key_from(file, apart_from=export) == made
    with pytest.raises(UsageError, match="kept apart"):
        key_from(tmp_path / "research.key", apart_from=export)
    file.write_text("not a key", encoding="ascii")
    with pytest.raises(InputError, match="is no key"):
        key_from(file, apart_from=export)
