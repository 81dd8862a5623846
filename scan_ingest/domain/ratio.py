"""Rates over cards, and how sure one can be of them."""

import math
from dataclasses import dataclass

CONFIDENCE_Z = 1.959964  # of the normal distribution: intervals hold the truth 95 times in 100
CARDS_FOR_AN_INTERVAL = 5  # the spread of fewer cards says next to nothing


@dataclass(frozen=True)
class Ratio:
    """A sum over cards (wrong words, say) by another (words), with the sums that its interval needs."""

    cards: int = 0
    top: float = 0.0
    bottom: float = 0.0
    top_squares: float = 0.0
    products: float = 0.0
    bottom_squares: float = 0.0

    def with_card(self, top: float, bottom: float) -> "Ratio":
        """The ratio with one more card; a card that has nothing of it does not count."""
        if not top and not bottom:
            return self
        return Ratio(
            self.cards + 1,
            self.top + top,
            self.bottom + bottom,
            self.top_squares + top * top,
            self.products + top * bottom,
            self.bottom_squares + bottom * bottom,
        )

    @property
    def value(self) -> float | None:
        """None where there was nothing to count; an error rate may exceed 1."""
        return self.top / self.bottom if self.bottom else None

    def interval(self) -> tuple[float, float] | None:
        """From and to, 95 %; None with fewer than `CARDS_FOR_AN_INTERVAL` cards.

        A ratio of sums whose cards were drawn by chance, whole: words of one card are wrong together (the linearised
        variance of a ratio estimator, Cochran 1977, with Student's t). Where all cards agree: Wilson's interval. For a
        rate of at most 1 it ends there: most are shares.
        """
        value = self.value
        if value is None or self.cards < CARDS_FOR_AN_INTERVAL:
            return None
        spread = self.top_squares - 2 * value * self.products + value * value * self.bottom_squares
        if spread <= 1e-9 * self.bottom_squares:
            return wilson(self.top, self.bottom) if self.top <= self.bottom else (value, value)
        degrees = self.cards - 1
        reach = students_t(degrees) * math.sqrt(self.cards / degrees * spread) / self.bottom
        return max(0.0, value - reach), min(value + reach, max(value, 1.0))


def wilson(right: float, of: float) -> tuple[float, float]:
    """From and to of a share, 95 % (Wilson 1927). `of` is above 0."""
    z2 = CONFIDENCE_Z**2
    middle = (right + z2 / 2) / (of + z2)
    reach = CONFIDENCE_Z / (of + z2) * math.sqrt(max(0.0, right * (of - right) / of + z2 / 4))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def students_t(degrees: int) -> float:
    """The 97.5 % point of Student's t, by Cornish and Fisher's expansion: within 1 % from 4 degrees of freedom."""
    z = CONFIDENCE_Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3
