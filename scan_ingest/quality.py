"""How good accepted texts are, by the cards that a second person keyed blind.

What two people typed alike is taken to be right: what both got wrong in the same way is not seen. Where they differ,
the text that a third person made of it is the truth; while nobody has, the second one's is, so that a pile of open
differences makes the estimate worse and never better. Spaces, line ends and the shapes of quotes and dashes do not
count, everything else does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scan_ingest.domain.accuracy import ErrorCount, character_errors, word_errors
from scan_ingest.domain.ratio import Ratio, wilson
from scan_ingest.domain.second_look import SecondLook, comparable, differing, same_text

NO_CARDS = Ratio()


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int = 0
    of: int = 0

    def with_one(self, counts: bool) -> "Share":
        return Share(self.part + counts, self.of + 1)

    @property
    def value(self) -> float | None:
        return self.part / self.of if self.of else None

    def interval(self) -> tuple[float, float] | None:
        """From and to, 95 %: Wilson's score interval (Wilson 1927), which holds for few cards and rare errors too."""
        return wilson(self.part, self.of) if self.of else None


@dataclass(frozen=True)
class FieldQuality:
    """A field over all cards keyed twice. `characters` and `words` are what the two typed differently, against the mean
    length of their texts; None of a choice or a code, which is right or not."""

    alike: Share = Share()
    characters: Ratio | None = None
    words: Ratio | None = None


@dataclass(frozen=True)
class Quality:
    """`alike` are cards and `fields` the fields that both people typed the same. What is left in accepted texts:
    `characters_left` and `words_left` are the wrong ones by the true ones, `cards_left` the cards with anything wrong
    in them, a wrong decision too. `open` are the cards keyed twice that wait for a third person."""

    cards: int = 0
    open: int = 0
    rejected: int = 0
    alike: Share = Share()
    fields: Mapping[str, FieldQuality] = field(default_factory=dict)
    characters_left: Ratio = NO_CARDS
    words_left: Ratio = NO_CARDS
    cards_left: Share = Share()


def quality(looks: Iterable[SecondLook]) -> Quality:
    """The figures of these cards."""
    so_far = Quality()
    for look in looks:
        so_far = _with_card(so_far, look)
    return so_far


def interval_of(errors: Ratio) -> tuple[float, float] | None:
    """From and to, 95 %, of an error rate over cards drawn by chance; None with too few of them.

    The linearised variance of a ratio estimator with cards as clusters (Cochran 1977, section 6.3): errors on one card
    come together. Where no error was seen there is no spread to go by, and characters of one card are no independent
    draws: then the bound is Wilson's for whole cards, which is as far as so few cards can tell.
    """
    found = errors.interval()
    return wilson(0, errors.cards) if found is not None and not errors.top else found


def _with_card(so_far: Quality, look: SecondLook) -> Quality:
    is_open = look.settled is None and not look.rejected
    truth = look.settled if look.settled is not None else look.second
    wrong = look.rejected or truth is None or bool(differing(look.first, truth))
    after = replace(
        so_far,
        cards=so_far.cards + 1,
        open=so_far.open + is_open,
        rejected=so_far.rejected + look.rejected,
        alike=so_far.alike.with_one(look.second is not None and not differing(look.first, look.second)),
        cards_left=so_far.cards_left.with_one(wrong),
    )
    if look.second is not None:
        after = replace(after, fields=_with_fields(after.fields, look, look.second))
    if truth is None or look.rejected:
        return after
    texts = [name for name, kind in look.kinds.items() if kind == "text"]
    pairs = [(comparable(truth[name]), comparable(look.first[name])) for name in texts]
    characters = sum((character_errors(*pair) for pair in pairs), ErrorCount())
    words = sum((word_errors(*pair) for pair in pairs), ErrorCount())
    return replace(
        after,
        characters_left=after.characters_left.with_card(characters.edits, characters.length),
        words_left=after.words_left.with_card(words.edits, words.length),
    )


def _with_fields(
    so_far: Mapping[str, FieldQuality], look: SecondLook, second: Mapping[str, str]
) -> Mapping[str, FieldQuality]:
    fields = dict(so_far)
    for name, kind in look.kinds.items():
        was = fields.get(name, FieldQuality())
        one, other = comparable(look.first[name]), comparable(second.get(name, ""))
        was = replace(was, alike=was.alike.with_one(same_text(one, other)))
        if kind == "text":
            was = replace(
                was,
                characters=_with_pair(was.characters, character_errors(one, other).edits, one, other),
                words=_with_pair(was.words, word_errors(one, other).edits, one.split(), other.split()),
            )
        fields[name] = was
    return fields


def _with_pair(ratio: Ratio | None, edits: int, one: Sequence[str], other: Sequence[str]) -> Ratio:
    return (ratio or Ratio()).with_card(edits, (len(one) + len(other)) / 2)
