# ruff: noqa: E501 - tables of names
"""Invented people, wards and roles, and how they are written on cards: what short fields are measured on."""

import random
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from scan_ingest.domain.lists import Colleague, Lists

# First names, then last names, by where families come from. No list of real people was used.
ORIGINS = {
    "british": (
        "Ann Anne Anna Sarah Sara John Jon Stephen Steven Stephanie Katherine Catherine Kathryn Emma Emily Claire Clare"
        " Paul Paula Susan Suzanne Karen Julie Julia Mark Marc Philip Phillip Helen Ellen Alan Allan Lesley Leslie Rachel"
        " Deborah Tracy Jean Jane Janet Louise Lewis Daniel Danielle Harry Henry",
        "Jones Johns Johnson Smith Smyth Clark Clarke Thompson Thomson Reid Read Reed Brown Browne Taylor Tyler White"
        " Harris Harrison Wood Woods Green Greene Cook Cooke Turner Parker Barker Baker Hall Hill Hull Marsh March Moore"
        " Moor Carter Porter Potter Webb Wells Shaw Shore Mills Miles",
    ),
    "irish": (
        "Siobhan Sinead Aoife Niamh Ciara Keira Sean Shaun Eoin Owen Padraig Patrick Patricia Bridget Maeve Orla Roisin"
        " Declan Brendan Brenda Fionn Fiona Grainne Cormac Connor Conor Deirdre Eamon Nuala Una",
        "Murphy Murray Kelly Kelley O'Brien O'Neill O'Connor Connors Byrne Burns Ryan Doyle Boyle Walsh Welsh McCarthy"
        " Gallagher Doherty Dougherty Kennedy Lynch Quinn Nolan Dolan Brennan Brannan Flynn Fitzgerald Keane Keating",
    ),
    "welsh": (
        "Rhys Rhian Rhiannon Sian Carys Cerys Dylan Dilys Gareth Gethin Gwen Gwyn Gwyneth Huw Hugh Ieuan Iwan Lowri"
        " Megan Meg Nia Non Owain Sioned Steffan Tegan Tomos Eleri Eirlys Ffion Bethan",
        "Davies Davis Evans Evan Williams Wilson Thomas Thomason Roberts Robertson Lewis Hughes Huws Morgan Griffiths"
        " Griffin Edwards Owen Owens Rees Rhys Price Pryce Powell Howell Howells Llewellyn Lloyd Vaughan Bevan Bowen",
    ),
    "polish": (
        "Agnieszka Anna Hanna Barbara Dorota Ewa Eva Grzegorz Iwona Jan Janusz Joanna Justyna Katarzyna Krzysztof Łukasz"
        " Magdalena Małgorzata Marcin Marek Maria Marta Michał Monika Paweł Piotr Tomasz Wojciech Zofia Zuzanna",
        "Nowak Nowakowski Kowalski Kowalska Kowalczyk Wiśniewski Wiśniewska Wójcik Kamiński Kamińska Lewandowski"
        " Zieliński Zielińska Szymański Woźniak Dąbrowski Kozłowski Jankowski Mazur Kwiatkowski Krawczyk Kaczmarek"
        " Piotrowski Grabowski Zając Pawłowski Michalski Król Wieczorek",
    ),
    "nigerian": (
        "Chidi Chioma Chinedu Ngozi Nkechi Emeka Ifeoma Ifeanyi Adaeze Ada Obi Obinna Uche Uchenna Amaka Kelechi"
        " Olumide Oluwaseun Folake Funmi Funke Bola Bolanle Tunde Tope Yemi Yetunde Kemi Femi Segun Aisha Musa",
        "Okafor Okoro Okonkwo Okoye Eze Ezeh Nwosu Nwachukwu Obi Obiora Adeyemi Adebayo Adewale Adeleke Afolabi"
        " Ogunleye Ogunbanjo Balogun Bello Abubakar Ibrahim Musa Mohammed Danjuma Ojo Oni Onyekachi Uzoma Umeh Umeadi",
    ),
    "indian": (
        "Priya Pria Anita Anitha Sunita Sunitha Rajesh Rakesh Ramesh Suresh Mahesh Sanjay Vijay Ajay Deepa Deepak Divya"
        " Kavita Lakshmi Meena Neha Nisha Pooja Rahul Ravi Rekha Shilpa Sneha Vikram Jincy Bincy Sheeba Shiny Biju Anu",
        "Patel Pathak Sharma Verma Varma Singh Sing Kumar Kumari Gupta Mehta Shah Joshi Desai Nair Menon Pillai Reddy Rao"
        " Iyer Thomas George Mathew Mathews Varghese Kurian Joseph Jose Jacob Chacko Philip Antony Kaur Gill",
    ),
    "filipino": (
        "Maria Marie Jose Josie Juan Juana Rosario Rosalie Rowena Rowell Jennifer Jenny Jocelyn Joselyn Maricel Maricar"
        " Analyn Arlene Arnel Edwin Ernesto Gloria Grace Imelda Liza Luz Rodel Romeo Ronaldo Ronald Teresita Cherry",
        "Santos Santiago Reyes Cruz Bautista Ocampo Garcia Mendoza Torres Castillo Villanueva Ramos Aquino Navarro"
        " Mercado Domingo Delos-Reyes Dela-Cruz Del-Rosario Salazar Pascual Manalo Magsaysay Tolentino Soriano Panganiban",
    ),
    "caribbean": (
        "Marcia Marsha Winston Beverley Beverly Delroy Leroy Errol Carlton Carl Clive Cleo Desmond Dexter Lorna Lorraine"
        " Yvonne Yvette Sonia Sandra Sharon Sharron Trevor Neville Novelette Hyacinth Merlene Marlene Vernon Veronica",
        "Campbell Campbel Williams Brown Gordon Grant Francis Frances Bailey Bayley Henry Morrison Morris Reid Walters"
        " Watson Wright Stewart Stuart Samuels Samuel Joseph Charles Pierre Baptiste Cummings Cummins Blake Black Dacosta",
    ),
    "portuguese": (
        "Ana Joao Joana Paulo Paula Pedro Ines Rita Rui Tiago Diogo Beatriz Catarina Sofia Sonia Marta Miguel Nuno Vera"
        " Helena Filipe Filipa Carla Carlos Duarte Fatima Lucia Luis Luisa",
        "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Martin Sousa Souza Fernandes Fernandez Goncalves"
        " Gomes Gomez Lopes Lopez Marques Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Mendes Nunes",
    ),
    "muslim": (
        "Mohammed Muhammad Mohamed Ahmed Ahmad Ali Aliya Fatima Fatema Hassan Hussain Hussein Ibrahim Khadija Layla Leila"
        " Mariam Maryam Nadia Nadiya Omar Umar Rashid Rashida Salma Samira Yusuf Yousef Zainab Zaynab Amina Ameena",
        "Khan Kahn Ahmed Ahmad Ali Hussain Hussein Begum Akhtar Iqbal Malik Mahmood Mehmood Rahman Rehman Chowdhury"
        " Choudhury Miah Uddin Islam Aslam Butt Bhatti Mirza Qureshi Sheikh Shaikh Siddiqui Hassan Hasan Osman Usman",
    ),
}
ROLES = (
    "Staff Nurse", "Senior Staff Nurse", "Healthcare Assistant", "Senior Healthcare Assistant", "Ward Sister", "Ward Manager",
    "Ward Clerk", "Porter", "Domestic", "Housekeeper", "Physiotherapist", "Occupational Therapist", "Pharmacist",
    "Pharmacy Technician", "Junior Doctor", "Consultant", "Registrar", "Midwife", "Student Nurse", "Radiographer", "Dietitian",
    "Receptionist", "Chaplain", "Phlebotomist",
)  # fmt: skip
STRANGE_ROLES = (
    "Volunteer",
    "Tea lady",
    "Visitor",
    "Security guard",
    "Ambulance crew",
    "Lady with the trolley",
    "Cleaner",
)
WARDS = (
    "Ward 1", "Ward 2", "Ward 3", "Ward 7", "Ward 11", "Ward 12", "Ward 17", "Ward 21", "Oak Ward", "Elm Ward", "Ash Ward",
    "Beech Ward", "Maternity", "Emergency Department", "Children's Ward", "Critical Care", "Outpatients", "Day Surgery",
    "Stroke Unit", "Acute Medical Unit", "Theatre 1", "Theatre 2", "Clinic B", "Birch Ward",
)  # fmt: skip
STRANGE_WARDS = (
    "Ward 4",
    "Ward 9",
    "Ward 71",
    "Ward 13",
    "Car park",
    "Canteen",
    "Yew Ward",
    "Rowan Ward",
    "Theatre 3",
    "Clinic D",
)
TITLES = ("Sister", "Nurse", "Dr", "SN", "Mr", "Mrs", "Miss", "HCA", "Prof")


@dataclass(frozen=True)
class Written:
    """What somebody wrote, and whom they meant: None where it is in no list."""

    texts: dict[str, str]
    means: dict[str, str | None]


def invented_name(chance: random.Random, origins: tuple[str, ...]) -> str:
    """One in eight has names of two origins."""
    first = chance.choice(origins)
    last = first if chance.random() < 0.875 else chance.choice(origins)
    return f"{chance.choice(ORIGINS[first][0].split())} {chance.choice(ORIGINS[last][1].split())}".replace("-", " ")


def invented_lists(chance: random.Random, people: int, origins: tuple[str, ...]) -> Lists:
    names: dict[str, None] = {}
    for _ in range(people * 20):
        names[invented_name(chance, origins)] = None
        if len(names) == people:
            break
    roles, wards = chance.sample(ROLES, 18), chance.sample(WARDS, 16)
    staff = tuple(Colleague(name, chance.choice(roles), chance.choice(wards)) for name in names)
    return Lists(staff, tuple(wards), tuple(roles))


def written(chance: random.Random, lists: Lists, origins: tuple[str, ...]) -> Written:
    """A card about somebody: half the people are in the list, a third of the others nearly share somebody's name."""
    person = chance.choice(lists.staff)
    listed = {colleague.name for colleague in lists.staff}
    name, known = person.name, True
    if chance.random() < 0.5:
        known = False
        name = _stranger(chance, person.name, listed, origins)
    role = person.role if known and chance.random() < 0.9 else chance.choice(lists.roles)
    if chance.random() < 0.25:
        role = chance.choice(STRANGE_ROLES)
    ward = person.ward if known and chance.random() < 0.85 else chance.choice(lists.wards)
    if chance.random() < 0.2:
        ward = chance.choice(STRANGE_WARDS)
    texts = {"nominee": _as_written(chance, name), "role": role, "ward": ward}
    for field in ("role", "ward"):
        if chance.random() < 0.25:
            texts[field] = ""
        elif chance.random() < 0.15:
            texts[field] = texts[field].upper()
    return Written(
        texts,
        {
            "nominee": name if known else None,
            "role": role if role in lists.roles else None,
            "ward": ward if ward in lists.wards else None,
        },
    )


def _stranger(chance: random.Random, like: str, listed: set[str], origins: tuple[str, ...]) -> str:
    first, _, last = like.partition(" ")
    firsts = [name for origin in origins for name in ORIGINS[origin][0].split()]
    lasts = [name.replace("-", " ") for origin in origins for name in ORIGINS[origin][1].split()]
    for _ in range(50):
        kind = chance.random()
        if kind < 0.18:
            name = f"{_near(chance, first, firsts)} {last}"
        elif kind < 0.34:
            name = f"{first} {_near(chance, last, lasts)}"
        elif kind < 0.5:
            name = f"{chance.choice(firsts)} {last}"
        else:
            name = invented_name(chance, origins)
        if name not in listed:
            return name
    return "Nobody Atall"


def _near(chance: random.Random, name: str, names: list[str]) -> str:
    """A name like that one, but another."""
    others = sorted(set(names) - {name}, key=lambda other: (Levenshtein.normalized_distance(name, other), other))
    return chance.choice(others[:3])


def _as_written(chance: random.Random, name: str) -> str:
    first, _, last = name.partition(" ")
    kind = chance.random()
    if kind < 0.60:
        text = name
    elif kind < 0.70:
        text = first
    elif kind < 0.78:
        text = f"{first[0]}. {last}" if chance.random() < 0.5 else f"{first[0]} {last}"
    elif kind < 0.86:
        text = f"{chance.choice(TITLES)} {name}"
    elif kind < 0.92:
        text = f"{chance.choice(TITLES)} {chance.choice((first, last))}"
    elif kind < 0.96:
        text = f"{last}, {first}" if chance.random() < 0.6 else f"{last} {first}"
    else:
        text = f"{first} {last[0]}"
    style = chance.random()
    return text.upper() if style < 0.12 else text.lower() if style < 0.16 else text
