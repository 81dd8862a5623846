"""The evaluation as a picture: is the confidence to be believed, and does the error fall?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from scan_ingest.domain.ratio import Ratio, wilson
from scan_ingest.evaluation.drawing import Dot, Point, Shade, Shape, Stroke, Words
from scan_ingest.evaluation.evaluate import By, Evaluation, Measure

WIDTH, HEIGHT = 960, 440
DARK, GREY, LIGHT = "#222222", "#666666", "#dddddd"
BLUE, PALE_BLUE, ORANGE = "#1f5fa8", "#cfe0f3", "#c8641b"  # told apart by the colour-blind, and in grey


@dataclass(frozen=True)
class _Chart:
    """A rectangle of the sheet and the values it spans."""

    left: float
    top: float
    width: float
    height: float
    x_to: float
    y_to: float

    def at(self, x: float, y: float) -> Point:
        return self.left + self.width * x / self.x_to, self.top + self.height * (1 - min(y / self.y_to, 1.0))

    def frame(self, title: str, below: str, y_ticks: Sequence[float]) -> list[Shape]:
        shapes: list[Shape] = [Words((self.left, self.top - 34), title, 16, DARK)]
        for tick in y_ticks:
            shapes.append(Stroke((self.at(0, tick), self.at(self.x_to, tick)), LIGHT))
            x, y = self.at(0, tick)
            shapes.append(Words((x - 8, y + 4), f"{tick:.0%}", 12, GREY, "end"))
        middle = self.left + self.width / 2
        shapes.append(Words((middle, self.top + self.height + 42), below, 13, DARK, "middle"))
        return shapes


def shapes(evaluation: Evaluation) -> list[Shape]:
    """Both charts, on a sheet of `WIDTH` × `HEIGHT`. There is at least one reviewed card."""
    return [*_calibration(evaluation), *_over_time(evaluation)]


def _calibration(evaluation: Evaluation) -> list[Shape]:
    chart = _Chart(70, 70, 360, 300, 1.0, 1.0)
    error = evaluation.calibration_error
    said = f"Expected calibration error {error:.3f}" if error is not None else "No words were read"
    drawn = chart.frame("Are words as often right as they claim?", "confidence of a word", [0, 0.25, 0.5, 0.75, 1])
    drawn.append(Words((chart.left, chart.top - 14), f"{said}. A bar holds the true share 95 times in 100.", 12, GREY))
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x, y = chart.at(tick, 0)
        drawn.append(Words((x, y + 20), f"{tick:.0%}", 12, GREY, "middle"))
    drawn.append(Stroke((chart.at(0, 0), chart.at(1, 1)), GREY, 1.2, dashed=True))
    most = max((bin_.words for bin_ in evaluation.bins), default=0)
    seen = [bin_ for bin_ in evaluation.bins if bin_.words]
    for bin_ in seen:
        low, high = wilson(bin_.right, bin_.words)
        drawn.append(Stroke((chart.at(bin_.said, low), chart.at(bin_.said, high)), BLUE, 1.5))
    for bin_ in seen:
        at = chart.at(bin_.said, bin_.right / bin_.words)
        drawn.append(Dot(at, 3 + 7 * sqrt(bin_.words / most), BLUE))
    hint = "above the dashed line: more often right than claimed; larger dots: more words"
    drawn.append(Words((chart.left + chart.width / 2, chart.top + chart.height + 62), hint, 11, GREY, "middle"))
    return drawn


def _over_time(evaluation: Evaluation) -> list[Shape]:
    days = sorted((date.fromisoformat(day), figures) for day, figures in evaluation.groups[By.DAY].items())
    series = [
        ("wrong characters", BLUE, [(day, figures[Measure.CER]) for day, figures in days if Measure.CER in figures]),
        ("wrong words", ORANGE, [(day, figures[Measure.WER]) for day, figures in days if Measure.WER in figures]),
    ]
    top = max([_value(ratio) for _, _, points in series for _, ratio in points], default=0.0)
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.25, 1.0) if top <= 5 * step or step == 1.0)
    ticks = [step * index for index in range(int(top / step) + 2)]
    first, last = days[0][0], days[-1][0]
    span = max(1, (last - first).days)
    chart = _Chart(540, 70, 300, 300, 1.0, ticks[-1])
    drawn = chart.frame("Does the error fall?", "day of the review", ticks)
    note = "As decoded. The shade holds the true rate of characters 95 times in 100."
    drawn.append(Words((chart.left, chart.top - 14), note, 12, GREY))

    def along(day: date) -> float:
        return (day - first).days / span if last > first else 0.5

    for _, _, points in series[:1]:
        sure = [(day, interval) for day, ratio in points if (interval := ratio.interval())]
        upper = [chart.at(along(day), high) for day, (_, high) in sure]
        lower = [chart.at(along(day), low) for day, (low, _) in sure]
        if len(sure) > 1:
            drawn.insert(0, Shade((*upper, *reversed(lower)), PALE_BLUE))
        drawn += [Stroke((above, below), PALE_BLUE, 3) for above, below in zip(upper, lower, strict=True)]
    for name, colour, points in series:
        line = tuple(chart.at(along(day), _value(ratio)) for day, ratio in points)
        drawn.append(Stroke(line, colour, 2))
        drawn += [Dot(at, 3.5, colour) for at in line]
        if line:
            x, y = line[-1]
            drawn.append(Words((x + 10, y + 4), name, 12, colour))
    drawn += [
        Words((chart.at(along(day), 0)[0], chart.top + chart.height + 20), f"{day.day} {day:%b %Y}", 12, GREY, "middle")
        for day in sorted({first, first + timedelta(days=span // 2), last} if span > 1 else {first, last})
    ]
    return drawn


def _value(ratio: Ratio) -> float:
    return ratio.value or 0.0
