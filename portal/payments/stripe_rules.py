"""What Stripe says, read: amounts, states, events. Pure.

Of an event only what is needed is kept: nothing of whoever holds a card, and nothing of the card.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portal.kernel.money import ZERO
from portal.payments.rules import Dispute, DisputeState, News, Stage

API_VERSION = "2026-10-28.endive"
"""What we ask Stripe in, whatever its dashboard is set to."""

ID_MAX = 255
_FEN = Decimal(100)
_WHOLE = {
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
}  # fmt: skip
_BY_THOUSANDTHS = {"BHD", "JOD", "KWD", "OMR", "TND"}
_STAGES = {
    "requires_payment_method": Stage.OPEN,
    "requires_confirmation": Stage.OPEN,
    "requires_action": Stage.OPEN,
    "requires_capture": Stage.PROCESSING,
    "processing": Stage.PROCESSING,
    "canceled": Stage.CANCELLED,
    "succeeded": Stage.SUCCEEDED,
}
_DISPUTES = {"won": DisputeState.WON, "lost": DisputeState.LOST}
_KEPT = {
    "id", "object", "amount", "amount_received", "amount_captured", "amount_refunded", "captured", "currency",
    "status", "payment_intent", "charge", "reason", "cancellation_reason", "created", "livemode", "refunded",
    "latest_charge", "balance_transaction", "metadata", "last_payment_error", "fee", "net",
    "evidence_details",
}  # fmt: skip
_OF_ERROR = {"code", "decline_code", "type"}
_OF_METADATA = {"payment"}


class Unreadable(ValueError):
    """This is no event of Stripe."""


def counts_by_hundredths(currency: str) -> bool:
    """Whether Stripe counts a currency by hundredths, as the books do; some have no parts, or a thousand."""
    return currency.upper() not in _WHOLE | _BY_THOUSANDTHS


def minor(amount: Decimal) -> int:
    """An amount as Stripe counts it."""
    return int(amount * _FEN)


def from_minor(count: object) -> Decimal:
    """An amount of two places from how Stripe counts it. Raises Unreadable."""
    if type(count) is not int or not 0 <= count < 10**12:
        raise Unreadable(f"{count!r} is no amount")
    return (Decimal(count) / _FEN).quantize(Decimal("0.01"))


def kept(event: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an event. Raises Unreadable for what is none."""
    data = event.get("data")
    found = data.get("object") if isinstance(data, Mapping) else None
    identity, kind, created = event.get("id"), event.get("type"), event.get("created")
    if not (_is_id(identity) and _is_id(kind) and type(created) is int and isinstance(found, Mapping)):
        raise Unreadable("an event has an id, a type, a moment and an object")
    told = {"id": identity, "type": kind, "created": created, "object": _plain(found)}
    if "\\u0000" in json.dumps(told):
        raise Unreadable("no text has a zero in it")
    return told


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= ID_MAX and value.isprintable() and value.isascii()


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    inner = {"last_payment_error": _OF_ERROR, "metadata": _OF_METADATA, "evidence_details": {"due_by"}}
    plain = {}
    for name, value in found.items():
        if name not in _KEPT:
            continue
        if name in inner:
            value = {key: value[key] for key in inner[name] & set(value)} if value else None
        elif isinstance(value, Mapping):
            value = _plain(value)
        plain[name] = value
    return plain


def asked(intent: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What Stripe answered when it was asked for an intent, as an event: the same answer is the same."""
    plain = _plain(intent)
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:24]
    kind = f"payment_intent.{intent.get('status')}"
    return {"id": f"asked_{digest}", "type": kind, "created": int(at.timestamp()), "object": plain}


def news_of(event: Mapping[str, Any]) -> News | None:
    """What a kept event tells of a payment; None where it is about something else. Raises Unreadable."""
    found, kind = event["object"], event["type"]
    at = datetime.fromtimestamp(event["created"], UTC)
    read = {"payment_intent": _of_intent, "charge": _of_charge, "dispute": _of_dispute}
    about = read.get(str(found.get("object")))
    return about(found, kind, at) if about else None


def _of_intent(found: Mapping[str, Any], kind: str, at: datetime) -> News:
    status, charge = found.get("status"), found.get("latest_charge")
    stage, amount = _STAGES.get(str(status)), from_minor(found.get("amount"))
    error = found.get("last_payment_error") or {}
    failed = kind == "payment_intent.payment_failed" or (stage is Stage.OPEN and bool(error))
    details = charge if isinstance(charge, Mapping) else {}
    received = from_minor(found["amount_received"]) if found.get("amount_received") is not None else amount
    currency = _text(found.get("currency"))
    return News(
        intent=_text(found.get("id")),
        number=_text((found.get("metadata") or {}).get("payment")),
        currency=currency.upper(),
        at=at,
        stage=Stage.FAILED if failed else stage,
        amount=amount,
        captured=received if stage is Stage.SUCCEEDED else ZERO,
        refunded=from_minor(details.get("amount_refunded") or 0),
        fee=_fee(details.get("balance_transaction"), currency),
        failure=_text(error.get("decline_code") or error.get("code")) or ("failed" if failed else ""),
    )


def _fee(transaction: object, currency: str) -> Decimal | None:
    """What Stripe keeps, if its account is settled in the currency of the payment; else it is another's."""
    if not isinstance(transaction, Mapping) or transaction.get("fee") is None:
        return None
    settled_in = _text(transaction.get("currency")) or currency
    return from_minor(transaction["fee"]) if settled_in.lower() == currency.lower() else None


def _of_charge(found: Mapping[str, Any], _kind: str, at: datetime) -> News:
    return News(
        intent=_named(found.get("payment_intent")),
        number=_text((found.get("metadata") or {}).get("payment")),
        currency=_text(found.get("currency")).upper(),
        at=at,
        refunded=from_minor(found.get("amount_refunded") or 0),
    )


def _of_dispute(found: Mapping[str, Any], _kind: str, at: datetime) -> News | None:
    status = _text(found.get("status"))
    if status.startswith("warning_"):
        return None  # an inquiry: nothing is taken away
    state = _DISPUTES.get(status, DisputeState.OPEN)
    return News(
        intent=_named(found.get("payment_intent")),
        currency=_text(found.get("currency")).upper(),
        at=at,
        dispute=Dispute(
            _text(found.get("id")), state, from_minor(found.get("amount")), _text(found.get("reason"))
        ),
    )


def _named(value: object) -> str:
    """The id of what another object names: as a text, or as the object itself."""
    return _text(value.get("id")) if isinstance(value, Mapping) else _text(value)


def _text(value: object) -> str:
    return value[:ID_MAX] if isinstance(value, str) else ""
