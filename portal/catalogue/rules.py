"""How a product is found. Pure.

A text is folded (`portal.kernel.searching`), its separators dropped, and cut into pieces: single characters
and pairs for Chinese, triples for letters and digits. The pieces sit under a GIN index; PostgreSQL needs no
extension for that. Two letters are found where a word begins with them, or where digits begin or end in it,
and as the initials of two Chinese characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal.kernel.errors import N_, Fault
from portal.kernel.searching import LENGTH_MAX, as_digits, folded, gtin_14, gtin_in, with_right_check_digit

_WORD = re.compile(r"[㐀-鿿豈-﫿]+|[0-9a-zà-öø-ÿ]+")
_CHINESE = re.compile(r"[㐀-鿿豈-﫿]")
_BEGINNING = re.compile(r"(?=(?:^|(?<=[0-9])(?=[^0-9])|(?<=[^0-9])(?=[0-9]))(..))")
_DIGIT = re.compile(r"[0-9]")
_QUERY_WORDS_MAX = 12
_SLIP_LENGTHS = range(
    4, 17
)  # letters: in a shorter word a slip makes another word, a longer one is no word but a number

# What a Chinese reading can look like, and its initials (no syllable begins with i, u or v): an English word
# is seldom either. What was taken for a syllable stays one (``+``): a run of vowels can be divided in more
# ways than could ever be tried.
_READING = re.compile(
    r"(?:[bpmfdtnlgkhjqxrzcsyw]?+h?+[aeiouv]{1,3}+(?:ng|n|r)?+)*+[bpmfdtnlgkhjqxrzcsyw]?+h?+"
)
_INITIALS = re.compile(r"[a-hj-tw-z]{2,8}")


@dataclass(frozen=True, slots=True)
class ReadingPatterns:
    """Regular expressions for syllables with a blank between.

    All of some, the beginning of some, their initials.

    None: never.
    """

    whole: str | None
    beginning: str | None
    initials: str | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for.

    words: every one must occur. slips: for each word as it was typed, its `slips`. number: a GTIN with the
    digits it was typed or scanned with.
    """

    typed: str
    words: tuple[str, ...]
    slips: tuple[tuple[str, ...], ...]
    number: str | None

    @property
    def gtin(self) -> str | None:
        """The GTIN as products keep it."""
        return gtin_14(self.number) if self.number else None

    @property
    def misread(self) -> Fault | None:
        """What is wrong with the number that is sought.

        None if its check digit is right, or if no number is sought.
        """
        right = with_right_check_digit(self.number) if self.number else None
        if right == self.number:
            return None
        fix = N_("Scan or type it again: with these digits it would end in %(digit)s (%(right)s).")
        params = {"number": self.number, "right": right, "digit": right[-1] if right else ""}
        return Fault(
            "/q", "wrong_check_digit", N_("The check digit of GTIN %(number)s is wrong."), fix, params
        )


def sought(q: str) -> Sought:
    """A query read: words, or the number in what a reader sent."""
    typed = q[:LENGTH_MAX].strip()
    number = gtin_in(typed)
    words = normalised(number or typed).split()[:_QUERY_WORDS_MAX]
    return Sought(
        folded(typed), tuple(map(_written, words)), tuple(tuple(slips(word)) for word in words), number
    )


def normalised(text: str) -> str:
    """Text as it is searched: folded, words separated by one space, no punctuation."""
    return " ".join(_WORD.findall(folded(text).casefold()))


def search_text(parts: Iterable[str]) -> str:
    """Everything a product may be found by, joined.

    A code such as ``AB-12`` is also found as ``ab12``, ``O1`` as ``01``.
    """
    words = [normalised(part) for part in parts if part]
    joined = [word.replace(" ", "") for word in words if " " in word and len(word) <= 40]
    codes = [_written(word) for part in (*words, *joined) for word in part.split() if _written(word) != word]
    return " ".join(dict.fromkeys([*words, *joined, *codes]))


def _written(word: str) -> str:
    """A word with a digit in it is a code: its letters that look like digits are taken for digits."""
    return as_digits(word) if _DIGIT.search(word) else word


def grams(text: str) -> list[str]:
    """Distinct pieces of a normalised text, sorted."""
    pieces: set[str] = set()
    for word in text.split():
        if _CHINESE.match(word):
            pieces.update(word)
            pieces.update(word[i : i + 2] for i in range(len(word) - 1))
        else:
            pieces.update(word[i : i + 3] for i in range(max(1, len(word) - 2)))
            pieces.update(f"^{beginning}" for beginning in _BEGINNING.findall(word))
    return sorted(pieces)


def slips(text: str) -> list[str]:
    """The words of a normalised text, whole and with any one letter left out, sorted.

    Two words have one in common if a letter is missing, too many or another, or if two neighbours are
    swapped.
    """
    words = [word for word in text.split() if len(word) in _SLIP_LENGTHS and not _CHINESE.match(word)]
    return sorted({word[:i] + word[i + 1 :] for word in words for i in range(len(word))}.union(words))


def query_grams(words: Iterable[str]) -> list[str]:
    """Pieces that a product containing all `words` must have.

    A single letter gives none: the text decides alone.
    """
    long_enough = [word for word in words if len(word) > 1 or _CHINESE.match(word)]
    of_two = {f"^{word}" for word in long_enough if len(word) == 2 and not _CHINESE.match(word)}
    return sorted(
        of_two.union(
            piece
            for word in long_enough
            for piece in grams(word)
            if piece[0] != "^" and f"^{piece}" not in of_two
        )
    )


def reading_patterns(word: str) -> ReadingPatterns:
    """How a word may stand in a Chinese reading such as ``yi yong shou tao``.

    As ``shoutao``, as ``shout…``, as ``st``.
    """
    letters = " ?".join(word)
    reading, initials = _READING.fullmatch(word), _INITIALS.fullmatch(word)
    return ReadingPatterns(
        whole=f"(^| ){letters}( |$)" if reading else None,
        beginning=f"(^| ){letters}" if reading else None,
        initials="(^| )" + " ".join(f"{letter}[a-z]*" for letter in word) + "( |$)" if initials else None,
    )
