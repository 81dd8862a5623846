"""Patients' identities in what people write: what must not pass, and what must not be held up."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.identities import FOLDER, NOISY_COPIES, cards_in, measure, misread, ours
from scan_ingest.domain.identity import IdentityKind, redacted
from scan_ingest.identity import Known, find, find_in_fields
from scan_ingest.identity.numbers import nhs_check_digit_fits

HELD = (
    "My mother Mrs Joan Smith was here",
    "my mother, Joan Smith, was on Oak Ward",
    "My mum Rose Brown was on Oak Ward",
    "my mother joan smith was on oak ward",
    "Mother: Joan Smith",
    "M y mother Joan Smith was lovely",
    "rny mother Joan Smith",
    "my motber Joan Smith",
    "my mother Jo an Smith",
    "my mother Joan Smi th",
    "my mother Joan\nSmith",
    "my mother J0an Sm1th",
    "Joan Smith was a patient on Oak Ward",
    "patient John Brown in bed 4",
    "Patient John Brown",
    "pt. John Brown",
    "Mr Alan Jones's daughter",
    "Mr. Alan Jones’s daughter",
    "Mr Alan Jones was in bed 4",
    "Mrs Joan Mary Smith was frightened",
    "Thank you for looking after my wife Jane O'Connor",
    "our son Mohammed Al-Hassan",
    "my husband Jean-Luc Picard",
    "my grandad Tom Hill",
    "My dad Bill Wood had a fall",
    "the patient was called Winifred Oduya",
    "his name is John Brown and he is my father",
    "my mother's name was Ann Lee",
    "dad (Peter Young) in ICU",
    "NHS number 943 476 5919",
    "NHS No: 9434765919",
    "943 476 5919",
    "943-476-5919",
    "9 4 3 4 7 6 5 9 1 9",
    "94 34 76 59 19",
    "943 476\n5919",
    "N H S number 943 476 5919",
    "NHS num 943 47G 5919",
    "NHS number 943 476 5918",
    "nhs no. 9434765918",
    "943 4765919.",
    "DOB 12/03/1948",
    "born 12 March 1948",
    "D.O.B: 12-03-48",
    "date of birth 12/03/1948",
    "date of blrth 12/03/1948",
    "DOB 12 / 03 / 1948",
    "DOB 12 03 1948",
    "DOB 12/o3/l948",
    "born on the 12th of March 1948",
    "DOB: 12th Mar 48",
    "hospital number A123456",
    "Hospital No: 1234567",
    "hospital number is 123 4567",
    "MRN 1234567",
    "MRN: A1234567",
    "mrn1234567",
    "MRN#1234567",
    "patient number 445566",
    "unit no 12/34567",
    "hosp. no. 4471203",
    "07700 900123",
    "07700900123",
    "0770 0900 123",
    "+44 7700 900123",
    "+447700900123",
    "(0161) 496 0000",
    "0161 496 0000",
    "call me on 0161 496 0000",
    "Tel 01632 960 001",
    "O77OO 9OO123",
    "077OO 9OO l23",
    "phone 496 0000",
    "SW1A 1AA",
    "YO10 5DD",
    "yo10 5dd",
    "Y010 5DD",
    "YO1O 5DD",
    "YO10 SDD",
    "YO10\n5DD",
    "YO 10 5DD",
    "lives at LS1 4AP",
    "M1 1AE",
    "joan.smith@gmail.com",
    "joan.smith @gmail.com",
    "joan.smith@gmail .com",
    "joan smith@gmail.com",
    "joan.smith@ gmail.co.uk",
    "joan_smith99@hotmail.co.uk",
    "my mother Joan Smith-Jones",
    "Joan Smith (my mother) was frightened",
    "Joan Smith, my mother, was frightened",
    "Our baby girl Lily Rose Evans was in NICU",
    "John Brown, bed 4",
    "bed 4 John Brown",
    "Bed 4: Mr John Brown",
    "from John Brown's wife",
    "I am John Brown's wife",
    "Regards, Joan Smith (patient's daughter)",
    "JOAN SMITH, MY MOTHER, WAS ON OAK WARD",
    "my friend Aoife Ni Bhriain was a patient",
    "my mother Xiu Ying Zhang",
    "my neighbour Mrs Ann Lee",
    "the patient's name is Tariq Mahmood",
    "my mum Sheila Ward",
    "my late wife Grace Hope",
    "my son Will Turner",
    "my son Mark Green",
    "My father, Alan Parsons, aged 78",
    "Alan Parsons, 78, was a patient",
)

LET_THROUGH = (
    "Mum",
    "my son",
    "Mum was on Oak Ward",
    "Mrs Smith was lovely",
    "Sister Mary Jones",
    "Dr Patel",
    "Dr Anita Patel",
    "Nurse Mary Jones helped my mum",
    "Mary Jones helped my mother",
    "Mary Jones was kind to my mother",
    "my mother and Mary Jones became friends",
    "my nurse Mary Jones",
    "my mother's consultant Mr John Smith",
    "Thank you Mary Jones",
    "1234567890",
    "9434765918",
    "0434765918",
    "ref 943 476 5918",
    "seen on 12/3/2025",
    "on 12/3/2025 my mother was admitted",
    "admitted 3 March 2025",
    "she is 84",
    "aged 84",
    "bleep 1234",
    "ext 56789",
    "ext. 2345",
    "Ward B12",
    "Ward B12 at 4pm",
    "B12",
    "room 12 4",
    "jo.ash@nhs.net",
    "My Mother Was In Hospital For Two Weeks",
    "my mum Was so happy",
    "MUM WAS ON OAK WARD",
    "Mum and Dad",
    "my dad, Mary was wonderful with him",
    "My mum thinks Mary Jones is the best nurse",
    "my husband Mr Grumpy",
    "I am Very Grateful",
    "I am So Happy",
    "I'm Not Easily Impressed",
    "My Mum Had A Stroke",
    "my wife Had A Baby",
    "the Patient Advice and Liaison Service",
    "Patient Transport was late but",
    "my mother, Thank You",
    "Mum. Thank you Mary Jones",
    "He looked after my dad. Mary Jones also came.",
    "she cared for Dad. Emma too.",
    "looked after by Mary Jones",
    "I was looked after by Mary Jones and Tom Hill",
    "Mary Jones, patient and kind",
    "Mary Jones, HCA, Oak Ward",
    "The team of Mary Jones",
    "ordered 2 x 500ml 12 times",
    "the code is 4567",
    "call bell 1234",
    "on 3rd March 2025 at 14:30",
    "12/3/25",
    "work number 12345678",
    "the ward number is 0161 496 0000",
    "from Ward 4 to Ward 5",
    "my mum loves Strictly Come Dancing",
    "My sister Jane is a nurse",
    "Little Things Matter",
    "Mary Jones on Bay 4",
    "my mother's carer Mary Jones",
    "Our health visitor Mary Jones",
    "my son's teacher Mary Jones",
)


@pytest.mark.parametrize("text", HELD)
def test_an_identity_holds(text: str) -> None:
    assert any(finding.holds for finding in find(text))


@pytest.mark.parametrize("text", LET_THROUGH)
def test_what_tells_nobodys_identity_never_holds(text: str) -> None:
    assert not any(finding.holds for finding in find(text))


def test_a_title_with_a_surname_is_pointed_out_and_does_not_hold() -> None:
    (finding,) = find("Dr Patel told Mrs Smith a joke")
    assert (finding.kind, finding.holds) == (IdentityKind.NAME, False)
    assert "Dr Patel told Mrs Smith a joke"[finding.start : finding.end] == "Mrs Smith"


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("My NHS number is 943 476 5919, thanks", IdentityKind.NHS_NUMBER, "943 476 5919"),
        ("My NHS number is 943 476 5918, thanks", IdentityKind.NHS_NUMBER, "943 476 5918"),
        ("she was born 2 June 1947 in York", IdentityKind.DATE_OF_BIRTH, "2 June 1947"),
        ("Hospital no. K204518 - the young doctor", IdentityKind.HOSPITAL_NUMBER, "K204518"),
        ("call me on (020) 7946 0018.", IdentityKind.PHONE, "(020) 7946 0018"),
        ("3 Hope Street LS9 7TF if you like", IdentityKind.POSTCODE, "LS9 7TF"),
        ("write to joan@example.com.", IdentityKind.EMAIL, "joan@example.com"),
        ("my mother Joan Smith was on Oak Ward", IdentityKind.NAME, "Joan Smith"),
        ("Mr Alan Jones's daughter", IdentityKind.NAME, "Mr Alan Jones"),
    ],
)
def test_a_finding_is_of_its_kind_and_covers_what_tells(text: str, kind: IdentityKind, piece: str) -> None:
    (finding,) = find(text)
    assert (finding.kind, text[finding.start : finding.end]) == (kind, piece)
    assert finding.holds
    assert piece.casefold() not in finding.why.casefold()


def test_the_check_digit_is_the_nhs_numbers() -> None:
    assert nhs_check_digit_fits("9434765919")
    assert not nhs_check_digit_fits("9434765918")
    assert not nhs_check_digit_fits("943476591")


def test_the_cards_own_nominee_is_pointed_out_but_does_not_hold() -> None:
    text = "My friend Ngozi Bell never let me down"
    assert [finding.holds for finding in find(text)] == [True]
    assert [finding.holds for finding in find(text, Known(nominees=("Ngozi Bell",)))] == [False]
    found = find_in_fields({"nominee": "Ngozi Bell", "action": text, "nominator": "friend"})
    assert [(name, [finding.holds for finding in findings]) for name, findings in found.items()] == [
        ("action", [False])
    ]


def test_a_name_on_the_staff_list_passes_unless_the_words_speak_plainly_of_a_patient() -> None:
    staff = Known(staff=("David Ellis", "Joan Smith"))
    assert find("It was Mr David Ellis who came", staff) == ()
    assert [finding.holds for finding in find("It was Mr David Ellis who came")] == [True]
    assert [finding.holds for finding in find("my mother Joan Smith", staff)] == [True]


def test_ticked_options_and_codes_are_not_looked_at() -> None:
    texts = {"nominator": "my mother Joan Smith", "serial": "9434765919", "action": "9434765919"}
    kinds = {"nominator": "choice", "serial": "code", "action": "text"}
    assert list(find_in_fields(texts, kinds)) == ["action"]


@given(st.text(max_size=200) | st.lists(st.sampled_from((*HELD, *LET_THROUGH)), max_size=4).map(" ".join))
def test_findings_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = find(text)
    assert all(finding.end <= len(text) for finding in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_what_is_taken_out_leaves_one_mark_in_its_place() -> None:
    text = "my mother Joan Smith, NHS 943 476 5919"
    assert redacted(text, [(10, 20), (26, 38)]) == "my mother [redacted], NHS [redacted]"
    assert redacted(text, [(10, 14), (14, 20)]) == "my mother [redacted], NHS 943 476 5919"


@pytest.mark.parametrize("text", ["a" * 20_000, "0 " * 10_000, "My Joan " * 2_500, "a@" * 10_000, "1/" * 10_000])
def test_a_text_that_goes_on_for_ever_is_looked_through_in_bounded_time(text: str) -> None:
    assert all(finding.end <= len(text) for finding in find(text))  # what backtracks without end would not come back


@pytest.mark.parametrize("half", ["open.txt"])
def test_the_labelled_cards_keep_their_figures(half: str) -> None:
    written = list(cards_in(Path(FOLDER) / half))
    cards = written + [misread(card, seed) for card in written for seed in range(NOISY_COPIES)]
    identities, found, harmless, held = measure(cards, ours, misses=False)
    assert found.total() >= 0.97 * identities.total()
    assert held <= 0.02 * harmless
