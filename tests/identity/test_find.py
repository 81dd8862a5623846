"""Patients' identities in what people write: what must not pass, and what must not be held up."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.identities import FOLDER, NOISY_COPIES, SETS, cards_in, measure, misread, ours
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
    "Ring me on 7700 900 123",
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
    "My mum, Margaret Thompson, was on Ward 12 for three weeks.",
    "Margaret Thompson (bed 6) said you were an angel",
    "Please tell the family of Mrs Doris Blackwood",
    "my husband's NHS number is 485 777 3456.",
    "NHS 4857773456",
    "DOB: 14/02/1956",
    "born 14.2.56",
    "b. 14/02/1956",
    "Margaret Thompson 14/02/1956",
    "hospital no 12345678",
    "Hosp. No: A1234567",
    "her hospital number was RXY123456",
    "ring me on 07911 123456",
    "my number's 0113 496 0123",
    "I live in LS13 2AB",
    "patient Jane Doe in side room 2",
    "pt: Jane Doe",
    "Jane Doe, 45, was admitted with chest pain",
    "Cared for my uncle Bob Harris",
    "Mr John Smith in bed 5",
    "My daughter Emily Watson-Brown",
    "the patient's wife Anne Hughes",
    "I, Peter Jones, was a patient here",
    "Peter Jones here, bed 7",
    "Mrs Elsie Carter's son",
    "my mother Maria de Souza",
    "my friend Ahmed al Rashid",
    "My mother-in-law Jean Bell",
    "my mother\nJoan Smith",
    "Miss J. Patel's mother, Anita Patel,",
    "My late father Bernard O'Donnell",
    "Our premature baby Theo James Marsh",
    "Granny Ethel Bird was confused",
    "my brother in law Sean Murphy",
    "wife: Joan Smith",
    "re: Joan Smith DOB 1/2/45",
    "Patient's name: Joan Smith",
    "name Joan Smith dob 4/5/1960",
    "the gentleman in bed 3, Walter Pym",
    "a patient, Joan Smith, who",
    "My mother is Joan Smith",
    "my mother, called Joan Smith",
    "my mum (Joan Smith, ward 4)",
    "SMITH, Joan  DOB 1/2/1945",
    "my mum Joan Smi\nth",
    "my m0ther Joan Smith",
    "rny rnother Joan Smith",
    "NHS no. 943476 5919",
    "N.H.S. number 943 476 5919",
    "NHS-No 943 476 5919",
    "NHS Number - 9434765919",
    "nhs number ; 943 476 5919",
    "my NHS number: 94 3476 5919",
    "NHS number 943 476 S919",
    "NHS number 9A3 476 5919",
    "call Jo on O7700 900123",
    "phone no 07700 90O 123",
    "my mobile is O77OO9OOI23",
    "tel. 0l61 496 0000",
    "0161 4960000",
    "01914980000",
    "call my wife 0191 498 0000",
    "email joan.smith@nhsmail.com",
    "joan at gmail dot com",
    "e-mail: joan smith @ gmail.com",
    "joan.smith@gmail.corn",
    "JOAN.SMITH@GMAIL.COM",
    "joan.smith@btinternet.com",
    "SW1A lAA",
    "M1 lAE",
    "LS1 4AP",
    "LSI 4AP",
    "yo1 7hh",
    "lives at 4 High St, yo1 7hh",
    "B1 1AA",
    "DOB 1/2/45",
    "DOB 1 Feb 45",
    "DOB 1st of February 1945",
    "date of birth is 01.02.1945",
    "Birthday 01/02/1945",
    "D O B 01/02/1945",
    "d.o.b 01-02-1945",
    "D0B 01/02/1945",
    "DOB Ol/O2/l945",
    "born on 1/2/45",
    "born in York on 1/2/1945",
    "Hospital Number: 123456",
    "hospital nurnber 123456",
    "Hosp No 123456",
    "MRN No. 123456",
    "patient no. 123456",
    "Unit No: 123456",
    "Patient ID: AB123456",
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
    "Nurse Emily Clarke was wonderful with my mum.",
    "Emily Clarke looked after my mum",
    "Emily Clarke was so kind",
    "Thank you Emily Clarke for looking after my mother",
    "My mother was looked after by Emily Clarke",
    "The staff nurse, Emily Clarke, sat with my mother",
    "Emily Clarke and Tom Hughes on Ward 7",
    "Emily Clarke, Ward 7",
    "Emily Clarke was with my mum when she passed away",
    "Emily Clarke had been on shift for 12 hours",
    "my son's nurse, Emily Clarke, drew him a dragon",
    "Emily Clarke, 10/10",
    "I am Emily Clarke's manager and I see it every day",
    "Emily Clarke's family should be so proud of her",
    "The lady in bed 4. Emily Clarke came at once",
    "the man in bed 4 fell and Emily Clarke came",
    "my mum and Emily Clarke sang songs",
    "my mum was Emily Clarke's patient",
    "My mum was in Queen Elizabeth Hospital",
    "My dad was in Royal Victoria for a month",
    "my dad loved Emily Clarke",
    "We married 12/06/1971",
    "our wedding was on 12/06/1971",
    "our wedding was 12/06/1971",
    "The NHS opened on 5 July 1948",
    "ward phone 0113 496 0000",
    "ring 111 or 999",
    "admitted 3/2/2025, home 5/2/2025",
    "Emily Clarke from physio",
    "Emily Clarke at reception",
    "Emily from the stroke team",
    "Sister Jones and Dr Ahmed",
    "Mr Khan my surgeon",
    "The surgeon Mr Imran Khan",
    "My consultant, Mr Imran Khan, explained it",
    "Consultant Mr Imran Khan",
    "Mr Imran Khan and his team",
    "Thanks to Mr Imran Khan",
    "Mr Imran Khan operated on me",
    "I would like to nominate Mrs Emily Clarke",
    "I'd like to thank Mrs Emily Clarke and the team",
    "Emily Clarke went above and beyond",
    "Emily Clarke always smiles",
    "Her name is Emily Clarke",
    "Her name badge said Emily Clarke",
    "The nurse's name was Emily Clarke",
    "Emily Clarke (Ward 7)",
    "Emily Clarke RGN",
    "Emily Clarke - nurse",
    "Emily Clarke HCA",
    "ODP Emily Clarke",
    "Emily Clarke, ODP",
    "SHO Emily Clarke",
    "Dr. Emily Clarke",
    "My physio Emily Clarke got me walking",
    "Housekeeper Emily Clarke",
    "Emily Clarke in the day surgery unit",
    "Thank you for caring for my mum",
    "Thank you for caring. Emily Clarke",
    "Emily Clarke cared for my mum",
    "a big thank you to Emily Clarke",
    "My partner and I",
    "My Dad Passed Away On Ward 7",
    "MY DAD PASSED AWAY ON WARD 7 AND EMILY CLARKE HELD HIS HAND",
    "EMILY CLARKE WAS WONDERFUL",
    "THANK YOU EMILY CLARKE",
    "Little Emily is home now",
    "Baby Unit staff",
    "Mum loved the Christmas Carols",
    "My mum calls her Saint Emily",
    "She is my Guardian Angel",
    "my daughter Emily is 4",
    "flight BA 1234567",
    "it cost 1234567 pounds",
    "step count 12345678",
    "30 minutes, 20 times",
    "04/11/2025 14:30",
    "24 hrs a day 7 days a week",
    "Room A12 3rd bay",
    "Table 4 2pm",
    "theatre 5 7am",
    "A1 care",
    "M25 5 miles",
    "5 STAR B1 team",
    "ward 7B 4 beds",
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


@pytest.mark.parametrize("cards_of", SETS)
def test_the_labelled_cards_keep_their_figures(cards_of: str) -> None:
    written = list(cards_in(Path(FOLDER) / f"{cards_of}.txt"))
    cards = written + [misread(card, seed) for card in written for seed in range(NOISY_COPIES)]
    identities, found, harmless, held = measure(cards, ours, misses=False)
    assert found.total() >= 0.97 * identities.total()
    assert held <= 0.02 * harmless


@pytest.mark.parametrize(
    "text",
    [
        "Joan Smith my mum was on ward 4",
        "Siobhán O'Reilly is my sister and she was so scared",
        "Mei Ling Tan, she is my mother",
        "Olive Garside mother of five",
        "Thank you from Vera Openshaw, patient",
        "My patient K. Olawale in bay 3",
        "Eirlys Gwyn Roberts my nain was scared",
        "Stanislaw Nowicki, rny grandad, kept his cap on",
    ],
)
def test_a_name_before_the_word_for_the_family_holds_too(text: str) -> None:
    assert [finding.kind for finding in find(text) if finding.holds] == [IdentityKind.NAME]


@pytest.mark.parametrize(
    "text",
    [
        "Thank you Sarah Williams my mum was so well cared for",
        "Thanks to Sarah Williams, my mum was home by Friday",
        "Nurse Beth Ogden my wife calls her",
        "Physio Tom Reay is my brother's hero",
        "Lisa Crane my manager lets us swap shifts",
        "Christmas Day my dad was alone and she sat down",
        "Clinic 2, 2026-01-12, 14:20",
    ],
)
def test_whoever_is_thanked_or_works_here_does_not_hold_for_a_word_for_the_family_behind(text: str) -> None:
    assert not [finding for finding in find(text) if finding.holds]


@pytest.mark.parametrize(
    "text",
    [
        "born on the third of May 1941",
        "Date of birth: Fourteenth February nineteen fifty two",
        "DOB twenty-second July two thousand and one",
        "birthdate 2001-08-17 my son",
        "DOB 195 0-02-11",
    ],
)
def test_dates_of_birth_in_words_and_as_computers_write_them(text: str) -> None:
    assert [finding.kind for finding in find(text) if finding.holds] == [IdentityKind.DATE_OF_BIRTH]


@pytest.mark.parametrize("text", ["On the third of May nineteen fifty people came", "first of all, May 20 is mine"])
def test_words_that_are_no_date_are_none(text: str) -> None:
    assert not [finding for finding in find(text) if finding.kind is IdentityKind.DATE_OF_BIRTH and finding.holds]


@pytest.mark.parametrize("before", [0, 19_990, 20_000, 60_000])
def test_in_a_long_text_nothing_is_passed_over(before: int) -> None:
    text = "so kind " * (before // 8) + "NHS number 943 476 5919 " + "so kind " * 3000 + "my mum Joan Smith"
    found = [text[finding.start : finding.end] for finding in find(text) if finding.holds]
    assert found == ["943 476 5919", "Joan Smith"]
