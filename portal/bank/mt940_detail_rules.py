"""What field 86 of MT940 tells of a booking: free text, or parts that banks mark each in their way. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.bank.rules import ACCOUNT_MAX, NAME_MAX, REFERENCE_MAX, tidy

_PARTS = re.compile(r"\d{3}([?>+])00|\d{3}([?>])\d\d")
_OF_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC)\+")
_NAMED = re.compile(r"/(EREF|REMI|NAME|IBAN|BIC|BENM|ORDP|MARF|CSID|PREF|TRCD|RTRN|ISDT)/")
_TOLD = (*range(20, 30), *range(60, 64))
_NO_REFERENCE = frozenset({"", "NOTPROVIDED", "NONREF"})


@dataclass(frozen=True, slots=True)
class Details:
    """What was said with a payment, and by whom."""

    text: str = ""
    reference: str = ""
    party: str = ""
    party_account: str = ""


def details_of(lines: Sequence[str], beside: Sequence[str]) -> Details:
    """The details of a booking. beside: what stands below the booking itself, told where nothing else is."""
    joined = "".join(lines).strip()
    if found := _PARTS.match(joined):
        return _of_parts(joined[3:], found[1] or found[2])
    if _NAMED.search(joined):
        return _of_names(joined)
    plain = " ".join(line.strip() for line in [*lines, *beside])
    return Details(tidy(plain))


def _of_parts(joined: str, mark: str) -> Details:
    """``?20``–``?29`` and ``?60``–``?63`` are one text, ``?32`` and ``?33`` a name, ``?31`` its account."""
    parts: dict[int, str] = {}
    for part in joined.split(mark):
        if part[:2].isascii() and part[:2].isdigit():
            number = int(part[:2])
            parts[number] = parts.get(number, "") + part[2:]
    told = "".join(parts.get(number, "") for number in _TOLD) or parts.get(0, "")
    text, reference = _of_sepa(told)
    return Details(
        tidy(text),
        tidy(reference, REFERENCE_MAX),
        tidy(parts.get(32, "") + parts.get(33, ""), NAME_MAX),
        tidy(parts.get(31, ""), ACCOUNT_MAX),
    )


def _of_sepa(told: str) -> tuple[str, str]:
    """The text for whom it is meant, and the reference of whoever paid, where they are marked."""
    places = list(_OF_SEPA.finditer(told))
    if not places:
        return told, ""
    said: dict[str, str] = {}
    for place, found in enumerate(places):
        end = places[place + 1].start() if place + 1 < len(places) else len(told)
        said.setdefault(found[1], told[found.end() : end].strip())
    reference = said.get("EREF") or said.get("KREF") or ""
    text = said.get("SVWZ") or told
    return text, "" if reference.upper() in _NO_REFERENCE else reference


def _of_names(joined: str) -> Details:
    """``/NAME/…/REMI/…`` of the Netherlands."""
    said: dict[str, str] = {}
    places = list(_NAMED.finditer(joined))
    for place, found in enumerate(places):
        end = places[place + 1].start() if place + 1 < len(places) else len(joined)
        if value := joined[found.end() : end].strip("/ "):
            said.setdefault(found[1], value)
    reference = said.get("EREF", "")
    return Details(
        tidy(said.get("REMI") or joined),
        tidy("" if reference.upper() in _NO_REFERENCE else reference, REFERENCE_MAX),
        tidy(said.get("NAME", ""), NAME_MAX),
        tidy(said.get("IBAN", ""), ACCOUNT_MAX),
    )
