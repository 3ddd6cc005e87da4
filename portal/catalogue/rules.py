"""How a product is found. Pure.

A text is normalised (full-width to half-width, case folded, separators dropped) and cut into pieces: single characters and
pairs for Chinese, triples for letters and digits. The pieces sit under a GIN index; PostgreSQL needs no extension for that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[㐀-鿿豈-﫿]+|[0-9a-zà-öø-ÿ]+")
_CHINESE = re.compile(r"[㐀-鿿豈-﫿]")
_QUERY_WORDS_MAX = 12


def normalised(text: str) -> str:
    """Text as it is searched: NFKC (１２ → 12), folded case, words separated by one space, no punctuation."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def search_text(parts: Iterable[str]) -> str:
    """Everything a product may be found by, joined; a code such as ``AB-12`` is also found as ``ab12``."""
    words = [normalised(part) for part in parts if part]
    joined = [word.replace(" ", "") for word in words if " " in word and len(word) <= 40]
    return " ".join(dict.fromkeys([*words, *joined]))


def grams(text: str) -> list[str]:
    """Distinct pieces of a normalised text, sorted."""
    pieces: set[str] = set()
    for word in text.split():
        if _CHINESE.match(word):
            pieces.update(word)
            pieces.update(word[i : i + 2] for i in range(len(word) - 1))
        else:
            pieces.update(word[i : i + 3] for i in range(max(1, len(word) - 2)))
    return sorted(pieces)


def query_words(q: str) -> list[str]:
    """Words a person typed, at most twelve; each must occur in a product's text."""
    return normalised(q[:200]).split()[:_QUERY_WORDS_MAX]


def query_grams(words: Iterable[str]) -> list[str]:
    """Pieces that a product containing all `words` must have.

    A word shorter than a piece (two letters) gives none: the text decides alone.
    """
    return sorted({piece for word in words for piece in grams(word) if len(piece) == 3 or _CHINESE.match(piece)})
