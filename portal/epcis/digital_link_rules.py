"""One way to write each GS1 key: the constrained canonical Digital Link of the CBV 2.0. Pure.

An EPC as URN, as a class or pattern, or as a Digital Link of anybody's domain with a query and with more
qualifiers than needed: all become the address at id.gs1.org that names the finest identification, so that two
ways to write one thing give one hash and are found by one question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_DOMAIN = "https://id.gs1.org/"
_SIGN = (
    r"(?:%2[125-9A-Fa-f]|%3[0-9A-Fa-f]|%4[1-9A-Fa-f]|%5[0-9AaFf]|%6[1-9A-Fa-f]|%7[0-9Aa]"
    r"|[!')(*+,.0-9:;=A-Za-z_-])"
)
_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):([0-9]{6,12})\.(.*)")
_ESCAPED = {ord(sign): f"%{ord(sign):02X}" for sign in "!()*+,:"}

_NAMED = MappingProxyType(
    {
        "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017",
        "gsrn": "8018", "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402",
        "grai": "8003", "giai": "8004", "cpv": "22", "lot": "10", "ser": "21",
    }
)  # fmt: skip
_TEXT = r"(?:%[0-9A-Fa-f]{2}|[\"'\-.0-9;-?A-Z_a-z])"
_VALUES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        key: re.compile(value)
        for key, value in {
            "00": r"\d{18}", "01": r"\d{14}", "253": rf"\d{{13}}{_TEXT}{{0,17}}", "255": r"\d{13,25}",
            "401": rf"{_TEXT}{{1,30}}", "402": r"\d{17}", "414": r"\d{13}", "417": r"\d{13}",
            "8003": rf"\d{{14}}{_TEXT}{{0,16}}", "8004": rf"{_TEXT}{{1,30}}", "8006": r"\d{18}",
            "8010": r"(?:%[0-9A-Fa-f]{2}|[#\-0-9A-Z]){1,30}", "8017": r"\d{18}", "8018": r"\d{18}",
        }.items()
    }
)  # fmt: skip
_QUALIFIERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"01": ("21", "10", "235"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
)
"""The finest first: only one of them is said."""
_QUALIFIER = MappingProxyType({"8011": re.compile(r"\d{1,12}"), "235": re.compile(rf"{_TEXT}{{1,28}}")})
_QUALIFIER_USUAL = re.compile(rf"{_TEXT}{{1,20}}")
_LINK = re.compile(r"https?://[^/?#\s]+(/[^?#\s]*)(?:\?[^#]*)?(?:#.*)?")
_PADDED = MappingProxyType({8: "000000", 12: "00", 13: "0"})


def canonical_link(uri: str) -> str | None:
    """The constrained canonical Digital Link of a URI that says a GS1 key; None of any other."""
    if uri.startswith("urn:epc:"):
        found = _URN.fullmatch(uri)
        form = found and _URNS.get((found[1], found[2]))
        return form(found[3], found[4]) if found and form else None
    if uri.startswith(("https://", "http://")):
        return _of_link(uri)
    return None


def _of_link(uri: str) -> str | None:
    found = _LINK.fullmatch(uri)
    if found is None:
        return None
    parts = found[1].strip("/").split("/")
    named = [_NAMED.get(part, part) for part in parts]
    at = next((place for place, part in enumerate(named[:-1]) if part in _VALUES), None)
    if at is None or len(parts) - at & 1:
        return None
    key, value = named[at], parts[at + 1]
    if key == "01":
        value = _PADDED.get(len(value), "") + value
    if not _VALUES[key].fullmatch(value):
        return None
    qualifiers = dict(zip(named[at + 2 :: 2], parts[at + 3 :: 2], strict=True))
    qualifiers.pop("22", None)
    return _with_qualifier(key, value, qualifiers)


def _with_qualifier(key: str, value: str, qualifiers: Mapping[str, str]) -> str | None:
    finest = _QUALIFIERS.get(key, ())
    for name, said in qualifiers.items():
        if name not in finest or not _QUALIFIER.get(name, _QUALIFIER_USUAL).fullmatch(said):
            return None
    chosen = next((name for name in finest if name in qualifiers), None)
    return f"{_DOMAIN}{key}/{value}" + (f"/{chosen}/{qualifiers[chosen]}" if chosen else "")


def check_digit(digits: str) -> str:
    """The check digit of a key of GS1."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _cut(total: int, company: str, rest: str) -> tuple[str, str] | None:
    """The reference behind a company prefix, as long as both have `total` digits, and what stands behind."""
    length = total - len(company)
    reference, behind = rest[:length], rest[length:]
    whole = len(reference) == length and ((reference.isascii() and reference.isdecimal()) or not length)
    return (reference, behind) if whole else None


def _signs(said: str, most: int) -> str | None:
    """A serial or lot of a URN as a Digital Link writes it."""
    if not re.fullmatch(rf"{_SIGN}{{1,{most}}}", said):
        return None
    return said.translate(_ESCAPED)


def _gtin(company: str, reference: str) -> str:
    digits = reference[0] + company + reference[1:]
    return digits + check_digit(digits)


def _serial_of_gtin(qualifier: str, most: int) -> Callable[[str, str], str | None]:
    def form(company: str, rest: str) -> str | None:
        cut = _cut(13, company, rest)
        serial = _signs(cut[1][1:], most) if cut and cut[1][:1] == "." else None
        return f"{_DOMAIN}01/{_gtin(company, cut[0])}/{qualifier}/{serial}" if cut and serial else None

    return form


def _any_of_gtin(company: str, rest: str) -> str | None:
    cut = _cut(13, company, rest)
    return f"{_DOMAIN}01/{_gtin(company, cut[0])}" if cut and cut[1] == ".*" else None


def _pieces(company: str, rest: str) -> str | None:
    cut = _cut(13, company, rest)
    found = cut and re.fullmatch(r"\.(\d\d)\.(\d\d)\.(.+)", cut[1])
    if not (cut and found):
        return None
    whole = f"{_DOMAIN}8006/{_gtin(company, cut[0])}{found[1]}{found[2]}"
    if found[3] == "*":
        return whole
    serial = _signs(found[3], 20)
    return f"{whole}/21/{serial}" if serial else None


def _digits(key: str, total: int, *, extension_first: bool = False) -> Callable[[str, str], str | None]:
    """A key of digits alone, with its check digit."""

    def form(company: str, rest: str) -> str | None:
        cut = _cut(total, company, rest)
        if cut is None or cut[1]:
            return None
        reference = cut[0]
        digits = reference[0] + company + reference[1:] if extension_first else company + reference
        return f"{_DOMAIN}{key}/{digits}{check_digit(digits)}"

    return form


def _location(company: str, rest: str) -> str | None:
    cut = _cut(12, company, rest)
    extension = _signs(cut[1][1:], 20) if cut and cut[1][:1] == "." else None
    if not (cut and extension):
        return None
    digits = company + cut[0]
    place = f"{_DOMAIN}414/{digits}{check_digit(digits)}"
    return place if extension == "0" else f"{place}/254/{extension}"


def _party(company: str, rest: str) -> str | None:
    cut = _cut(12, company, rest)
    if cut is None or cut[1]:
        return None
    digits = company + cut[0]
    return f"{_DOMAIN}417/{digits}{check_digit(digits)}"


def _with_serial(key: str, before: str, most: int) -> Callable[[str, str], str | None]:
    """Twelve digits with their check digit, then a serial; a pattern says none."""

    def form(company: str, rest: str) -> str | None:
        cut = _cut(12, company, rest)
        if cut is None or cut[1][:1] != ".":
            return None
        said = cut[1][1:]
        serial = "" if said == "*" else _signs(said, most)
        digits = before + company + cut[0]
        return None if serial is None else f"{_DOMAIN}{key}/{digits}{check_digit(digits)}{serial}"

    return form


def _unlike(key: str) -> Callable[[str, str], str | None]:
    """A company prefix and whatever the company put behind it."""

    def form(company: str, rest: str) -> str | None:
        reference = _signs(rest, 30 - len(company))
        return f"{_DOMAIN}{key}/{company}{reference}" if reference else None

    return form


def _component(company: str, rest: str) -> str | None:
    found = re.fullmatch(r"((?:%2[3dDfF]|[0-9A-Z-]){1,24})\.(\*|\d{1,12})", rest)
    if found is None:
        return None
    whole = f"{_DOMAIN}8010/{company}{found[1]}"
    return whole if found[2] == "*" else f"{whole}/8011/{found[2]}"


_URNS: Mapping[tuple[str, str], Callable[[str, str], str | None]] = MappingProxyType(
    {
        ("id", "sgtin"): _serial_of_gtin("21", 20),
        ("id", "upui"): _serial_of_gtin("235", 28),
        ("class", "lgtin"): _serial_of_gtin("10", 20),
        ("id", "sscc"): _digits("00", 17, extension_first=True),
        ("id", "sgln"): _location,
        ("id", "pgln"): _party,
        ("id", "grai"): _with_serial("8003", "0", 16),
        ("id", "gdti"): _with_serial("253", "", 20),
        ("id", "sgcn"): _with_serial("255", "", 12),
        ("id", "giai"): _unlike("8004"),
        ("id", "ginc"): _unlike("401"),
        ("id", "gsrn"): _digits("8018", 17),
        ("id", "gsrnp"): _digits("8017", 17),
        ("id", "gsin"): _digits("402", 16),
        ("id", "cpi"): _component,
        ("id", "itip"): _pieces,
        ("idpat", "sgtin"): _any_of_gtin,
        ("idpat", "upui"): _any_of_gtin,
        ("idpat", "grai"): _with_serial("8003", "0", 16),
        ("idpat", "gdti"): _with_serial("253", "", 20),
        ("idpat", "sgcn"): _with_serial("255", "", 12),
        ("idpat", "cpi"): _component,
        ("idpat", "itip"): _pieces,
    }
)
