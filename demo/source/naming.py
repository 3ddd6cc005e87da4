"""What a device is called: its generic name, its full name in English and Chinese, its specification.

The English name keeps the maker's trade name. The Chinese one is the generic name of the device class
followed by size or model, as a Chinese catalogue has it (``一次性使用鼻胃管 Fr10``); nothing about its
clinical use is added.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from portal.catalogue.registry_text import best_text, is_placeholder, tidy

DATA = Path(__file__).parent.parent / "data"
NAME_LENGTH = 120
REMARK_LENGTH = 40
BRAND_WORDS = 3  # a trade name of more words says what the thing is
BOX = "盒"
# Units in which a thing is sold, Chinese → English. More than one piece in the unit makes it a box.
UNITS = {
    "件": "piece",
    "盒": "box",
    "套": "set",
    "台": "unit",
    "支": "piece",
    "根": "piece",
    "把": "piece",
    "块": "block",
    "片": "sheet",
    "张": "sheet",
    "卷": "roll",
    "包": "pack",
    "副": "pair",
    "只": "piece",
    "瓶": "bottle",
    "桶": "drum",
}

_MEASURES = {"MMT": "mm", "CMT": "cm", "KGM": "kg", "GRM": "g", "MTR": "m", "MU999": ""}


@dataclass(frozen=True, slots=True)
class Generic:
    """A generic device name with the facts that go with it.

    `catalogue` is the two-digit group of the Chinese device catalogue (40 for reagents), `unit` the Chinese
    unit of one piece, `price` a plausible demo list price of one piece in CNY.
    """

    prefix: str
    pattern: re.Pattern[str] | None
    name_zh: str
    name_en: str
    catalogue: str
    unit: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the EMDN tree, levels 1 to 3. `parent` is empty at the top."""

    code: str
    parent: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Words:
    """The usable texts of a trade item.

    `brand` is the trade name as the maker gives it, `size` a clinical size, `remark` a short description.
    `notes` says what had to be passed over.
    """

    name: str
    brand: str
    model: str
    size: str
    remark: str
    notes: tuple[str, ...]

    @property
    def specification(self) -> str:
        """What tells a device from its neighbours, besides the model."""
        return self.size or self.remark


def read_categories() -> dict[str, Category]:
    """Categories by EMDN code."""
    parents = {1: 0, 3: 1, 5: 3}
    with (DATA / "categories.tsv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Category(
                row["code"], row["code"][: parents[len(row["code"])]], row["name_zh"], row["name_en"]
            )
            for row in csv.DictReader(file, delimiter="\t")
        }


def read_generics() -> list[Generic]:
    """Generic names, the longest EMDN prefix first and patterned ones before the plain one of the same
    prefix.
    """
    with (DATA / "generic_names.tsv").open(encoding="utf-8", newline="") as file:
        generics = [
            Generic(
                row["prefix"],
                re.compile(row["pattern"], re.IGNORECASE) if row["pattern"] else None,
                row["name_zh"],
                row["name_en"],
                row["catalogue"],
                row["unit"],
                Decimal(row["price"]),
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]
    return sorted(
        generics, key=lambda generic: (-len(generic.prefix), generic.prefix, generic.pattern is None)
    )


def generic_for(emdn: str, words: str, generics: list[Generic]) -> Generic | None:
    """The generic name of an EMDN code, the pattern searched in the device's own words; None for an
    unknown code.
    """
    for generic in generics:
        if emdn.startswith(generic.prefix) and (generic.pattern is None or generic.pattern.search(words)):
            return generic
    return None


def read_words(row: dict[str, str]) -> Words | None:
    """Name, model and specification of a trade item; None if no field names it.

    The trade name comes first, then the model name, then a short description: makers leave any of them empty.
    """
    brand, language = best_text(row["trade_name"])
    model_name = best_text(row["model_name"])[0]
    description = best_text(row["additional_description"])[0]
    name = joined_name(brand, model_name) or (description if len(description) <= REMARK_LENGTH else "")
    if not name:
        return None
    model = read_model(row)
    notes = {
        "trade name missing or a placeholder, next text taken": not brand,
        "no English trade name, other language taken": language not in ("", "en"),
        "model name is a number or placeholder, ignored": bool(row["model_name"]) and not model_name,
        "reference is a placeholder or a GTIN, ignored": bool(row["reference_no"]) and not model,
    }
    remark = description if len(description) <= REMARK_LENGTH else ""
    return Words(
        name, brand, model, read_size(row), remark, tuple(note for note, applies in notes.items() if applies)
    )


def joined_name(brand: str, model_name: str) -> str:
    """Brand and model name where they complete each other; a brand of many words, or one that repeats,
    stands alone.
    """
    if not brand or not model_name:
        return brand or model_name
    if brand.casefold() in model_name.casefold():
        return model_name
    repeats = set(_long_words(brand)) & set(_long_words(model_name))
    return brand if repeats or len(brand.split()) > BRAND_WORDS else f"{brand} {model_name}"


def _long_words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{4,}", text.casefold())


def read_model(row: dict[str, str]) -> str:
    """The maker's reference, unless it is a filler or merely the GTIN again."""
    reference = tidy(row["reference_no"])
    digits = reference.isdigit() and len(reference) >= 12
    filler = is_placeholder(reference) and not any(character.isdigit() for character in reference)
    return "" if digits or filler else reference


def read_size(row: dict[str, str]) -> str:
    """Clinical sizes as one text: ``10cm×25cm``, ``Ø9mm × 25mm``."""
    sizes = [measure(*part.split("=", 1)) for part in row["clinical_sizes"].split(" | ") if "=" in part]
    return " × ".join(size for size in sizes if size)[:REMARK_LENGTH].strip()


def measure(kind: str, value: str) -> str:
    """One clinical size: ``SIZE=10 cm *25cm`` → ``10cm×25cm``, ``OUTER_DIAMETER=9.0 MMT`` → ``Ø9mm``."""
    plain = tidy(value).strip("/")
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ([A-Z0-9]+)", plain)
    if match:
        plain = f"{float(match[1]):g}{_MEASURES.get(match[2], match[2].lower())}"
    plain = re.sub(r"(?<=[\dcm])\s*[*xX×]\s*(?=\d)", "×", plain)
    plain = re.sub(r"\s+(?=(?:cm|mm|m)\b)", "", plain).replace("￠", "Φ").replace("φ", "Φ")
    if kind == "NEEDLE_GAUGE":
        return f"{plain}G"
    return f"Ø{plain}" if "DIAMETER" in kind else plain


def english_name(words: Words, generic: Generic) -> str:
    """Trade and model name with the size; a bare article code is preceded by what the thing is."""
    name, detail = words.name, words.specification
    if not _long_words(name):
        name = f"{generic.name_en} {name}"
    if _squeezed(name) in _squeezed(detail):
        name = detail
    elif _squeezed(detail) not in _squeezed(name):
        name = f"{name} {detail}"
    return name[:NAME_LENGTH]


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text.casefold())


def chinese_name(words: Words, generic: Generic, pieces: int) -> str:
    """Generic name, then what tells it from its neighbours (size, model or brand), then the number in a
    box.
    """
    piece = "件" if generic.unit == BOX else generic.unit
    box = f"（{pieces}{piece}/盒）" if pieces > 1 else ""
    return f"{generic.name_zh} {words.size or words.model or words.brand}".strip() + box
