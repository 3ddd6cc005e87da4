"""Acts on uploaded ledgers, each in a transaction of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import Database, transaction
from portal.own_ledgers import queries
from portal.own_ledgers.answer_differences import answer_differences
from portal.own_ledgers.ask_match import Reading, ask_match
from portal.own_ledgers.compare import compare
from portal.own_ledgers.layout_rules import Field
from portal.own_ledgers.queries import LedgerDetail, Shown
from portal.own_ledgers.rules import Side
from portal.own_ledgers.sheet import ReconciliationSheet, sheet_of
from portal.own_ledgers.sign_sheet import sign_sheet
from portal.own_ledgers.upload_ledger import upload_ledger
from tests import cast
from tests.roles import Dealer, Person, System

COLUMNS = {Field.DAY: 0, Field.DOCUMENT: 2, Field.DEBIT: 3, Field.CREDIT: 4}
HEADS = ("记账日期", "凭证摘要", "单据号", "借方金额", "贷方金额")
Line = tuple[date, str, str]
"""Day, number, and what the dealer owes more by it."""


def a_file(lines: Iterable[Line], heads: Sequence[str] = HEADS, *, encoding: str = "gbk") -> bytes:
    """A ledger as a dealer exports it: what it owes is a credit."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(heads)
    for day, number, amount in lines:
        owes = not amount.startswith("-")
        sides = ("", amount) if owes else (amount.removeprefix("-"), "")
        rows.writerow([f"{day:%Y/%m/%d}", "货款", number, *sides])
    return text.getvalue().encode(encoding)


def uploaded(
    database: Database,
    content: bytes,
    *,
    by: Person | System = cast.huadong.finance,
    name: str = "own.csv",
    period: str | None = None,
    starts: bool = True,
) -> str:
    """A file is uploaded; the number of the ledger."""
    with transaction(database.session_for(by.actor())) as session:
        return upload_ledger(
            session,
            actor=by.actor(),
            name=name,
            content=content,
            period=period,
            starts=starts,
            today=cast.TODAY,
            at=clock.now(),
        ).number


def asked(database: Database, number: str, reading: Reading, revision: int = 1) -> None:
    """Huadong's finance has it compared."""
    actor = cast.huadong.finance.actor()
    with transaction(database.session_for(actor)) as session:
        ask_match(session, actor=actor, number=number, reading=reading, revision=revision, at=cast.NOW)


def compared(database: Database, number: str, dealer: Dealer = cast.huadong) -> LedgerDetail:
    """A worker compares it; how it stands then."""
    actor = replace(SYSTEM, dealer_id=dealer.id, region_ids=())
    with transaction(database.dealer_session(actor)) as session:
        compare(session, actor=actor, number=number, zone=cast.ZONE, at=clock.now())
    return looked_at(database, number, by=dealer.finance)


def looked_at(database: Database, number: str, *, by: Person | System = cast.huadong.finance) -> LedgerDetail:
    """The ledger as somebody sees it."""
    with transaction(database.session_for(by.actor())) as session:
        return queries.ledger(session, actor=by.actor(), number=number)


def differences(database: Database, number: str, *, by: Person = cast.huadong.finance) -> list[Shown]:
    """What differs, at most 200 of it."""
    with transaction(database.session_for(by.actor())) as session:
        found = queries.ledger(session, actor=by.actor(), number=number)
        return list(queries.differences(session, of=found, limit=200).items)


def answered(
    database: Database,
    number: str,
    verdict: str,
    *,
    by: Person | System = cast.huadong.finance,
    said: str = "",
    seen: Sequence[tuple[int, int]] | None = None,
) -> None:
    """A side says one thing of some differences, or of all."""
    with transaction(database.session_for(by.actor())) as session:
        if seen is None:
            found = queries.ledger(session, actor=by.actor(), number=number)
            page = queries.differences(session, of=found, limit=200)
            seen = [(one.no, one.revision) for one in page.items]
        answer_differences(
            session,
            actor=by.actor(),
            number=number,
            seen=seen,
            verdict=verdict,
            said=said,
            at=clock.now(),
        )


def sheet(database: Database, number: str, *, by: Person = cast.huadong.finance) -> ReconciliationSheet:
    """The sheet as somebody sees it."""
    with transaction(database.session_for(by.actor())) as session:
        return sheet_of(session, number)


def signed(
    database: Database,
    number: str,
    *,
    by: Person | System = cast.huadong.finance,
    sha256: str | None = None,
    name: str = "李四",
) -> None:
    """A side signs what it sees."""
    side = Side.DEALER if by.actor().dealer_id else Side.HEADQUARTERS
    with transaction(database.session_for(by.actor())) as session:
        sign_sheet(
            session,
            actor=by.actor(),
            number=number,
            name=name,
            sha256=sha256 or sheet_of(session, number).hashes[side],
            at=clock.now(),
        )


def a_compared_ledger(database: Database, dealer: Dealer) -> str:
    """A ledger with a document that ours does not have; its number."""
    content = a_file([(cast.TODAY, f"FK-{dealer.code}", "12.00")])
    number = uploaded(database, content, by=dealer.finance)
    compared(database, number, dealer)
    return number
