"""What a dealer may say against a statement, and how it is answered. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.kernel import money
from portal.kernel.errors import N_, Conflict, Fault
from portal.kernel.money import ZERO

LINES_MAX = 50
FILES_MAX = 10
DOCUMENT_MAX = 64  # characters
REASON_MAX = 500
TEXT_MAX = 4000
AMOUNT_MAX = Decimal("1e12")

_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


class DisputeState(StrEnum):
    """Whether a dispute is decided."""

    OPEN = "open"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class DisputeKind(StrEnum):
    """What is wrong with a document, as the dealer sees it."""

    AMOUNT = "amount"
    PRICE = "price"
    NOT_RECEIVED = "not_received"
    RETURNED = "returned"
    PAID = "paid"
    REBATE = "rebate"
    DUPLICATE = "duplicate"
    MISSING = "missing"
    OTHER = "other"


class Outcome(StrEnum):
    """How headquarters answers a disputed line."""

    STANDS = "stands"
    REVERSED = "reversed"
    DOCUMENT = "document"
    ADJUSTED = "adjusted"


class EntryKind(StrEnum):
    """What an entry of the conversation is."""

    OPENED = "opened"
    MESSAGE = "message"
    WITHDRAWN = "withdrawn"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class DisputedLine:
    """What a dealer says of one document.

    document: its number; of a document that is missing the dealer's own. amount: what of it is disputed,
    positive. pointer: where it was entered.
    """

    document: str
    amount: Decimal
    reason: str
    kind: DisputeKind
    pointer: str


@dataclass(frozen=True, slots=True)
class Decision:
    """How a line is answered. correction: number of the document that puts it right.

    Of an adjustment, invoice_line: which line of the disputed invoice had the wrong price; gives: what the
    dealer gets back for it, VAT included, negative where it was billed too little.
    """

    line_no: int
    outcome: Outcome
    correction: str
    pointer: str
    invoice_line: int = 0
    gives: Decimal = ZERO


def plain(said: str) -> str:
    """What somebody wrote, as it is kept: trimmed, with plain line breaks."""
    return said.replace("\r\n", "\n").replace("\r", "\n").strip()


def line_faults(lines: Sequence[DisputedLine], listed: Mapping[str, Decimal]) -> list[Fault]:
    """Everything that is wrong with disputed lines. listed: documents of the statement and their amounts."""
    if not lines:
        return [Fault("/lines", "lines_missing", N_("Name a document."), N_("Enter at least one line."))]
    if len(lines) > LINES_MAX:
        message, fix = N_("At most %(most)s lines."), N_("Send the others with another dispute.")
        return [Fault("/lines", "too_many_lines", message, fix, {"most": LINES_MAX})]
    faults: list[Fault] = []
    seen: set[str] = set()
    for line in lines:
        faults += _document_faults(line, listed, seen) or _amount_faults(line, listed)
        faults += text_faults(f"{line.pointer}/reason", line.reason, most=REASON_MAX)
        seen.add(line.document)
    return faults


def text_faults(pointer: str, said: str, *, most: int, needed: bool = True) -> list[Fault]:
    """What is wrong with what somebody wrote."""
    text = plain(said)
    if needed and not text:
        return [Fault(pointer, "missing", N_("Write something."), N_("Enter a text."))]
    if len(text) > most:
        message, fix = N_("At most %(max_length)s characters."), N_("Shorten it.")
        return [Fault(pointer, "too_long", message, fix, {"max_length": most})]
    if any(unicodedata.category(one) in _UNSEEN for one in text.replace("\n", " ").replace("\t", " ")):
        message = N_("This has characters that cannot be shown.")
        return [Fault(pointer, "unreadable_text", message, N_("Type the text instead of pasting it."))]
    return []


def files_faults(files: Sequence[str]) -> list[Fault]:
    """What is wrong with how many files come along."""
    if len(files) <= FILES_MAX:
        return []
    message, fix = N_("At most %(most)s files."), N_("Send the others with a message.")
    return [Fault("/files", "too_many_files", message, fix, {"most": FILES_MAX})]


def decision_faults(decisions: Sequence[Decision], line_nos: Sequence[int]) -> list[Fault]:
    """Everything that is wrong with the answers to the lines of a dispute: each is answered once."""
    said = [one.line_no for one in decisions]
    faults = [
        Fault(one.pointer, "unknown_line", N_("The dispute has no such line."))
        for one in decisions
        if one.line_no not in line_nos
    ]
    if len(set(said)) < len(said) or not set(line_nos) <= set(said):
        faults.append(Fault("/lines", "line_unanswered", N_("Every line is answered once.")))
    for one in decisions:
        if one.outcome is Outcome.DOCUMENT and not one.correction.strip():
            message, fix = (
                N_("Name the document that puts it right."),
                N_("Post the credit note or payment first and enter its number."),
            )
            faults.append(Fault(f"{one.pointer}/correction", "correction_missing", message, fix))
    return faults


def require_open(state: DisputeState) -> None:
    """Raise Conflict for a dispute that is over."""
    if state is not DisputeState.OPEN:
        fix = N_("Open another one from the statement.")
        raise Conflict("dispute_over", N_("This dispute is over."), fix=fix)


def _document_faults(line: DisputedLine, listed: Mapping[str, Decimal], seen: set[str]) -> list[Fault]:
    pointer = f"{line.pointer}/document"
    if not line.document or len(line.document) > DOCUMENT_MAX or not line.document.isprintable():
        return [
            Fault(
                pointer, "document", N_("Name the document."), N_("Enter its number, at most 64 characters.")
            )
        ]
    if line.document in seen:
        message, fix = N_("This document stands in two lines."), N_("Put both into one line.")
        return [Fault(pointer, "named_twice", message, fix)]
    if line.kind is DisputeKind.MISSING:
        if line.document in listed:
            message, fix = N_("This document is on the statement."), N_("Choose what is wrong with it.")
            return [Fault(pointer, "not_missing", message, fix)]
    elif line.document not in listed:
        message = N_("This document is not on the statement.")
        fix = N_("Check the number; if it should be there, choose that it is missing.")
        return [Fault(pointer, "not_listed", message, fix)]
    return []


def _amount_faults(line: DisputedLine, listed: Mapping[str, Decimal]) -> list[Fault]:
    pointer, amount = f"{line.pointer}/amount", line.amount
    if not amount.is_finite() or not 0 < amount < AMOUNT_MAX or amount != money.to_fen(amount):
        message, fix = N_("Enter a valid amount."), N_("Enter what is disputed, above zero, two places.")
        return [Fault(pointer, "amount", message, fix)]
    if line.kind is DisputeKind.MISSING or amount <= listed[line.document]:
        return []
    message, fix = (
        N_("The document is over %(amount)s only."),
        N_("Enter what of it is disputed."),
    )
    return [Fault(pointer, "amount_above", message, fix, {"amount": money.as_text(listed[line.document])})]
