"""Two books that agree, and known defects of every class put into one of them. Everything follows a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from portal.own_ledgers.difference_rules import Doc, Kind

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NEXT_MONTH = timedelta(days=31)


def our_books(chance: Random, count: int, *, days: int = 180, first: date = date(2026, 1, 1)) -> list[Doc]:
    """Invoices and payments as the ledger has them, of so many days from the first on."""
    docs = []
    for place in range(count):
        day = first + timedelta(days=chance.randrange(days))
        is_invoice = chance.random() < 0.6
        fen = chance.randrange(1_000, 3_000_000) * (1 if is_invoice else -1)
        body = "".join(chance.choice(_ALPHABET) for _ in range(9))
        number = f"{'IN' if is_invoice else 'PY'}{day:%y%m}-{body}"
        docs.append(Doc(place, day, fen, number, net=round(fen / 1.13) if is_invoice else None))
    return sorted(docs, key=lambda doc: doc.day)


@dataclass
class Defective:
    """The dealer's books, and what is wrong with them by number and class."""

    docs: list[Doc] = field(default_factory=list)
    wrong: set[tuple[str, Kind]] = field(default_factory=set)

    def add(self, doc: Doc, kind: Kind | None = None) -> None:
        """A document as the dealer has it."""
        self.docs.append(replace(doc, place=len(self.docs) + 1, net=None))
        if kind is not None:
            self.wrong.add((doc.number, kind))


def their_books(chance: Random, ours: Sequence[Doc], share: float) -> Defective:
    """The same documents, a share of them with a defect of any class."""
    theirs = Defective()
    kinds = list(Kind)
    for doc in ours:
        if chance.random() < share:
            _DEFECTS[chance.choice(kinds)](theirs, chance, doc)
        else:
            theirs.add(doc)
    return theirs


def _missing_here(theirs: Defective, chance: Random, doc: Doc) -> None:
    theirs.add(doc)
    unknown = f"FK-{chance.randrange(10**6)}"
    theirs.add(Doc(0, doc.day, chance.randrange(1, 10**6), unknown), Kind.MISSING_HERE)


def _missing_there(theirs: Defective, chance: Random, doc: Doc) -> None:
    theirs.wrong.add((doc.number, Kind.MISSING_THERE))


def _amount(theirs: Defective, chance: Random, doc: Doc) -> None:
    theirs.add(replace(doc, fen=doc.fen + chance.choice((-3750, 12000, 880))), Kind.AMOUNT)


def _date(theirs: Defective, chance: Random, doc: Doc) -> None:
    theirs.add(replace(doc, day=doc.day + _NEXT_MONTH), Kind.DATE)


def _duplicate(theirs: Defective, chance: Random, doc: Doc) -> None:
    theirs.add(doc, Kind.DUPLICATE)
    theirs.add(doc)


def _sign(theirs: Defective, chance: Random, doc: Doc) -> None:
    theirs.add(replace(doc, fen=-doc.fen), Kind.SIGN)


def _tax(theirs: Defective, chance: Random, doc: Doc) -> None:
    rate = chance.choice((6, 9, 13))
    net = round(abs(doc.fen) * 100 / (100 + rate))
    theirs.add(replace(doc, fen=net if doc.fen > 0 else -net), Kind.TAX)


def _rounding(theirs: Defective, chance: Random, doc: Doc) -> None:
    theirs.add(replace(doc, fen=doc.fen + chance.choice((-2, -1, 1, 2, 3))), Kind.ROUNDING)


def _transposed(theirs: Defective, chance: Random, doc: Doc) -> None:
    digits = list(str(abs(doc.fen)))
    places = [
        place
        for place in range(len(digits) - 1)
        if digits[place] != digits[place + 1] and (place or digits[1] != "0")
    ]
    if not places:
        theirs.add(doc)
        return
    place = chance.choice(places)
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    fen = int("".join(digits)) * (1 if doc.fen > 0 else -1)
    theirs.add(replace(doc, fen=fen), Kind.TRANSPOSED)


def _reference(theirs: Defective, chance: Random, doc: Doc) -> None:
    last, before = doc.number[-1], doc.number[-2]
    number = doc.number[:-2] + last + before if last != before else doc.number[:-1]
    theirs.add(replace(doc, number=number), Kind.REFERENCE)


_DEFECTS: dict[Kind, Callable[[Defective, Random, Doc], None]] = {
    Kind.MISSING_HERE: _missing_here,
    Kind.MISSING_THERE: _missing_there,
    Kind.AMOUNT: _amount,
    Kind.DATE: _date,
    Kind.DUPLICATE: _duplicate,
    Kind.SIGN: _sign,
    Kind.TAX: _tax,
    Kind.ROUNDING: _rounding,
    Kind.TRANSPOSED: _transposed,
    Kind.REFERENCE: _reference,
}
