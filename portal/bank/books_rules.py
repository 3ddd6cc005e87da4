"""What the books say of everybody who may have paid a booking of the bank. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.bank.name_rules import core_of, folded_name

CERTAIN = 90
"""The score from which a proposal posts by itself."""
_BODY = "[0-9]{4}-?[0-9A-HJKMNP-TV-Z]{9}"
_INVOICE, _STATEMENT = re.compile(f"(?:IN|SI){_BODY}"), re.compile(f"ST{_BODY}")


class FileState(StrEnum):
    """Whether a file waits for an answer or was taken."""

    DRAFT = "draft"
    TAKEN = "taken"


class BookingState(StrEnum):
    """What became of a booking."""

    WAITING = "waiting"
    MATCHED = "matched"
    ASIDE = "aside"
    NOT_OURS = "not_ours"


class MatchKind(StrEnum):
    """What a match did in the books: posted a payment, found one that was posted, or reversed one."""

    POSTED = "posted"
    LINKED = "linked"
    REVERSED = "reversed"


class Reason(StrEnum):
    """Why a booking is thought to be a dealer's."""

    REFERENCE = "reference"
    INVOICE_NUMBERS = "invoice_numbers"
    NAME_AND_AMOUNT = "name_and_amount"
    ACCOUNT_AND_AMOUNT = "account_and_amount"
    TOGETHER = "together"
    NAME = "name"
    ACCOUNT = "account"
    AMOUNT = "amount"
    BOOKED = "booked"
    REVERSAL = "reversal"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Payer:
    """A dealer that may have paid. key: its code as its reference holds it. names: in every language."""

    dealer_id: int
    code: str
    key: str
    names: tuple[str, ...]
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Open:
    """A debt of a dealer and what is left of it."""

    dealer_id: int
    number: str
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Posted:
    """A payment in the books. is_linked: a booking belongs to it."""

    dealer_id: int
    number: str
    received_on: date
    amount: Decimal
    is_linked: bool
    is_reversed: bool = False
    account: str = ""
    party: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A booking to be matched.

    keys: of the dealers whose references stand in it. stated: dealers whose statements it names. is_twin:
    another file told of a booking of this day and amount, in other words: it may be the same one.
    """

    id: int
    on: date
    amount: Decimal
    text: str
    reference: str
    party: str
    party_account: str
    is_reversal: bool = False
    keys: frozenset[str] = frozenset()
    stated: frozenset[int] = frozenset()
    is_twin: bool = False

    @property
    def said(self) -> str:
        """All that whoever paid wrote."""
        return f"{self.text} {self.reference}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a booking may have paid. invoices: that it pays; empty for an advance. score: of a hundred.

    names: of the dealer, in Chinese and English.
    """

    kind: MatchKind
    dealer_id: int
    code: str
    reason: Reason
    score: int
    invoices: tuple[str, ...] = ()
    payment_no: str = ""
    difference: Decimal = Decimal(0)
    names: tuple[str, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Whether it posts by itself."""
        return self.score >= CERTAIN


@dataclass
class Books:
    """What the books say of everybody who may have paid."""

    payers: Sequence[Payer]
    open_items: Sequence[Open]
    payments: Sequence[Posted] = ()
    accounts: Mapping[str, int] = field(default_factory=dict)
    tolerance: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        self._by_id = {one.dealer_id: one for one in self.payers}
        self._by_key = {one.key: one for one in self.payers}
        self._names: dict[str, set[int]] = {}
        self._cores: dict[str, set[int]] = {}
        for one in self.payers:
            for name in filter(None, one.names):
                self._names.setdefault(folded_name(name), set()).add(one.dealer_id)
                if core := core_of(name):
                    self._cores.setdefault(core, set()).add(one.dealer_id)
        self._open: dict[int, list[Open]] = {}
        self._numbers = {one.number: one for one in self.open_items}
        self._owing: dict[Decimal, set[int]] = {}
        for item in self.open_items:
            self._owing.setdefault(item.amount, set()).add(item.dealer_id)
        for payer in self.payers:
            self._owing.setdefault(payer.balance, set()).add(payer.dealer_id)
        self._posted: dict[tuple[int, Decimal], list[Posted]] = {}
        for payment in self.payments:
            self._posted.setdefault((payment.dealer_id, payment.amount), []).append(payment)
        for item in sorted(self.open_items, key=lambda item: (item.due_on, item.number)):
            self._open.setdefault(item.dealer_id, []).append(item)

    def payer(self, dealer_id: int) -> Payer | None:
        """A dealer."""
        return self._by_id.get(dealer_id)

    def by_reference(self, booking: Incoming) -> set[int]:
        """Dealers whose own reference, or the number of whose statement, a booking carries."""
        keyed = {self._by_key[key].dealer_id for key in booking.keys if key in self._by_key}
        return keyed | {dealer_id for dealer_id in booking.stated if dealer_id in self._by_id}

    def by_numbers(self, said: str) -> list[Open]:
        """Open invoices whose numbers stand in a text."""
        return [self._numbers[number] for number in invoice_numbers(said) if number in self._numbers]

    def by_name(self, name: str) -> tuple[set[int], bool]:
        """Dealers of a name, and whether it is theirs as a whole."""
        if whole := self._names.get(folded_name(name)):
            return whole, True
        core = core_of(name)
        return (self._cores.get(core, set()) if core else set()), False

    def owing(self, amount: Decimal) -> set[int]:
        """Dealers that owe just so much, of one invoice or of all."""
        return self._owing.get(amount, set())

    def posted(self, dealer_id: int, amount: Decimal) -> list[Posted]:
        """Payments of a dealer of this amount."""
        return self._posted.get((dealer_id, amount), [])

    def open_of(self, dealer_id: int) -> list[Open]:
        """What a dealer has to pay, the earliest due first."""
        return self._open.get(dealer_id, [])


def invoice_numbers(text: str) -> list[str]:
    """Numbers of our invoices in a text, as we write them, each once."""
    return _numbers(_INVOICE, text)


def statement_numbers(text: str) -> list[str]:
    """Numbers of our statements in a text, as we write them, each once."""
    return _numbers(_STATEMENT, text)


def _numbers(pattern: re.Pattern[str], text: str) -> list[str]:
    plain = re.sub(r"[\s]+", "", unicodedata.normalize("NFKC", text).upper())
    found = (number.replace("-", "") for number in pattern.findall(plain))
    return list(dict.fromkeys(f"{number[:6]}-{number[6:]}" for number in found))
