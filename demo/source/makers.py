"""Makers: a short name, the prefix of their article numbers, and who registers their devices.

Everything is read off the registered name and the EUDAMED registration number (``CN-MF-000001161``), so a
maker that appears in a later extract needs no table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal.catalogue.registry_text import is_placeholder, tidy

# Place in a Chinese maker's name → province and city as they stand in filing and registration numbers.
FILING_PLACES = {
    "beijing": ("京", "海"),
    "tianjin": ("津", "西"),
    "liaoning": ("辽", "沈"),
    "shanghai": ("沪", "浦"),
    "jiangsu": ("苏", "宁"),
    "nanjing": ("苏", "宁"),
    "nantong": ("苏", "通"),
    "suzhou": ("苏", "苏"),
    "changzhou": ("苏", "常"),
    "wuxi": ("苏", "锡"),
    "zhejiang": ("浙", "绍"),
    "hangzhou": ("浙", "杭"),
    "shandong": ("鲁", "济"),
    "henan": ("豫", "新"),
    "hunan": ("湘", "长"),
    "guangzhou": ("粤", "穗"),
    "shenzhen": ("粤", "深"),
    "guilin": ("桂", "桂"),
    "chongqing": ("渝", "北"),
}
UNKNOWN_PLACE = ("京", "海")

_LEGAL_FORMS = re.compile(
    r"[\s,]+(?:(?:group\s+)?co\.?\s*,?\s*ltd\.?|ltd\.?|limited|inc\.?|corp\.?|corporation|gmbh(?:\s*&\s*co\.?\s*kg)?|s\.?p\.?a\.?"
    r"|società agricola|a/s|b\.?v\.?|n\.?v\.?|sas|s\.r\.o\.|sdn\.?\s*bhd\.?|pte\.?|a\.ş\.|san\. ve tic\."
    r"|İTH\. İHR\.|group|fty\.?)(?=[\s,.]|$)[\s,.]*",
    re.IGNORECASE,
)
_COMMON_WORDS = frozenset(FILING_PLACES) | {"china", "the", "medical", "w", "san", "ve", "tic"}


@dataclass(frozen=True, slots=True)
class Maker:
    """A manufacturer.

    `country` is ISO 3166 alpha-2; `filing_place` is province and city for Chinese makers.
    """

    name: str
    short_name: str
    prefix: str
    country: str
    filing_place: tuple[str, str]

    @property
    def domestic(self) -> bool:
        """Whether the maker sits in mainland China."""
        return self.country == "CN"


def usable_maker(name: str) -> bool:
    """Whether a registered name says who made the device."""
    return not is_placeholder(name)


def read_makers(rows: Iterable[dict[str, str]]) -> dict[str, Maker]:
    """Makers by registered name. Prefixes are unique; the alphabet decides who gets the plain one."""
    numbers = {
        row["manufacturer"]: row["manufacturer_srn"] for row in rows if usable_maker(row["manufacturer"])
    }
    taken: set[str] = set()
    makers = {}
    for name in sorted(numbers):
        prefix = free_prefix(name, taken)
        taken.add(prefix)
        makers[name] = Maker(tidy(name), short_name(name), prefix, numbers[name][:2], filing_place(name))
    return makers


def short_name(name: str) -> str:
    """Registered name without legal form: ``Scivita Medical Technology``."""
    plain = tidy(name)
    previous = ""
    while previous != plain:
        previous, plain = plain, tidy(_LEGAL_FORMS.sub(" ", f"{plain} ")).rstrip(".")
    return plain


def free_prefix(name: str, taken: set[str]) -> str:
    """Four capitals from the first telling word, a digit at the end where another maker was first."""
    words = re.findall(r"[A-Za-z]+", short_name(name).replace("Ö", "O").replace("É", "E"))
    first = next((index for index, word in enumerate(words) if word.casefold() not in _COMMON_WORDS), 0)
    telling = words[first] if len(words[first]) > 2 else "".join(words[first:])
    plain = telling.upper()[:4]
    candidates = [plain, *(f"{plain[:3]}{digit}" for digit in range(2, 10))]
    return next(candidate for candidate in candidates if candidate not in taken)


def filing_place(name: str) -> tuple[str, str]:
    """Province and city abbreviation found in the name; the capital where the name tells no place."""
    words = re.findall(r"[a-z]+", name.casefold())
    # The last place is the nearer one: "VHMED (Nantong)", "Health Plus (Shanghai)".
    return next((FILING_PLACES[word] for word in reversed(words) if word in FILING_PLACES), UNKNOWN_PLACE)
