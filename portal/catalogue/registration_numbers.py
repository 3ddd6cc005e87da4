"""Numbers of registration certificates and filings, read. Pure.

A registration tells who made the device and its class: ``国械注准20233140001`` is class III and domestic,
``国械注进20232140001`` imported, ``国械注许…`` of Hong Kong, Macao or Taiwan, ``浙械注准20232140001`` class
II and domestic. A filing is of class I: ``国械备20230001`` imported, ``浙杭械备20230001`` domestic. A renewal
keeps the number and its year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.catalogue.vocabulary import Origin

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

_NATIONAL = re.compile(
    r"国械注(?P<of>[准进许])(?P<year>[0-9]{4})(?P<klass>[23])(?P<category>[0-9]{2})[0-9]{4}"
)
_PROVINCIAL = re.compile(
    rf"[{PROVINCES}]械注准(?P<year>[0-9]{{4}})(?P<klass>2)(?P<category>[0-9]{{2}})[0-9]{{4}}"
)
_FILED_ABROAD = re.compile(r"国械备(?P<year>[0-9]{4})[0-9]{4}号?")
_FILED_HERE = re.compile(rf"[{PROVINCES}][一-鿿]{{0,3}}械备(?P<year>[0-9]{{4}})[0-9]{{4}}号?")


@dataclass(frozen=True, slots=True)
class RegistrationNumber:
    """What a number says. year: of the first registration."""

    origin: Origin
    device_class: int
    year: int


def read_registration(number: str) -> RegistrationNumber | None:
    """What a number of a certificate or a filing says; None for a text that is neither."""
    if found := _NATIONAL.fullmatch(number):
        domestic = found["of"] == "准"
        if domestic and found["klass"] != "3":
            return None  # class II of domestic makers is registered by the provinces
        origin = Origin.DOMESTIC if domestic else Origin.IMPORTED
        return RegistrationNumber(origin, int(found["klass"]), int(found["year"]))
    if found := _PROVINCIAL.fullmatch(number):
        return RegistrationNumber(Origin.DOMESTIC, 2, int(found["year"]))
    if found := _FILED_ABROAD.fullmatch(number):
        return RegistrationNumber(Origin.IMPORTED, 1, int(found["year"]))
    if found := _FILED_HERE.fullmatch(number):
        return RegistrationNumber(Origin.DOMESTIC, 1, int(found["year"]))
    return None
