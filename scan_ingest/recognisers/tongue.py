"""Whether a line is English: what is not must not be made into it.

Every word speaks for or against English by whether the lexicon knows it and how surely it was seen, and every letter
that English does not have against. The weights are the logarithms of what English lines of many hands and lines in nine
other languages, written in fonts, gave (`benchmarks/letters.py`): of words seen clearly English lines have 90 % in the
lexicon, the others 25 %; of words hardly seen 49 % and 15 %.
"""

from collections.abc import Sequence

from scan_ingest.recognisers.ctc import Character, words_of
from scan_ingest.recognisers.language import Lexicon, core, plain

CLEAR_FROM = 0.6  # probability of a word's least sure letter
KNOWN, UNKNOWN = 1.3, -2.0  # of a word seen clearly
KNOWN_HARDLY, UNKNOWN_HARDLY = 1.2, -0.5
OTHER_LETTER = -2.5  # one English line in a hundred has a letter like ł or é, of the others all but few
SHORTEST = 3  # letters; shorter words are in every lexicon
# The worst of 432 English lines lies at -5, three of one hand together at -2.4 a line.
FOREIGN_BELOW = -6.0  # a line that speaks so clearly against English
ANSWER_BELOW = -5.0  # an answer that does, in the mean over two lines and more
LEANS_BELOW = 0.0  # a line of such an answer, if it leans to neither

Seen = Sequence[Character]


def in_english(lines: Sequence[Seen], lexicon: Lexicon) -> list[bool]:
    """For each line of one answer whether it is to be read as English: all but those that speak clearly against it, and
    those that do not speak for it in an answer that is in another language as a whole."""
    speaks = [_for_english(line, lexicon) for line in lines]
    is_foreign = len(lines) > 1 and sum(speaks) < ANSWER_BELOW * len(lines)
    limit = LEANS_BELOW if is_foreign else FOREIGN_BELOW
    return [one >= limit for one in speaks]


def _for_english(line: Seen, lexicon: Lexicon) -> float:
    """The log odds (nats) of a line being English against its being another language, both as likely before."""
    total = 0.0
    for word in words_of(line):
        written = core("".join(character.text for character in word))
        total += OTHER_LETTER * sum(letter.isalpha() and not letter.isascii() for letter in written)
        bare = "".join(map(plain, written)).removesuffix("'s")
        if len(bare) < SHORTEST or not bare.isalpha():
            continue
        known = lexicon.log_p(bare) is not None
        if not known and written[0].isupper():
            continue  # a name is in no lexicon
        if min(character.probability for character in word) >= CLEAR_FROM:
            total += KNOWN if known else UNKNOWN
        else:
            total += KNOWN_HARDLY if known else UNKNOWN_HARDLY
    return total
