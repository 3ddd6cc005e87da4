"""camt.053 of ISO 20022, in every version: the elements are the same by their names. Pure.

Read by expat without a document type, so that nothing is ever expanded. Only what is booked counts; what is
pending or informative is left out. An entry of several payments is one booking each, where their amounts are
said and make the entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.parsers import expat

from portal.bank.rules import (
    ACCOUNT_MAX,
    NAME_MAX,
    REFERENCE_MAX,
    BankFile,
    BankStatement,
    Booking,
    FileFormat,
    LeftOut,
    Omitted,
    proven,
    refused,
    tidy,
)
from portal.kernel.errors import N_, Invalid

DEPTH_MAX = 60
NODES_MAX = 600_000  # sixty elements of each of the most bookings; a file of empty ones has two million
_VERSION = re.compile(r"V\d+$")  # behind the name, in the first version
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,17})?|\.[0-9]{1,17}")
_NONE_GIVEN = frozenset({"", "NOTPROVIDED", "NONREF", "NONE"})
_OPENING, _CLOSING, _BETWEEN = ("OPBD", "PRCD"), ("CLBD",), "ITBD"
EXPORT_AGAIN = N_("Export the statement once more.")


@dataclass(slots=True)
class Node:
    """An element of the file, with the line it begins in."""

    name: str
    line: int
    currency: str = ""
    parts: list[Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(self.texts).strip()

    def all(self, path: str) -> Iterator[Node]:
        """Every element below it at a path such as ``Acct/Id``."""
        first, _, rest = path.partition("/")
        for part in self.parts:
            if part.name == first:
                if rest:
                    yield from part.all(rest)
                else:
                    yield part

    def one(self, *paths: str) -> Node | None:
        """The first element at one of some paths."""
        return next((found for path in paths for found in self.all(path)), None)

    def said(self, *paths: str) -> str:
        """What the first element at one of some paths says; empty where there is none."""
        return next((found.text for path in paths for found in self.all(path) if found.text), "")


def read_camt(content: bytes) -> BankFile:
    """The statements of a file. Raises Invalid with the reason and the line."""
    root = _tree(content)
    body = next(iter(root.parts), None)
    if root.name != "Document" or body is None:
        raise _no_camt(root.line)
    message = _VERSION.sub("", body.name)
    if message != "BkToCstmrStmt":
        raise _another_message(message, body.line)
    left_out: list[Omitted] = []
    statements = tuple(proven(_statement(node, left_out)) for node in body.all("Stmt"))
    if not statements:
        told = N_("Line %(line)s: the file holds no statement; it may be cut off.")
        raise refused("no_statement", told, EXPORT_AGAIN, body.line)
    return BankFile(FileFormat.CAMT, statements, tuple(left_out))


def _no_camt(line: int) -> Invalid:
    message = N_("Line %(line)s: this XML is no bank statement.")
    return refused("no_camt", message, N_("Ask the bank for a statement as camt.053."), line)


def _too_much(line: int) -> Invalid:
    message = N_("Line %(line)s: the file holds more than is read of a bank statement.")
    return refused("too_much", message, N_("Export a shorter time."), line)


def _another_message(name: str, line: int) -> Invalid:
    said = {
        "BkToCstmrAcctRpt": N_("Line %(line)s: this is a report within the day (camt.052), not a statement."),
        "BkToCstmrDbtCdtNtfctn": N_("Line %(line)s: this is a notification (camt.054), not a statement."),
    }
    if name not in said:
        return _no_camt(line)
    return refused("no_balances", said[name], N_("Ask the bank for the statement itself, camt.053."), line)


def _tree(content: bytes) -> Node:
    """The elements of a file. Raises Invalid for what is no XML, or declares a document type."""
    top = Node("", 0)
    open_nodes, count = [top], 0
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def no_doctype(*_: object) -> None:
        raise refused(
            "document_type",
            N_("Line %(line)s: the file declares a document type, as no bank does."),
            EXPORT_AGAIN,
            parser.CurrentLineNumber,
        )

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > NODES_MAX:
            raise _too_much(parser.CurrentLineNumber)
        if len(open_nodes) > DEPTH_MAX:
            raise _no_camt(parser.CurrentLineNumber)
        node = Node(name.rpartition(":")[2], parser.CurrentLineNumber, attributes.get("Ccy", ""))
        open_nodes[-1].parts.append(node)
        open_nodes.append(node)

    parser.StartDoctypeDeclHandler = no_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_nodes.pop()
    parser.CharacterDataHandler = lambda text: open_nodes[-1].texts.append(text)
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError):
        line = parser.ErrorLineNumber
        message = N_("Line %(line)s: the XML breaks off or is damaged.")
        raise refused("broken_xml", message, EXPORT_AGAIN, line) from None
    return top.parts[0]


def _statement(node: Node, left_out: list[Omitted]) -> BankStatement:
    account = tidy(node.said("Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id"), ACCOUNT_MAX)
    balances = list(node.all("Bal"))
    opening = _balance(balances, *_OPENING) or _balance(balances, _BETWEEN)
    closing = _balance(balances[::-1], *_CLOSING)
    if closing is None and len(list(_of_type(balances, _BETWEEN))) > 1:
        closing = _balance(balances[::-1], _BETWEEN)
    currency = node.said("Acct/Ccy") or next((one.currency for one in (opening, closing) if one), "")
    bookings: list[Booking] = []
    for entry in node.all("Ntry"):
        bookings += _bookings(entry, currency, left_out)
    return BankStatement(
        account,
        currency,
        None if opening is None else _signed(opening, currency),
        None if closing is None else _signed(closing, currency),
        tuple(bookings),
        closing.line if closing else node.line,
    )


def _of_type(balances: list[Node], kind: str) -> Iterator[Node]:
    return (one for one in balances if one.said("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry") == kind)


@dataclass(frozen=True)
class _Balance:
    """A balance of the file; `currency` of its amount."""

    node: Node
    line: int
    currency: str


def _balance(balances: list[Node], *kinds: str) -> _Balance | None:
    for kind in kinds:
        for node in _of_type(balances, kind):
            amount = node.one("Amt")
            return _Balance(node, node.line, amount.currency if amount else "")
    return None


def _signed(balance: _Balance | Node, currency: str) -> Decimal:
    """The amount of a balance, entry or payment with its sign. Raises Invalid."""
    node = balance.node if isinstance(balance, _Balance) else balance
    found = node.one("Amt")
    if found is None or not _AMOUNT.fullmatch(found.text):
        raise refused(
            "amount",
            N_("Line %(line)s: this is no amount."),
            EXPORT_AGAIN,
            found.line if found else node.line,
        )
    if found.currency and currency and found.currency != currency:
        message = N_("Line %(line)s: an amount in %(found)s stands in a statement in %(currency)s.")
        fix = N_("Ask the bank for a statement in the currency of the account.")
        raise refused("currency", message, fix, found.line, found=found.currency[:8], currency=currency[:8])
    side = node.said("CdtDbtInd")
    if side not in ("CRDT", "DBIT"):
        message = N_("Line %(line)s: nothing says whether money came in or went out.")
        raise refused("direction", message, EXPORT_AGAIN, node.line)
    try:
        amount = Decimal(found.text)
    except InvalidOperation:  # pragma: no cover - the pattern leaves none
        raise refused("amount", N_("Line %(line)s: this is no amount."), EXPORT_AGAIN, found.line) from None
    return amount if side == "CRDT" else -amount


def _day(node: Node, *paths: str) -> date | None:
    """A day of an entry. Raises Invalid for one that is none."""
    found = next((one for path in paths for one in node.all(path) if one.text), None)
    if found is None:
        return None
    try:
        return date.fromisoformat(found.text[:10])
    except ValueError:
        message = N_("Line %(line)s: %(text)s is no day.")
        raise refused("day", message, EXPORT_AGAIN, found.line, text=found.text[:20]) from None


def _bookings(entry: Node, currency: str, left_out: list[Omitted]) -> Iterator[Booking]:
    """The bookings of an entry: one, or one of each payment in it."""
    amount = _signed(entry, currency)
    state = entry.said("Sts/Cd", "Sts") or "BOOK"
    if state != "BOOK" or not amount:
        because = LeftOut.PENDING if state != "BOOK" else LeftOut.ZERO
        left_out.append(Omitted(entry.line, because, amount, tidy(entry.said("AddtlNtryInf"))))
        return
    booked_on = _day(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    if booked_on is None:
        message = N_("Line %(line)s: the booking has no day.")
        raise refused("day_missing", message, EXPORT_AGAIN, entry.line)
    value_on = _day(entry, "ValDt/Dt", "ValDt/DtTm")
    payments = list(entry.all("NtryDtls/TxDtls"))
    parts = _parts(payments, amount, currency)
    for payment, share in zip(payments, parts, strict=True) if parts else [(entry, amount)]:
        details = payment if parts else (payments[0] if len(payments) == 1 else entry)
        yield _booking(entry, details, share, booked_on, value_on)


def _parts(payments: list[Node], amount: Decimal, currency: str) -> list[Decimal]:
    """The amounts of an entry's payments, if there are several that make the entry."""
    if len(payments) < 2:
        return []
    sign = 1 if amount > 0 else -1
    shares = []
    for payment in payments:
        found = payment.one("Amt", "AmtDtls/TxAmt/Amt")
        if found is None or found.currency != currency or not _AMOUNT.fullmatch(found.text):
            return []
        side = payment.said("CdtDbtInd")
        shares.append(Decimal(found.text) * ({"CRDT": 1, "DBIT": -1}.get(side, sign)))
    return shares if sum(shares) == amount and all(shares) else []


def _booking(entry: Node, details: Node, amount: Decimal, booked_on: date, value_on: date | None) -> Booking:
    role, agent = ("Dbtr", "UltmtDbtr") if amount > 0 else ("Cdtr", "UltmtCdtr")
    reference = next(
        (
            said
            for path in ("RmtInf/Strd/CdtrRefInf/Ref", "Refs/EndToEndId", "Refs/InstrId", "Refs/TxId")
            if (said := details.said(path)) not in _NONE_GIVEN
        ),
        "",
    )
    lines = [one.text for one in details.all("RmtInf/Ustrd")]
    if not lines:
        lines = [details.said("AddtlTxInf") or entry.said("AddtlNtryInf")]
    party = details.said(
        *(f"RltdPties/{one}/{path}" for one in (role, agent) for path in ("Nm", "Pty/Nm", "Pty/OrgId/Nm"))
    )
    account = details.said(f"RltdPties/{role}Acct/Id/IBAN", f"RltdPties/{role}Acct/Id/Othr/Id")
    bank_reference = details.said("Refs/AcctSvcrRef") or entry.said("AcctSvcrRef", "NtryRef")
    return Booking(
        details.line,
        booked_on,
        amount,
        value_on,
        entry.said("RvslInd") in ("true", "1"),
        tidy(" ".join(lines)),
        tidy(reference, REFERENCE_MAX),
        tidy(bank_reference, REFERENCE_MAX),
        tidy(party, NAME_MAX),
        tidy(account, ACCOUNT_MAX),
    )
