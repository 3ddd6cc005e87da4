"""What a list of products would cost, now or at any other moment, with the proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.blueprints.api.order_lines import all_faults, wanted
from portal.blueprints.api.schemas.catalogue import QuoteBody, QuoteShape
from portal.catalogue.manifest import CHAPTER
from portal.dealers.vocabulary import DealerRight
from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Invalid
from portal.orders.answer import discounts_shown, hints_shown, not_applied_shown
from portal.orders.quote import Quote, quote
from portal.orders.rules import Wanted
from portal.pricing.vocabulary import PriceRight
from portal.web.api.buyer import buyer
from portal.web.api.operations import operation
from portal.web.api.reading import Reading
from portal.web.order_terms import order_terms
from portal.web.request import current_session, portal


@operation(
    "POST",
    "/price-quotes",
    tag=CHAPTER,
    rights=(PriceRight.READ, DealerRight.HEADQUARTERS),
    body=QuoteBody,
    answers=QuoteShape,
    lenient=True,
    summary=N_("Prices of some products, with receipts"),
    about=N_(
        "For the dealer as it is graded at that moment. Nothing is written; stock and licences are not looked"
        " at."
    ),
)
def create(body: Reading[QuoteBody]) -> dict[str, Any]:
    if body.value is None:
        raise Invalid(faults=all_faults(body, QuoteBody, _faults))
    return _shown(_quote(body.value, wanted(body.value.lines)))


def _quote(asked: QuoteBody, lines: list[Wanted]) -> Quote:
    at = asked.at or clock.now()
    return quote(
        current_session(),
        dealer=buyer(asked.dealer, at),
        wanted=lines,
        at=at,
        terms=order_terms(),
    )


def _faults(asked: QuoteBody, lines: list[Wanted]) -> Iterable[Fault]:
    try:
        _quote(asked, lines)
    except Invalid as refusal:
        return refusal.faults
    return ()


def _shown(quoted: Quote) -> dict[str, Any]:
    lines = [
        {
            "sku": line.offer.sku,
            "quantity": line.demand.quantity,
            "unit_price": line.price.unit_price,
            "discounts": discounts_shown(line),
            "gift": line.is_gift,
            "amount": line.amount,
            "tax": line.tax,
            "receipt": list(line.price.receipt),
        }
        for line in quoted.lines
    ]
    return {
        "at": quoted.at,
        "lines": lines,
        "discount_total": quoted.promoted.outcome.discount_total,
        "hints": hints_shown(quoted.promoted.hints()),
        "not_applied": not_applied_shown(quoted.promoted.outcome),
        "total": quoted.total,
        "tax": quoted.tax,
        "currency": portal().settings.currency,
    }
