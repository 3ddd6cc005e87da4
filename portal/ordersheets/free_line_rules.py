"""A line that stands in no table, as people write it in a chat or a mail: code and quantity. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from portal.kernel.searching import gtin_in
from portal.ordersheets.column_rules import looks_like_code
from portal.ordersheets.field_rules import cell, split
from portal.ordersheets.quantity_rules import is_quantity, is_unit

_NUMBER = r"[0-9０-９]+(?:[,，][0-9０-９]{3})*(?:[.．][0-9０-９]+)?"
_PAIR = re.compile(
    r"(?P<code>[^\s,，;；]*[^\s,，;；:：])(?P<between>\s*[,，;；:：×*]\s*|\s+[xX]\s+|\s+)"
    rf"(?P<quantity>{_NUMBER}\s*[^\s0-9０-９,，;；.．]*)"
)
_TIMES = re.compile(r"(?P<code>.*?\S)\s*[×*]\s*(?P<quantity>[0-9０-９].*)")
_OF_READERS = re.compile(r"\][A-Za-z][0-9]|\(0[12]\)|https?://", re.A)
_GTIN_14 = 14
_LISTED = re.compile(r"[,，、]")


class Pair(NamedTuple):
    """Code and quantity as they stand in a line. is_doubtful: more than one field may be meant."""

    code: str
    quantity: str
    is_doubtful: bool = False


def pair_of(text: str) -> Pair:
    """What a line orders."""
    if "\x1d" in text or _OF_READERS.match(text):
        code, _, quantity = text.partition("\t")
        return Pair(code.strip(), cell(quantity))
    if "\t" in text:
        return _of_fields(split(text, "\t"))
    found = _PAIR.fullmatch(text)
    if found and not is_quantity(found["code"]):
        # ``A-1,1,000`` may be a thousand, or one of a table's fields.
        in_doubt = found["between"] in (",", "，") and re.search("[,，]", found["quantity"])
        return Pair(cell(found["code"]), found["quantity"].strip(), bool(in_doubt))
    if re.search("[;；]", text):
        return _of_fields(split(text, ";"))
    if '"' in text and "," in text:
        return _of_fields(split(text, ","))
    if _LISTED.search(text):
        return _of_fields([cell(field) for field in _LISTED.split(text)])
    return _of_fields(text.split())


def is_scan(code: str) -> bool:
    """Whether a code is what a barcode reader sends of one unit, and not a number that somebody typed."""
    return len(code) > _GTIN_14 and gtin_in(code) is not None


def _of_fields(given: Sequence[str]) -> Pair:
    fields: list[str] = []
    for field in filter(None, given):
        if fields and is_unit(field) and is_quantity(fields[-1]):
            fields[-1] += field
        else:
            fields.append(field)
    if len(fields) == 1:
        found = _TIMES.fullmatch(fields[0])
        return Pair(found["code"], found["quantity"]) if found else Pair(fields[0], "")
    if len(fields) == 2:
        return _of_two(*fields)
    return _of_many(fields)


def _of_two(one: str, other: str) -> Pair:
    """The code comes first, unless only the other can be one."""
    if is_quantity(one) and (not is_quantity(other) or (gtin_in(other) and not gtin_in(one))):
        return Pair(other, one)
    return Pair(one, other)


def _of_many(fields: Sequence[str]) -> Pair:
    quantities = [field for field in fields if is_quantity(field) and not gtin_in(field)]
    codes = [field for field in fields if field not in quantities and looks_like_code(field)]
    if len(codes) == len(quantities) == 1:
        return Pair(codes[0], quantities[0])
    return Pair(codes[0] if len(codes) == 1 else "", "", is_doubtful=True)
