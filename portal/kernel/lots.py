"""A lot number that somebody typed, pasted or imported, read and compared. Pure.

Labels print capitals, keyboards type small letters or full width: ``gz-7`` and ``ＧＺ－７`` are lot ``GZ-7``.
A lot is kept as it is known, else as it was typed, in one width; it is compared by its key. Two lots that are
known and differ in capitals alone are two: who writes one of them exactly means that one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from typing import TypeVar

from portal.kernel.errors import N_, Fault

LOT_MAX = 40
"""Characters; application identifier 10 of GS1 has 20."""
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
K = TypeVar("K")
T = TypeVar("T")


def plain_lot(typed: str) -> str:
    """A lot number as it is kept: in one width, without blanks around."""
    return unicodedata.normalize("NFKC", typed).strip()


def lot_key(lot: str) -> str:
    """A lot number as it is compared."""
    # Letter by letter, as the database does it: ß has no capital of one letter and stays.
    return "".join(_capital(letter) for letter in plain_lot(lot))


def _capital(letter: str) -> str:
    capital = letter.upper()
    return capital if len(capital) == 1 else letter


def key_sql(column: str) -> str:
    """SQL: the `lot_key` of a column, or of a parameter that is cast to text."""
    return f"upper(btrim(normalize({column}, NFKC)))"


def spelled(typed: str, known: Collection[str]) -> str | None:
    """The one of some lots that are known, of one product, which somebody means; None where it is none.

    None too where several differ in capitals and nobody wrote one of them exactly.
    """
    plain = plain_lot(typed)
    if plain in known:
        return plain
    key = lot_key(plain)
    alike = [one for one in known if lot_key(one) == key]
    return alike[0] if len(alike) == 1 else None


def named_as(name: tuple[K, str], known: Collection[tuple[K, str]]) -> tuple[K, str]:
    """A thing (a SKU, an order line) and its lot as a document names them; in one width where none does."""
    if name in known:
        return name
    lot = spelled(name[1], {lot for thing, lot in known if thing == name[0]})
    return name[0], plain_lot(name[1]) if lot is None else lot


def meant(typed: str, lots: Iterable[tuple[str, T]]) -> list[T]:
    """Those of some things, each with its lot, that are of the one somebody means: see `spelled`."""
    there = list(lots)
    lot = spelled(typed, {one for one, _ in there})
    return [] if lot is None else [thing for one, thing in there if one == lot]


def lot_faults(pointer: str, typed: str, *, most: int = LOT_MAX) -> list[Fault]:
    """What is wrong with a lot that somebody typed; nothing typed is no lot, and nothing wrong."""
    plain = plain_lot(typed)
    if len(plain) > most:
        message, fix = N_("A lot number has at most %(max)s characters."), N_("Copy it from the label.")
        return [Fault(pointer, "too_long", message, fix, {"max": most})]
    if any(unicodedata.category(one) in _UNSEEN for one in plain):
        message = N_("This has characters that cannot be shown.")
        return [Fault(pointer, "unreadable_text", message, N_("Type the text instead of pasting it."))]
    return []
