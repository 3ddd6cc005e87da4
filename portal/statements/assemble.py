"""Put the monthly statement together.

From ledger and master data when it is issued, from what was kept of it ever after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.payment_reference import grouped, reference_of
from portal.kernel import clock, money
from portal.kernel.db import Record
from portal.kernel.errors import NotFound
from portal.kernel.money import ZERO
from portal.ledger import queries as ledger
from portal.ledger.deposits import moved_in
from portal.ledger.queries import LedgerEntry, LedgerMonth
from portal.ledger.rules import EntryKind as Posted
from portal.ledger.rules import OpenItem
from portal.statements.company import Issuer
from portal.statements.document import (
    Ageing,
    DueItem,
    EntryKind,
    InconsistentStatement,
    LateCorrection,
    Movement,
    Party,
    StatementDocument,
    running_balances,
)
from portal.statements.snapshot import Figures, thaw

_LATE = {"zh": "以前月份单据", "en": "of an earlier month"}
_DEPOSIT = {"zh": "保证金 {amount}，不影响应收", "en": "deposit {amount}, apart from the balance"}
_DEPOSITS = frozenset({Posted.DEPOSIT, Posted.DEPOSIT_RETURN, Posted.REVERSAL})

Moved = Mapping[tuple[str, str], Decimal]
"""By how much entries that leave the balance as it is moved a deposit."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a statement has once it is issued."""

    number: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """The dealer, the state of the period, and the root of the audit.

    The statements of it and of the one before, if there are any.
    """

    dealer_id: int
    dealer: Party
    terms_days: int
    period_state: str
    issued: Stamp | None
    previous_closing: Decimal | None
    audit_root: str


_ACCOUNT = text(
    """
    SELECT d.id, d.code, d.name_zh, d.name_en, d.credit_code, d.city, d.address, d.payment_terms_days,
           s.number, s.issued_at, audit_root() AS audit_root,
           coalesce((SELECT a.state FROM accounting_period a
                      WHERE a.period = :period), 'open') AS period_state,
           (SELECT b.closing FROM statement b
             WHERE b.dealer_id = d.id AND b.period = :before) AS previous_closing
      FROM dealer d LEFT JOIN statement s ON s.dealer_id = d.id AND s.period = :period
     WHERE d.id = :dealer_id
    """
)


def account(session: Session, *, dealer_id: int, period: str) -> Account:
    """Whom a statement would be for today, and what was issued so far. Raises NotFound when out of scope."""
    keys = {"dealer_id": dealer_id, "period": period, "before": clock.previous_period(period)}
    row = session.execute(_ACCOUNT, keys).one_or_none()
    if row is None:
        raise NotFound()
    issued = Stamp(row.number, row.issued_at) if row.number else None
    return Account(
        row.id,
        party_of(row),
        row.payment_terms_days,
        row.period_state,
        issued,
        row.previous_closing,
        row.audit_root or "",
    )


def assemble(
    session: Session, account: Account, *, period: str, stamp: Stamp, issuer: Issuer, locale: str
) -> StatementDocument:
    """The statement as the ledger gives it.

    Raises InconsistentStatement unless it continues the one before to the fen.
    """
    month = ledger.month(session, dealer_id=account.dealer_id, period=period)
    if account.previous_closing is not None and account.previous_closing != month.opening:
        finding = f"opening is {month.opening}, the statement before closed with {account.previous_closing}"
        raise InconsistentStatement(stamp.number, (finding,))
    due = tuple(_due(month.settlement.items))
    document = StatementDocument(
        number=stamp.number,
        period=period,
        dealer=account.dealer,
        issuer=issuer.party,
        bank=issuer.bank,
        currency=issuer.currency,
        opening=month.opening,
        lines=running_balances(month.opening, _movements(session, account.dealer_id, period, month, locale)),
        closing=month.closing,
        ageing=Ageing.of(due, clock.last_day(period), month.settlement.unallocated),
        issued_at=stamp.issued_at.astimezone(issuer.zone),
        terms_days=account.terms_days,
        payment_reference=grouped(reference_of(account.dealer.code)),
        due=due,
        locale=locale,
        verify_url=issuer.verify_url(account.dealer_id, stamp.number, 1),
        audit_root=account.audit_root,
    )
    document.assert_consistent()
    return document


def reassemble(
    session: Session, snapshot: dict[str, Any], figures: Figures, *, dealer_id: int, locale: str
) -> StatementDocument:
    """An issued statement with its lines.

    Raises InconsistentStatement when the ledger gives another month than was issued.
    """
    month = ledger.month(session, dealer_id=dealer_id, period=figures.period)
    movements = _movements(session, dealer_id, figures.period, month, locale)
    document = thaw(snapshot, figures, movements, locale=locale)
    if (month.opening, month.closing) != (document.opening, document.closing):
        finding = (
            f"the ledger has {month.opening} and {month.closing},"
            f" issued were {document.opening} and {document.closing}"
        )
        raise InconsistentStatement(document.number, (finding,))
    document.assert_consistent()
    return document


def renamed(issued: StatementDocument, account: Account, issuer: Issuer) -> StatementDocument:
    """An issued statement with parties, bank and terms as they are named today."""
    return replace(
        issued,
        dealer=account.dealer,
        issuer=issuer.party,
        bank=issuer.bank,
        terms_days=account.terms_days,
        payment_reference=grouped(reference_of(account.dealer.code)),
    )


def corrected(
    issued: StatementDocument,
    now: StatementDocument,
    *,
    version: int,
    corrections: Sequence[LateCorrection],
    at: datetime,
    verify_url: str,
    audit_root: str,
) -> StatementDocument:
    """The next version: figures and lines as they were issued, names and terms as they are now.

    issued: the version before. now: the same with what master data say today.
    """
    return replace(
        issued,
        dealer=now.dealer,
        issuer=now.issuer,
        bank=now.bank,
        terms_days=now.terms_days,
        payment_reference=now.payment_reference,
        corrections=tuple(corrections),
        version=version,
        issued_at=at,
        verify_url=verify_url,
        audit_root=audit_root,
    )


def says_the_same(before: StatementDocument, after: StatementDocument) -> bool:
    """Whether a version would say nothing that the one before does not say."""
    alike = replace(
        after,
        version=before.version,
        issued_at=before.issued_at,
        verify_url=before.verify_url,
        audit_root=before.audit_root,
    )
    return alike == before


def party_of(row: Record) -> Party:
    """A dealer as statements name it, from its columns."""
    return Party(row.code, row.name_zh, row.name_en, row.credit_code, _address(row.city, row.address))


def _address(city: str, address: str) -> str:
    return address if address.startswith(city) else city + address


def _due(items: Iterable[OpenItem]) -> Iterable[DueItem]:
    return (DueItem(item.document_no, item.occurred_on, item.due_on, item.amount) for item in items)


def _movements(
    session: Session, dealer_id: int, period: str, month: LedgerMonth, locale: str
) -> Iterable[Movement]:
    moves = any(not entry.receivable and entry.kind in _DEPOSITS for entry in month.entries)
    moved = moved_in(session, dealer_id, period) if moves else {}
    return (_movement(entry, moved, locale) for entry in month.entries)


def _movement(entry: LedgerEntry, moved: Moved, locale: str) -> Movement:
    amount = entry.receivable
    said = [_LATE.get(locale, _LATE["en"])] if entry.late else []
    if deposit := moved.get((entry.document_no, entry.kind)):
        said.append(_DEPOSIT.get(locale, _DEPOSIT["en"]).format(amount=money.as_text(deposit)))
    return Movement(
        date=entry.occurred_on,
        kind=_kind(entry),
        document_no=entry.document_no,
        debit=max(amount, ZERO),
        credit=max(-amount, ZERO),
        reference=entry.reference,
        description=" · ".join(said),
        late=entry.late,
    )


def _kind(entry: LedgerEntry) -> EntryKind:
    if entry.kind == Posted.PAYMENT and entry.receivable > 0:
        return EntryKind.REFUND
    return EntryKind(entry.kind)
