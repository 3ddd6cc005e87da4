"""What dealers and headquarters do with claims, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from portal.claims.approve_batch import Outcome, approve_batch
from portal.claims.decide_claim import Decided, decide_claim
from portal.claims.draft_claim import Claimed, draft_claim, edit_claim
from portal.claims.entry import ClaimEntry, EvidenceInvoice
from portal.claims.queries import ClaimDetail, claim_of
from portal.claims.rules import ClaimKind, Decision
from portal.claims.submit_claim import submit_claim
from portal.claims.withdraw_claim import withdraw_claim
from portal.files.store import store_at
from portal.kernel.db import Database, transaction
from portal.rebates.rules import PeriodKind
from tests import cast
from tests.builders import Given
from tests.files.acts import a_pdf, upload
from tests.ledger.acts import delivered
from tests.rebates import acts as rebates
from tests.roles import Dealer, Person, System

T = TypeVar("T")
CLAIMANT = cast.huadong.finance
MANAGER, FINANCE, SECOND = cast.east_manager, cast.hq_finance, cast.finance_colleague
LAST_MONTH_ENDS = cast.TODAY.replace(day=1) - timedelta(days=1)
LAST_MONTH_BEGINS = LAST_MONTH_ENDS.replace(day=1)
LAST_MONTH = LAST_MONTH_BEGINS.strftime("%Y-%m")


def an_invoice(number: str = "24310000", amount: str = "8000.00", **said: Any) -> EvidenceInvoice:
    """An agency's invoice of last month."""
    usual = {"issuer": "上海会展服务有限公司", "on": LAST_MONTH_ENDS, "amount": Decimal(amount)}
    return EvidenceInvoice(number=number, **usual | said)


def expenses(amount: str = "8000.00", **said: Any) -> ClaimEntry:
    """Marketing expenses of last month, covered by one invoice."""
    usual: dict[str, Any] = {
        "kind": ClaimKind.MARKETING,
        "amount": Decimal(amount),
        "activity": "AC-1",
        "first_day": LAST_MONTH_BEGINS,
        "last_day": LAST_MONTH_ENDS,
        "invoices": (an_invoice(amount=amount),),
    }
    return ClaimEntry(**usual | said)


def of_period(programme: str, amount: str | None = None, **said: Any) -> ClaimEntry:
    """The rebate of last month."""
    asked = None if amount is None else Decimal(amount)
    usual: dict[str, Any] = {"programme": programme, "period": LAST_MONTH}
    return ClaimEntry(kind=ClaimKind.PERIOD, amount=asked, **usual | said)


def a_programme(given: Given, database: Database, *, bought: int = 40, **said: Any) -> str:
    """A monthly programme under which Huadong bought something last month; its number."""
    delivered(given, database, {cast.gloves: bought}, on=LAST_MONTH_ENDS)
    days = {"valid_from": LAST_MONTH_BEGINS, "valid_to": rebates.MONTH_ENDS, "period": PeriodKind.MONTH}
    _, number = rebates.published(database, **days | said)
    rebates.reckoned(database)
    return number


def as_(database: Database, who: Person | System, act: Callable[..., T], **about: Any) -> T:
    """What ``act(session, actor=…, …)`` gives, committed."""
    actor = who.actor()
    with transaction(database.session_for(actor)) as session:
        return act(session, actor=actor, **about)


def drafted(database: Database, entry: ClaimEntry, *, by: Person | System = CLAIMANT, **at: Any) -> Claimed:
    """A claim is written."""
    about = {"today": cast.TODAY, "zone": cast.ZONE, "at": cast.NOW} | at
    return as_(database, by, draft_claim, entry=entry, **about)


def submitted(
    database: Database, number: str, *, by: Person | System = CLAIMANT, today: date = cast.TODAY
) -> Claimed:
    """A draft, or what came back, is handed in."""
    return as_(database, by, submit_claim, number=number, today=today, zone=cast.ZONE, at=cast.NOW)


def claimed(database: Database, entry: ClaimEntry, *, by: Person | System = CLAIMANT) -> str:
    """Written and handed in; its number."""
    number = drafted(database, entry, by=by).number
    submitted(database, number, by=by)
    return number


def edited(
    database: Database, number: str, entry: ClaimEntry, *, revision: int | None = None, by: Person = CLAIMANT
) -> Claimed:
    """A claim is written anew."""
    about = {"number": number, "revision": revision, "entry": entry}
    return as_(database, by, edit_claim, today=cast.TODAY, zone=cast.ZONE, **about)


def withdrawn(database: Database, number: str, *, by: Person = CLAIMANT) -> Claimed:
    """A claim is taken back."""
    return as_(database, by, withdraw_claim, number=number, at=cast.NOW)


def decided(
    database: Database,
    number: str,
    decision: Decision = Decision.APPROVE,
    amount: str | None = None,
    *,
    by: Person | System = MANAGER,
    reason: str = "",
    revision: int | None = None,
) -> Decided:
    """Somebody of headquarters signs, sends back or rejects."""
    return as_(
        database,
        by,
        decide_claim,
        number=number,
        decision=decision,
        amount=None if amount is None else Decimal(amount),
        reason=reason,
        revision=revision,
        today=cast.TODAY,
        zone=cast.ZONE,
        at=cast.NOW,
    )


def batch(database: Database, *numbers: str, by: Person = MANAGER) -> list[Outcome]:
    """Many at once."""
    actor = by.actor()
    return approve_batch(
        lambda: transaction(database.session_for(actor)),
        actor=actor,
        numbers=numbers,
        today=cast.TODAY,
        zone=cast.ZONE,
        at=cast.NOW,
    )


def seen(database: Database, number: str, *, by: Person | System = CLAIMANT) -> ClaimDetail:
    """The claim as somebody sees it."""
    return as_(database, by, partial(claim_of, number=number, today=cast.TODAY, zone=cast.ZONE))


def a_file(
    database: Database, folder: Path, text: str = "one", *, dealer: Dealer = cast.huadong, name: str = "a.pdf"
) -> str:
    """A PDF of a dealer, uploaded; its id."""
    store = store_at(folder.as_uri())
    return upload(database, store, dealer.finance.actor(), name, a_pdf(text)).id
