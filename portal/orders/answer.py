"""What is answered about an order that was placed, the first time and when the same call comes again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.kernel import money
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, told_in
from portal.kernel.idempotency import first_answer
from portal.kernel.translations import words
from portal.orders.assess import Assessment
from portal.orders.lines import AssessedLine
from portal.pricing.receipts import PROMOTION
from portal.promotions.engine import Outcome
from portal.promotions.hints import Hint


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Key of a creating call and the fingerprint of its body.

    Same key, same body → the first answer again.
    """

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The answer: ``{number, status, holds, warehouse, lines, total, tax, currency}``.

    `replayed` when an earlier call had it already.
    """

    number: str
    answer: dict[str, Any]
    replayed: bool


def accepted(assessment: Assessment, currency: str, locale: str) -> dict[str, Any]:
    """What is answered about an order without faults, but for its number; in words of `locale`."""
    return {
        "status": str(assessment.status),
        "holds": list(assessment.holds),
        "held_by": told(assessment.verdict.told_of_holds, locale),
        "warnings": told(assessment.verdict.warnings, locale),
        "warehouse": assessment.warehouse,
        "lines": [_answer_line(line) for line in assessment.lines],
        "missing_gifts": [asdict(missing) for missing in assessment.missing_gifts],
        "discount_total": money.as_text(assessment.discount_total),
        "total": money.as_text(assessment.total),
        "tax": money.as_text(assessment.tax),
        "currency": currency,
    }


def _answer_line(line: AssessedLine) -> dict[str, Any]:
    return {
        "sku": line.offer.sku,
        "quantity": line.demand.quantity,
        "reserved": line.reserved,
        "elsewhere": [{"warehouse": source.warehouse, "quantity": source.units} for source in line.elsewhere],
        "backordered": line.waiting,
        "promised_on": line.promised_on and line.promised_on.isoformat(),
        "unit_price": money.as_text(line.price.unit_price),
        "discounts": discounts_shown(line),
        "gift": line.is_gift,
        "amount": money.as_text(line.amount),
    }


def told(faults: Iterable[Fault], locale: str) -> list[dict[str, Any]]:
    """Faults that do not refuse an order: ``{pointer, code, message, fix}``, in words of `locale`."""
    translated = words(locale).gettext
    return [
        {
            "pointer": fault.pointer,
            "code": fault.code,
            "message": translated(fault.message) % told_in(fault.params, locale),
            "fix": translated(fault.fix) % told_in(fault.params, locale) if fault.fix else "",
        }
        for fault in faults
    ]


def discounts_shown(line: AssessedLine) -> list[dict[str, str]]:
    """What promotions take off a line: ``{promotion, amount}``, in the order in which they were applied."""
    return [
        {"promotion": one.promotion.number, "amount": money.as_text(one.amount)} for one in line.discounts
    ]


def discounts_of(receipt: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The same of a line that was ordered, from its receipt."""
    return [
        {"promotion": step["policy"], "amount": step["effect"]["discount"]}
        for step in receipt
        if step["effect"] is not None and step["effect"]["kind"] == PROMOTION
    ]


def hints_shown(hints: Iterable[Hint]) -> list[dict[str, Any]]:
    """What buying a little more would bring: ``{promotion | rule, add | add_amount, less_each?, gain}``."""
    return [_hint_shown(hint) for hint in hints]


def not_applied_shown(outcome: Outcome) -> list[dict[str, str]]:
    """Why promotions that run for the dealer do nothing here: ``{promotion, because}``."""
    return [{"promotion": one.number, "because": str(reason)} for one, reason in outcome.not_applied]


def _hint_shown(hint: Hint) -> dict[str, Any]:
    whose = {"promotion": hint.promotion.number} if hint.promotion else {"rule": hint.rule}
    if hint.amount is not None:
        add: dict[str, Any] = {"add_amount": money.as_text(hint.amount)}
    else:
        add = {"add": {"sku": hint.sku, "quantity": hint.quantity}}
    each = {} if hint.less_each is None else {"less_each": money.as_text(hint.less_each)}
    if hint.gift is not None:
        gain: object = {"sku": hint.gift[0], "quantity": hint.gift[1]}
    else:
        assert hint.gain is not None  # a hint gains money, or a gift
        gain = money.as_text(hint.gain)
    return {**whose, **add, **each, "gain": gain}


def replay(answered: tuple[str, int, dict[str, Any]], idempotency: Idempotency) -> Placed:
    """The first answer again. Raises Invalid when the key came with another body then."""
    fingerprint, _status, body = answered
    if fingerprint != idempotency.fingerprint:
        fix = N_("Use a new key for a new order.")
        raise Invalid(
            "idempotency_key_reused", N_("This idempotency key was used for another request."), fix=fix
        )
    return Placed(body["number"], body, replayed=True)


def answered_before(
    session: Session, actor: Actor, idempotency: Idempotency
) -> tuple[str, int, dict[str, Any]]:
    """Fingerprint, status and body of the call that had the key first."""
    row = first_answer(session, actor=actor, key=idempotency.key)
    return row.fingerprint, row.status, row.body
