"""Codes of ZIIOT (中关村工信二维码, MA) and of Ali Health (阿里健康, AHM). Pure.

MA: ``MA.156.M0.``, registrant, ``.``, pack, item and check character, then parts such as ``.L20220117``,
each named by its letter. The check characters cannot be reckoned, since their rule is not published. Of AHM
nothing is: its codes, which begin with MF, are recognised and not read.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from urllib.parse import unquote

from portal.kernel.errors import N_
from portal.scanning.rules import Issuer, Reading, day_of, refusal

_IN_XML = re.compile(r'<UDI\s+IAC\s*=\s*"([A-Za-z]+)"\s*>([^<]*)</UDI>', re.IGNORECASE)
_IN_ADDRESS = re.compile(r"https?://[^=]*[^#]*?=(MA\.[^&#]*)", re.IGNORECASE)
_DI = re.compile(r"(MA\.156\.M0\.[0-9]{6}\.[0-9]{8,20})((?:\..+)?)", re.DOTALL)
_PART = re.compile(r"([A-Z])([!-~]{1,40})")
_ALI = re.compile(r"MF[0-9A-Za-z*./-]{6,}")
_SERIAL, _LOT, _STERILE_LOT, _CHECK = "S", "L", "D", "C"
_MADE, _MADE_FORMERLY, _VALID_TO, _EXPIRES = "M", "P", "V", "E"
_DATES = (_MADE, _MADE_FORMERLY, _VALID_TO, _EXPIRES)
_PARTS = frozenset({_SERIAL, _LOT, _STERILE_LOT, _CHECK, *_DATES})


def ma_code(text: str) -> str | None:
    """The code of MA in a text: alone, behind ``=`` in an address, or in ``<UDI IAC="MA">``; None without.

    Raises Invalid for one of AHM.
    """
    tagged = _IN_XML.fullmatch(text)
    issuer, code = (tagged[1].upper(), tagged[2].strip()) if tagged else ("", text)
    if issuer == "AHM" or _ALI.fullmatch(code):
        raise refusal(
            "ahm_not_decodable",
            N_("This is a code of AHM (Ali Health): %(raw)s. How it is made is not published."),
            N_("Type SKU, lot and expiry as they are printed on the label."),
            raw=code[:100],
        )
    linked = _IN_ADDRESS.match(code)
    found = unquote(linked[1]) if linked else code
    return found if found.startswith("MA.") else None


def ma_reading(code: str, today: date) -> Reading:
    """What a code of MA says. Raises Invalid."""
    found = _DI.fullmatch(code)
    if found is None:
        raise refusal(
            "malformed_ma",
            N_("This begins like a code of MA, and its device identifier is not complete."),
        )
    said = _parts(found[2])
    dates = {letter: _day(letter, said[letter], today) for letter in _DATES if letter in said}
    made, formerly = dates.get(_MADE), dates.get(_MADE_FORMERLY)
    if made and formerly and made != formerly:
        raise refusal("two_productions", N_("The code names two different days of production."))
    return Reading(
        Issuer.MA,
        found[1],
        lot=said.get(_LOT),
        serial=said.get(_SERIAL),
        # Both may be given: the day it expires, and the day to which it is valid where that is all there is.
        expiry=dates.get(_EXPIRES) or dates.get(_VALID_TO),
        production=made or formerly,
    )


def _parts(text: str) -> dict[str, str]:
    """The production part: each letter once."""
    said: dict[str, str] = {}
    for part in text.split(".")[1:]:
        found = _PART.fullmatch(part)
        if found is None or found[1] not in _PARTS or found[1] in said:
            raise refusal(
                "malformed_ma_part",
                N_("The part .%(part)s of this code of MA cannot be read."),
                part=part[:40],
            )
        said[found[1]] = found[2]
    return said


def _day(letter: str, digits: str, today: date) -> date:
    """Of six or eight digits. Unlike with GS1, no day 00 is agreed."""
    try:
        if not re.fullmatch(r"[0-9]{6}|[0-9]{8}", digits) or digits.endswith("00"):
            raise ValueError(digits)
        if len(digits) == 6:
            return day_of(digits, today)
        return datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        raise refusal(
            "no_such_day_ma",
            N_(".%(letter)s%(digits)s is no day of the calendar."),
            letter=letter,
            digits=digits[:40],
        ) from None
