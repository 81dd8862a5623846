"""Sheets that are no cards but end up in the box all the same."""

import numpy as np

from scan_ingest.domain.geometry import GreyImage
from tests.drawing.press import Sheet


def letter() -> GreyImage:
    """An appointment letter, A5 landscape (folded A4)."""
    sheet = Sheet(210, 148)
    sheet.text((201, 16), "Northgate Hospitals", 15, "Sans-Bold", 51, "rs")
    sheet.text((201, 21), "Eye Clinic, Level 2, West Wing", 8.5, ink=68, anchor="rs")
    sheet.rule((9, 25), (201, 25), 0.4, 102)
    sheet.text((9, 34), "Your appointment", 13, "Serif-Bold")
    y = 43.0
    for paragraph in (
        "Dear Patient, we have booked you in to see the nurse on Tuesday 24 March at 10.40 in the morning. Please "
        "bring this letter, your glasses and a list of the tablets that you take.",
        "Drops will be put into your eyes, and your sight will be blurred for some hours. Please do not drive "
        "yourself. If you need transport, ring us on extension 2260 at least two working days before.",
        "If you cannot come, tell us as soon as you can, so that somebody else may have your place. Last month 312 "
        "appointments were missed, and each of them could have helped another person.",
        "Yours sincerely",
    ):
        y = sheet.paragraph((9, y), paragraph, 10.5, 190, face="Serif-Regular") + 2.5
    sheet.text((9, y + 12), "Clinic office", 10.5, "Serif-Regular")
    sheet.box((140, 112, 61, 22), 0.3, 102)
    sheet.text((144, 119), "Car park C is closed until May.", 8)
    sheet.text((144, 124), "Please use the park and ride,", 8)
    sheet.text((144, 129), "service 14 from the station.", 8)
    return sheet.picture()


def rota() -> GreyImage:
    """A page of a duty rota, A6 landscape: a table, much like a form."""
    sheet, rng = Sheet(148, 105), np.random.default_rng(11)
    sheet.text((8, 13), "Duty rota, week 11", 14, "Sans-Bold")
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    names = ("Adams", "Bello", "Chen", "Doyle", "Evans", "Farouk", "Green", "Hughes")
    for column, day in enumerate(days):
        sheet.text((46 + column * 14, 22), day, 9, "Sans-Bold", anchor="ms")
    for row, name in enumerate(names):
        y = 25 + row * 8.6
        sheet.text((9, y + 5.8), name, 9)
        for column in range(len(days)):
            sheet.text((46 + column * 14, y + 5.8), str(rng.choice(["E", "L", "N", "off", "E"])), 9, anchor="ms")
    for row in range(len(names) + 1):
        sheet.rule((8, 25 + row * 8.6), (137, 25 + row * 8.6), 0.25, 51)
    for column in range(len(days) + 1):
        sheet.rule((39 + column * 14, 18), (39 + column * 14, 25 + len(names) * 8.6), 0.25, 51)
    sheet.text((8, 99.5), "E early   L late   N night. Swaps only through the ward manager.", 7.5, "Sans-Italic")
    return sheet.picture()
