"""camt.053 of ISO 20022, in every version: the elements are the same by their names. Pure.

Only what is booked counts; what is
pending or informative is left out. An entry of several payments is one booking each, where their amounts are
said and make the entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from portal.bank.rules import (
    ACCOUNT_MAX,
    NAME_MAX,
    REFERENCE_MAX,
    SIZE_MAX,
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
from portal.kernel.cells import YEARS
from portal.kernel.clock import day_of_business
from portal.kernel.errors import N_, Invalid
from portal.kernel.outside_xml import Node, NotRead, read_xml

_VERSION = re.compile(r"V\d+$")  # behind the name, in the first version
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,17})?|\.[0-9]{1,17}")
_DAY = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?P<time>[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?"
    r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_NONE_GIVEN = frozenset({"", "NOTPROVIDED", "NONREF", "NONE"})
_OPENING, _CLOSING, _BETWEEN = ("OPBD", "PRCD"), ("CLBD",), "ITBD"
EXPORT_AGAIN = N_("Export the statement once more.")


def read_camt(content: bytes, zone: ZoneInfo) -> BankFile:
    """The statements of a file. zone: where the business is done.

    Raises Invalid with the reason and the line.
    """
    root = _tree(content)
    body = next(iter(root.parts), None)
    if root.name != "Document" or body is None:
        raise _no_camt(root.line)
    message = _VERSION.sub("", body.name)
    if message != "BkToCstmrStmt":
        raise _another_message(message, body.line)
    left_out: list[Omitted] = []
    statements = tuple(proven(_statement(node, zone, left_out)) for node in body.all("Stmt"))
    if not statements:
        told = N_("Line %(line)s: the file holds no statement; it may be cut off.")
        raise refused("no_statement", told, EXPORT_AGAIN, body.line)
    return BankFile(FileFormat.CAMT, statements, tuple(left_out))


def _no_camt(line: int) -> Invalid:
    message = N_("Line %(line)s: this XML is no bank statement.")
    return refused("no_camt", message, N_("Ask the bank for a statement as camt.053."), line)


def _another_message(name: str, line: int) -> Invalid:
    said = {
        "BkToCstmrAcctRpt": N_("Line %(line)s: this is a report within the day (camt.052), not a statement."),
        "BkToCstmrDbtCdtNtfctn": N_("Line %(line)s: this is a notification (camt.054), not a statement."),
    }
    if name not in said:
        return _no_camt(line)
    return refused("no_balances", said[name], N_("Ask the bank for the statement itself, camt.053."), line)


def _tree(content: bytes) -> Node:
    """The elements of a file. Raises Invalid for what is no XML, or no plain one."""
    try:
        return read_xml(content, size_max=SIZE_MAX)
    except NotRead as trouble:
        if trouble.code == "too_deep":
            raise _no_camt(trouble.line or 1) from trouble
        raise refused(trouble.code, trouble.message, EXPORT_AGAIN, trouble.line, **trouble.about) from trouble


def _statement(node: Node, zone: ZoneInfo, left_out: list[Omitted]) -> BankStatement:
    account = tidy(node.said("Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id"), ACCOUNT_MAX)
    balances = list(node.all("Bal"))
    opening = _balance(balances, *_OPENING) or _balance(balances, _BETWEEN)
    closing = _balance(balances[::-1], *_CLOSING)
    if closing is None and len(list(_of_type(balances, _BETWEEN))) > 1:
        closing = _balance(balances[::-1], _BETWEEN)
    currency = node.said("Acct/Ccy") or next((one.currency for one in (opening, closing) if one), "")
    bookings: list[Booking] = []
    for entry in node.all("Ntry"):
        bookings += _bookings(entry, currency, zone, left_out)
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
            return _Balance(node, node.line, amount.attributes.get("Ccy", "") if amount else "")
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
    given = found.attributes.get("Ccy", "")
    if given and currency and given != currency:
        message = N_("Line %(line)s: an amount in %(found)s stands in a statement in %(currency)s.")
        fix = N_("Ask the bank for a statement in the currency of the account.")
        raise refused("currency", message, fix, found.line, found=given[:8], currency=currency[:8])
    side = node.said("CdtDbtInd")
    if side not in ("CRDT", "DBIT"):
        message = N_("Line %(line)s: nothing says whether money came in or went out.")
        raise refused("direction", message, EXPORT_AGAIN, node.line)
    try:
        amount = Decimal(found.text)
    except InvalidOperation:  # pragma: no cover - the pattern leaves none
        raise refused("amount", N_("Line %(line)s: this is no amount."), EXPORT_AGAIN, found.line) from None
    return amount if side == "CRDT" else -amount


def _day(node: Node, zone: ZoneInfo, *paths: str) -> date | None:
    """A day of an entry, or that of a moment: in `zone` where it has an offset, else as it stands there.

    Raises Invalid for what is neither.
    """
    found = next((one for path in paths for one in node.all(path) if one.text), None)
    if found is None:
        return None
    said = _DAY.fullmatch(found.text)
    try:
        day = date.fromisoformat(said["day"]) if said else None
    except ValueError:
        day = None
    if said and day and said["time"] and said["offset"]:
        day = day_of_business(day, said["time"] + said["offset"], zone)
    if day is None or day.year not in YEARS:
        message = N_("Line %(line)s: %(text)s is no day.")
        raise refused("day", message, EXPORT_AGAIN, found.line, text=found.text[:32])
    return day


def _bookings(entry: Node, currency: str, zone: ZoneInfo, left_out: list[Omitted]) -> Iterator[Booking]:
    """The bookings of an entry: one, or one of each payment in it."""
    amount = _signed(entry, currency)
    state = entry.said("Sts/Cd", "Sts") or "BOOK"
    if state != "BOOK" or not amount:
        because = LeftOut.PENDING if state != "BOOK" else LeftOut.ZERO
        left_out.append(Omitted(entry.line, because, amount, tidy(entry.said("AddtlNtryInf"))))
        return
    booked_on = _day(entry, zone, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    if booked_on is None:
        message = N_("Line %(line)s: the booking has no day.")
        raise refused("day_missing", message, EXPORT_AGAIN, entry.line)
    value_on = _day(entry, zone, "ValDt/Dt", "ValDt/DtTm")
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
        if found is None or found.attributes.get("Ccy", "") != currency or not _AMOUNT.fullmatch(found.text):
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
