"""The keys a product is found by, made when it is entered.

The dictionary of readings takes 54 MB and 0.4 s; whoever makes keys loads it, and no other process.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple

from portal.catalogue.rules import grams, normalised, search_text, slips


class SearchKeys(NamedTuple):
    """Columns of `product`."""

    search_text: str
    search_grams: list[str]
    search_slips: list[str]
    syllables: str


def search_keys(parts: Iterable[str], *, generic_name: str) -> SearchKeys:
    """Keys out of names and numbers.

    For who types without Chinese characters, also the reading of the generic name and its initials.

    Both are words of the product, so the initials of the whole name come before those of a part.
    """
    syllables = _syllables(generic_name)
    named = search_text(parts)
    initials = "".join(syllable[0] for syllable in syllables)
    found_by = search_text([named, "".join(syllables), initials])
    pairs = " ".join(map("".join, pairwise(syllables)))
    of_two = {
        f"^{pair}"
        for pair in (
            *map("".join, pairwise(initials)),
            *(syllable[:2] for syllable in syllables if len(syllable) > 1),
        )
    }
    return SearchKeys(
        found_by, sorted(of_two.union(grams(found_by))), slips(f"{named} {pairs}"), " ".join(syllables)
    )


def keys_of_product(
    *,
    sku: str,
    name_zh: str,
    name_en: str,
    generic_name: str,
    specification: str,
    udi_di: str,
    registration_no: str,
    keywords: str,
) -> SearchKeys:
    """Keys of a product as it is kept: names and numbers, and what else it is found by, a line each.

    Without a generic name the reading is that of the whole name.
    """
    parts = [sku, name_zh, generic_name, name_en, udi_di, specification, registration_no]
    return search_keys([*parts, *keywords.splitlines()], generic_name=generic_name or name_zh)


@cache
def reading(name: str) -> str:
    """Pinyin of a Chinese name in one word, by which lists stand in order; what is not Chinese stays."""
    return "".join(_pinyin(name)).casefold()


@cache
def _syllables(name: str) -> tuple[str, ...]:
    """The Chinese of a name, syllable by syllable."""
    chinese = "".join(character for character in normalised(name) if not character.isascii())
    return tuple(syllable for syllable in _pinyin(chinese, errors="ignore") if syllable)


def _pinyin(chinese: str, *, errors: Literal["default", "ignore"] = "default") -> list[str]:
    from pypinyin import lazy_pinyin  # not with the module, which every worker loads before it forks

    return lazy_pinyin(chinese, errors=errors)
