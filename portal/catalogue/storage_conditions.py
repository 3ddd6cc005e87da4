"""Storage and handling conditions: EUDAMED codes to sentences in English and Chinese.

The wording follows the enumeration of the EUDAMED data exchange schema. Codes with a star there carry a value
(a temperature, a humidity), which makers write in a dozen ways: ``Lower limit-15 Degrees Celsius Upper limit-
30``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from portal.catalogue.registry_text import best_text

PLAIN = {
    "SHC01": ("Fragile, handle with care", "易碎，小心轻放"),
    "SHC02": ("Keep away from sunlight", "避免阳光直射"),
    "SHC03": ("Protect from heat and radioactive sources", "远离热源与放射源"),
    "SHC04": ("Protect from radioactive sources", "远离放射源"),
    "SHC05": ("Keep dry", "保持干燥"),
    "SHC12": ("Dangerous voltage", "危险电压"),
    "SHC14": ("Store in a dry place", "贮存于干燥处"),
    "SHC15": ("Store in a well-ventilated place", "贮存于通风处"),
    "SHC16": ("Store in a closed container", "密闭贮存"),
    "SHC17": ("Store locked up", "上锁贮存"),
    "SHC24": ("Store away from other materials", "单独贮存"),
    "SHC33": ("Electrostatic sensitive", "静电敏感"),
    "SHC35": ("Do not sterilise", "不得灭菌"),
    "SHC36": ("Do not freeze", "不得冷冻"),
    "SHC38": ("Keep away from magnets", "远离磁场"),
    "SHC42": ("Avoid contact with water", "避免接触水"),
    "SHC44": ("This way up", "向上放置"),
    "SHC46": ("Special storage conditions, see instructions for use", "特殊贮存条件，见说明书"),
}
VALUE_MAX = 300  # characters of a temperature or a humidity; more is no value but a story
COLDEST, WARMEST = -200, 100  # °C
HIGHEST_LOWER_LIMIT = 25  # °C; a greater one is a slip of the maker (a lost minus, the wrong code)
TEMPERATURE_CODES = {"SHC06": "lower", "SHC07": "upper", "SHC08": "range", "SHC13": "range", "SHC21": "upper"}

_CONDITION = re.compile(r"(SHC\d+)\s*(?:\(((?:[^()]|\([^()]*\))*)\))?", re.DOTALL)
_LIMIT_WORD = re.compile(r"(?:lower|upper)\s*limit\w*\s*[-:：]?\s*", re.IGNORECASE)
_SIGNED = re.compile(r"(?:(?<![\d℃°cC])([-+]))?(\d+(?:\.\d+)?)")


class Storage(NamedTuple):
    """Conditions in both languages, and the limits in °C where the text tells them.

    cold_chain: the upper limit is 8 °C or less.
    """

    en: str
    zh: str
    cold_chain: bool
    lower: Decimal | None = None
    upper: Decimal | None = None


class Bounds(NamedTuple):
    """A lower and an upper limit, either of which may be open."""

    lower: float | None
    upper: float | None


def describe(codes: str) -> Storage:
    """Turn ``SHC02 | SHC08 (en: -20~50℃)`` into sentences; an unreadable value points to the instructions."""
    english, chinese = [], []
    temperature = Bounds(None, None)
    for code, value in sorted(set(_CONDITION.findall(codes))):
        text = best_text(value)[0]
        if code in PLAIN:
            en, zh = PLAIN[code]
        elif code in TEMPERATURE_CODES:
            temperature = merged(temperature, read_temperature(TEMPERATURE_CODES[code], text or value))
            en, zh = "", ""
        elif code in ("SHC09", "SHC10"):
            en, zh = pair_sentence(code, value)
        else:
            continue
        english.append(en)
        chinese.append(zh)
    if any(code in codes for code in TEMPERATURE_CODES):
        en, zh = temperature_sentence(temperature)
        english.insert(0, en)
        chinese.insert(0, zh)
    cold = temperature.upper is not None and temperature.upper <= 8
    return Storage(
        "; ".join(unique(english)),
        "；".join(unique(chinese)),
        cold,
        believed(temperature.lower),
        believed(temperature.upper),
    )


def believed(degrees: float | None) -> Decimal | None:
    """A limit with one decimal place; None for one at which nothing is stored."""
    if degrees is None or not COLDEST <= degrees <= WARMEST:
        return None
    return Decimal(str(degrees)).quantize(Decimal("0.1"))


def read_temperature(kind: str, text: str) -> Bounds:
    """Bounds in °C, open where the text cannot be trusted.

    One number counts by `kind` (``lower`` or ``upper``).
    """
    if "%" in text or len(text) > VALUE_MAX:
        return Bounds(None, None)
    if re.search(r"room temperature", text, re.IGNORECASE):
        return Bounds(10, 30)
    numbers = signed_numbers(text)
    bounds = Bounds(None, None)
    if len(numbers) >= 2 and numbers[0] < numbers[1]:
        bounds = Bounds(numbers[0], numbers[1])
    elif len(numbers) == 1 and kind != "range":
        bounds = Bounds(numbers[0], None) if kind == "lower" else Bounds(None, numbers[0])
    return bounds if (bounds.lower or 0) < HIGHEST_LOWER_LIMIT else Bounds(None, None)


def signed_numbers(text: str) -> list[float]:
    """Numbers of a text with their signs; a hyphen after a number or unit is a dash, not a minus."""
    text = text.replace("–", "-").replace("−", "-")
    cleaned = re.sub(
        r"\s*(?:℃|°\s*C|o\s*C\b|degrees?\.?\s*(?:Celsius|C\b)|degr\.\s*C)", "℃", _LIMIT_WORD.sub(" ", text)
    )
    cleaned = re.sub(r"\s*-\s+|\s+to\s+|[~～]", " ", cleaned)
    return [float(number) * (-1 if sign == "-" else 1) for sign, number in _SIGNED.findall(cleaned)]


def merged(first: Bounds, second: Bounds) -> Bounds:
    """Later limits fill what earlier ones left open."""
    return Bounds(
        second.lower if first.lower is None else first.lower,
        second.upper if first.upper is None else first.upper,
    )


def temperature_sentence(bounds: Bounds) -> tuple[str, str]:
    """``Store at 2 °C to 8 °C`` and its Chinese."""
    if bounds == Bounds(None, None):
        return "Temperature as labelled", "温度按标签要求"
    if bounds.lower is None:
        return f"Store below {bounds.upper:g} °C", f"贮存温度不高于 {bounds.upper:g}℃"
    if bounds.upper is None:
        return f"Store above {bounds.lower:g} °C", f"贮存温度不低于 {bounds.lower:g}℃"
    return (
        f"Store at {bounds.lower:g} °C to {bounds.upper:g} °C",
        f"贮存温度 {bounds.lower:g}～{bounds.upper:g}℃",
    )


def pair_sentence(code: str, text: str) -> tuple[str, str]:
    """Humidity (``SHC09``) or air pressure (``SHC10``) as a range, without numbers as a reference to the
    label.
    """
    is_pair = "℃" not in text and len(text) <= VALUE_MAX
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)] if is_pair else []
    span = f"{numbers[0]:g}–{numbers[1]:g}" if len(numbers) >= 2 and numbers[0] < numbers[1] else ""
    if code == "SHC09":
        return (
            (f"Humidity {span} % RH", f"相对湿度 {span}%")
            if span
            else ("Humidity as labelled", "湿度按标签要求")
        )
    return (
        (f"Air pressure {span} hPa", f"大气压 {span} hPa")
        if span
        else ("Air pressure as labelled", "气压按标签要求")
    )


def unique(sentences: list[str]) -> list[str]:
    """Sentences in order, each once, empty ones left out."""
    return [sentence for sentence in dict.fromkeys(sentences) if sentence]
