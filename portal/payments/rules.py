"""What is known of an online payment, however its news arrive, and what has to be posted of it. Pure.

News may come twice, late and in any order: what is known after all of them is the same. So `joined` takes the
most of everything that anybody told, and `due` is what of it is not in the books yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from portal.kernel.errors import N_, Fault
from portal.kernel.money import ZERO, as_text, to_fen

METHOD = "Stripe"
"""How payments are booked that came this way."""

AMOUNT_MAX = Decimal("999999.99")
"""Stripe takes eight digits at most."""

INVOICES_MAX = 100
REASON_MAX = 500


class Stage(StrEnum):
    """How far the paying itself is."""

    STARTING = "starting"
    OPEN = "open"
    FAILED = "failed"
    PROCESSING = "processing"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"


PENDING = (Stage.STARTING, Stage.OPEN, Stage.FAILED, Stage.PROCESSING)
"""As long as money may still come of it."""
MAY_BE_CANCELLED = (Stage.STARTING, Stage.OPEN, Stage.FAILED)
_RANKS = {stage: rank for rank, stage in enumerate(Stage)}
_ENDS = (Stage.CANCELLED, Stage.SUCCEEDED)


class PaymentState(StrEnum):
    """What an online payment is shown as."""

    STARTING = "starting"
    OPEN = "open"
    FAILED = "failed"
    PROCESSING = "processing"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    LOST = "lost"


class DisputeState(StrEnum):
    """Where the payer's dispute with its bank stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class PostingKind(StrEnum):
    """What the books took of an online payment."""

    PAID = "paid"
    REFUND = "refund"
    DISPUTE = "dispute"


class EventState(StrEnum):
    """What became of an event. kept: it is handled within seconds. aside: somebody says why it is not booked;
    closed: somebody else agrees.
    """

    KEPT = "kept"
    DONE = "done"
    IGNORED = "ignored"
    WAITING = "waiting"
    ASIDE = "aside"
    CLOSED = "closed"


class Trouble(StrEnum):
    """Why an event waits for somebody."""

    UNKNOWN_INTENT = "unknown_intent"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_AMOUNT = "wrong_amount"
    REVERSED = "payment_reversed"
    REFUSED = "refused"


UNBOOKED = "unbooked"
"""How a list is asked for what waits or is set aside and is money that the books lack."""
IN_KNOWN = (Trouble.REVERSED, Trouble.REFUSED)
"""Of such an event everything is known of its payment; only the books lack it."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a bank disputes of a payment."""

    id: str
    state: DisputeState
    amount: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What one event tells of a payment: nothing it does not know.

    intent: of Stripe, empty where the event names none. number: ours, as the intent carries it. at: of the
    event. amount: that was asked for. failure: code of what went wrong.
    """

    intent: str
    number: str = ""
    currency: str = ""
    at: datetime
    stage: Stage | None = None
    amount: Decimal | None = None
    captured: Decimal = ZERO
    refunded: Decimal = ZERO
    dispute: Dispute | None = None
    fee: Decimal | None = None
    failure: str = ""

    @property
    def is_about_money(self) -> bool:
        """Whether money moved: then it is never passed over."""
        return bool(self.captured or self.refunded or self.dispute)


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a payment. told_at: of the newest event that told of its stage."""

    stage: Stage = Stage.STARTING
    told_at: datetime | None = None
    captured: Decimal = ZERO
    refunded: Decimal = ZERO
    fee: Decimal | None = None
    failure: str = ""
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """What is in the books. total: how much of its kind is, this included; ref: what it was posted for."""

    kind: PostingKind
    ref: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Due:
    """What has to be posted: once, by its `ref`."""

    kind: PostingKind
    ref: str
    amount: Decimal


def joined(known: Known, news: News) -> Known:
    """What is known after news. Twice is as once, and the order does not matter."""
    after = replace(
        known,
        captured=max(known.captured, news.captured),
        refunded=max(known.refunded, news.refunded),
        fee=known.fee if news.fee is None else max(known.fee or ZERO, news.fee),
        disputes=_with(known.disputes, news.dispute),
    )
    if news.stage is None or not _is_newer(known, news):
        return after
    failure = news.failure if news.stage is Stage.FAILED else ""
    return replace(after, stage=news.stage, told_at=news.at, failure=failure)


def _is_newer(known: Known, news: News) -> bool:
    """An end outdoes everything, and having paid outdoes having given up. Else the later one counts."""
    assert news.stage is not None
    return _order(news.stage, news.at, news.failure) > _order(known.stage, known.told_at, known.failure)


def _order(stage: Stage, at: datetime | None, failure: str) -> tuple[int, float, int, str]:
    end = _RANKS[stage] if stage in _ENDS else 0
    return end, at.timestamp() if at else 0.0, _RANKS[stage], failure


def _with(disputes: Sequence[Dispute], news: Dispute | None) -> tuple[Dispute, ...]:
    if news is None:
        return tuple(disputes)
    by_id = {one.id: one for one in disputes}
    before = by_id.get(news.id)
    by_id[news.id] = news if before is None else max(before, news, key=_of_dispute)
    return tuple(by_id[key] for key in sorted(by_id))


def _of_dispute(one: Dispute) -> tuple[int, Decimal, str]:
    return list(DisputeState).index(one.state), one.amount, one.reason


def due(intent: str, known: Known, posted: Collection[Posted]) -> list[Due]:
    """What is still to be posted, the money received first. Nothing goes back before it came."""
    paid, refunds = (_sum(posted, kind) for kind in (PostingKind.PAID, PostingKind.REFUND))
    wanted = []
    if known.stage is Stage.SUCCEEDED and known.captured > paid:
        wanted.append(Due(PostingKind.PAID, _up_to(intent, known.captured), known.captured - paid))
        paid = known.captured
    if not paid:
        return wanted
    if known.refunded > refunds:
        wanted.append(Due(PostingKind.REFUND, _up_to(intent, known.refunded), known.refunded - refunds))
    lost = {one.ref for one in posted if one.kind is PostingKind.DISPUTE}
    wanted += [
        Due(PostingKind.DISPUTE, one.id, one.amount)
        for one in known.disputes
        if one.state is DisputeState.LOST and one.amount and one.id not in lost
    ]
    return wanted


def worth_of(found: Iterable[Due]) -> Decimal:
    """What they come to: money received, less what went back."""
    return sum((one.amount if one.kind is PostingKind.PAID else -one.amount for one in found), ZERO)


def lacking(news: News, posted: Collection[Posted]) -> Decimal:
    """What the books lack of what news tell, of a payment with which they cannot be joined."""
    paid, refunds = (_sum(posted, kind) for kind in (PostingKind.PAID, PostingKind.REFUND))
    worth = max(news.captured - paid, ZERO) - max(news.refunded - refunds, ZERO)
    if news.dispute is None or news.dispute.state is not DisputeState.LOST:
        return worth
    return worth if any(one.ref == news.dispute.id for one in posted) else worth - news.dispute.amount


def beside(worth: Decimal, others: Decimal) -> Decimal:
    """What of it no other event tells already: events tell of all that was received, or went back, so far."""
    rest = worth - others
    return rest if rest * worth > 0 else ZERO


def _up_to(intent: str, total: Decimal) -> str:
    return f"{intent}:{as_text(total)}"


def _sum(posted: Iterable[Posted], kind: PostingKind) -> Decimal:
    return sum((one.amount for one in posted if one.kind is kind), ZERO)


def state_of(known: Known) -> PaymentState:
    """How it is shown: by the worst that became of it."""
    states = {one.state for one in known.disputes}
    if known.stage is not Stage.SUCCEEDED:
        return PaymentState(known.stage)
    if DisputeState.LOST in states:
        return PaymentState.LOST
    if DisputeState.OPEN in states:
        return PaymentState.DISPUTED
    if known.refunded:
        whole = known.refunded >= known.captured
        return PaymentState.REFUNDED if whole else PaymentState.PARTLY_REFUNDED
    return PaymentState.SUCCEEDED


def trouble_with(news: News, *, amount: Decimal, currency: str, known: Known) -> Trouble | None:
    """Why news cannot be those of a payment over `amount`; `known` is before them."""
    if news.currency and news.currency != currency:
        return Trouble.WRONG_CURRENCY
    if news.captured > amount or (news.amount is not None and news.amount > amount):
        return Trouble.WRONG_AMOUNT
    most = max(known.captured, news.captured) or amount
    disputed = news.dispute.amount if news.dispute else ZERO
    return Trouble.WRONG_AMOUNT if max(news.refunded, disputed) > most else None


def asked_faults(invoices: Sequence[str], amount: Decimal | None) -> list[Fault]:
    """Whether it is said what is to be paid: some invoices, or an amount."""
    if invoices and amount is not None:
        message, fix = N_("Say either invoices or an amount."), N_("Leave one of them out.")
        return [Fault("/amount", "invoices_or_amount", message, fix)]
    if not invoices and amount is None:
        message, fix = N_("Say what is to be paid."), N_("Choose invoices, or enter an amount.")
        return [Fault("/invoices", "nothing_chosen", message, fix)]
    if len(invoices) > INVOICES_MAX:
        message = N_("At most %(max)s invoices with one payment.")
        fix = N_("Pay them with several payments.")
        return [Fault("/invoices", "too_many", message, fix, {"max": INVOICES_MAX})]
    return [] if amount is None else amount_faults(amount, "/amount")


def amount_faults(amount: Decimal, pointer: str) -> list[Fault]:
    """Whether Stripe takes the amount."""
    if not amount.is_finite() or amount <= 0 or amount != to_fen(amount):
        message = N_("Enter a valid amount.")
        return [Fault(pointer, "amount", message, N_("Enter an amount above zero with at most two places."))]
    if amount > AMOUNT_MAX:
        message = N_("Online at most %(max)s can be paid at once.")
        fix = N_("Pay in parts, or by bank transfer.")
        return [Fault(pointer, "amount_too_large", message, fix, {"max": as_text(AMOUNT_MAX)})]
    return []
