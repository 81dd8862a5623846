"""What the invented people of the sample batch wrote on their cards."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """One card's texts; "" is a field left out. `date` is on the A5 card only."""

    nominee: str
    role: str
    ward: str
    nominator: str
    action: str
    impact: str
    date: str = ""

    def fields(self) -> dict[str, str]:
        return dict(vars(self))


A5 = (
    Told(
        "Ngozi Bell",
        "Staff nurse",
        "Ward 7",
        "patient",
        "I was very frightened the night before my operation. Ngozi sat on the end of my bed and talked me through "
        "every step until I stopped shaking. She came back after her shift had ended just to wish me luck.",
        "I went down to theatre smiling. My daughter said I sounded like myself again on the phone.",
        "14/3/26",
    ),
    Told(
        "Tomasz Wilk",
        "Porter",
        "Main theatres",
        "patient",
        "He told me jokes all the way down to the scanner and tucked the blanket round my feet.",
        "It took my mind off the pain. A small thing, but I will not forget it.",
        "9 March",
    ),
    Told(
        "Sister Margaret Oyelaran",
        "Ward manager",
        "Ward 7",
        "relative",
        "When Dad became confused at night she moved him nearer to the desk, found him a radio and played the cricket "
        "for him. She rang my mother each morning so that she never had to chase anybody for news.",
        "Mum could sleep. Dad was calm and even ate his breakfast. We felt that he was safe.",
        "2/3/2026",
    ),
    Told(
        "Dr Farrah Iqbal",
        "Junior doctor",
        "Acute medical unit",
        "relative",
        "She knelt down so that my wife could see her face, spoke slowly and waited for the answers. Nobody had done "
        "that before her.",
        "My wife trusted her and agreed to the treatment.",
        "11/03/26",
    ),
    Told(
        "Gareth Pugh",
        "Healthcare assistant",
        "Ward 7",
        "visitor",
        "Every time I came in he was sitting with somebody who had no visitors. He cut up their dinner, combed their "
        "hair and listened to the same stories as if they were new.",
        "The whole bay was cheerful. People had something to look forward to.",
    ),
    Told(
        "The night team",
        "",
        "Ward 7",
        "patient",
        "Quiet, patient and gentle, all of them, at four in the morning.",
        "I got some sleep at last.",
    ),
    Told(
        "Precious Moyo",
        "Student nurse",
        "Ward 7",
        "colleague",
        "Precious noticed that a patient had not touched his tea for two days. She asked him why, and found out that "
        "he could not hold the cup. She got him one with two handles and told the whole team at handover.",
        "He is drinking well and his kidneys have picked up. It reminded all of us to look twice.",
        "5 March 26",
    ),
    Told(
        "Alan Thwaite",
        "Volunteer driver",
        "Discharge lounge",
        "patient",
        "He carried my bags up three flights of stairs, put the heating on and checked that I had milk and bread.",
        "I was not afraid to be at home on my own.",
        "12/3/26",
    ),
    Told(
        "Keisha Grant",
        "Physiotherapist",
        "Stroke unit",
        "patient",
        "She never let me give up. When I cried she gave me a minute, then a joke, then another go at the stairs.",
        "I walked to the window on my birthday. Next week I am going home on my own two feet.",
        "16/3/26",
    ),
    Told(
        "Joan Bickerstaff",
        "Housekeeper",
        "Ward 7",
        "volunteer",
        "Joan knows how everybody takes their tea. She spotted that the lady in bed 12 was upset and fetched the "
        "nurse, then stayed and held her hand until somebody came.",
        "The lady told me that it was the kindest thing that had happened to her all year.",
    ),
    Told(
        "Mr Aziz Rahman",
        "Consultant",
        "Outpatients",
        "relative",
        "He gave us bad news honestly and with great kindness. He turned off his phone, drew us a picture and asked "
        "what mattered most to my brother.",
        "We could plan the time that he had left. He got to see the sea again.",
        "27/2/26",
    ),
    Told(
        "Becky Lowther",
        "Play specialist",
        "Rainbow ward",
        "relative",
        "Becky let our son put a plaster on his bear first. He held out his own arm after that.",
        "No tears, and now he wants to be a nurse!",
        "6/3/26",
    ),
    Told(
        "Winston Clarke",
        "Security officer",
        "Emergency department",
        "colleague",
        "A young man was shouting and everybody was scared. Winston got him a glass of water, sat down next to him and "
        "asked about his day. It was over in five minutes.",
        "Nobody got hurt. The young man thanked him, and the rest of us learned something.",
        "8 March",
    ),
)

A6 = (
    Told(
        "Siobhan Kearney",
        "Midwife",
        "Delivery suite",
        "patient",
        "Siobhan stayed two hours past the end of her shift because she had promised me that she would be there. She "
        "held my hand and told me that I could do it.",
        "I felt safe and strong. Our little girl has Siobhan for her middle name.",
    ),
    Told(
        "Raj Patel",
        "Pharmacist",
        "Ward 7",
        "carer",
        "He went through all nine of Mum's tablets with me and wrote out a chart in big letters.",
        "I am not scared of getting it wrong any more.",
    ),
    Told(
        "Lorna McAllister",
        "Receptionist",
        "Eye clinic",
        "patient",
        "I had come on the wrong day and two buses. She did not make me feel silly. She found me a gap, got me a cup "
        "of tea and read the form out to me.",
        "My sight was saved that week. If she had sent me home I would have lost it.",
    ),
    Told(
        "Chaplain Ruth Abara",
        "Chaplain",
        "Intensive care",
        "family",
        "Ruth came at three in the morning and said very little. She just stayed.",
        "We were not alone when he died. Thank you from all the family.",
    ),
    Told(
        "Danny Holroyd",
        "Healthcare assistant",
        "Ward 7",
        "student",
        "On my first day I was lost and close to tears. Danny showed me round, shared his lunch and asked me what I "
        "had learned at the end of every shift.",
        "I did not give up my course. I want to look after new people as he does.",
    ),
    Told(
        "Amina Yusuf",
        "Dietitian",
        "Renal unit",
        "patient",
        "She asked what my family cooks at home and worked it all out around that.",
        "I can eat with my children again.",
    ),
    Told(
        "Peter Sandiford",
        "Domestic",
        "Ward 7",
        "staff",
        "Peter always says good morning by name, to patients and to staff. He saw that I was having an awful week and "
        "left a note on my desk that said keep going.",
        "I kept the note. It got me through.",
    ),
    Told(
        "Helen Trent",
        "Specialist nurse",
        "Breast clinic",
        "patient",
        "Helen rang me on a Friday evening so that I would not worry all weekend. She answered all my questions, even "
        "the ones I was embarrassed to ask.",
        "I slept. I went to my son's match on the Saturday and cheered like any other mum.",
    ),
    Told(
        "Bay 3 nurses",
        "Nurses",
        "Ward 7",
        "other",
        "I am only the window cleaner, but I see them every week. They draw the curtains, lower their voices and treat "
        "old people like kings and queens.",
        "It makes me proud of our hospital.",
    ),
    Told(
        "Olu Adeyemi",
        "Radiographer",
        "X-ray",
        "carer",
        "My son has autism and hates noise. Olu let him press the button and hear the buzz before we started.",
        "First scan ever without a fight.",
    ),
)
