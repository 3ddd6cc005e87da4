"""What an order earns of rebates, as pages and answers tell it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.kernel import clock, money
from portal.orders.assess import Assessment
from portal.orders.lines import AssessedLine
from portal.rebates.order_rebate import Gain, OrderRebate, order_rebate
from portal.web.rebate_words import how_far
from portal.web.reckoning_rate import count_reckoning
from portal.web.request import current_session, portal


@dataclass(frozen=True, slots=True)
class NetLine:
    """A line with what it earns itself."""

    line: AssessedLine
    rebate: Decimal

    @property
    def net(self) -> Decimal:
        """¥ with tax, less the rebate."""
        return self.line.amount - self.rebate

    @property
    def net_unit(self) -> Decimal:
        """The same for a piece."""
        return money.to_fen(self.net / self.line.demand.quantity)


def rebate_of(assessment: Assessment, dealer_id: int) -> OrderRebate:
    """What an order that was checked would earn today. Raises TooManyRequests."""
    count_reckoning()
    today = clock.business_date(clock.now(), portal().settings.timezone)
    return order_rebate(current_session(), dealer_id=dealer_id, lines=_bought(assessment), today=today)


def net_lines(assessment: Assessment, found: OrderRebate) -> list[NetLine]:
    """Every line but the gifts, with what it earns."""
    return [NetLine(line, rebate) for line, rebate in zip(_bought(assessment), found.lines, strict=True)]


def rebate_shown(assessment: Assessment, found: OrderRebate) -> dict[str, Any]:
    """What a page shows of it."""
    return {
        "total": found.total,
        "on_others": found.on_others,
        "lines": net_lines(assessment, found),
        "gains": [(one, _next(one)) for one in found.gains],
        "when_paid": any(one.when_paid for one in found.gains),
        "net_total": sum((line.amount for line in _bought(assessment)), money.ZERO) - found.total,
    }


def rebate_answered(assessment: Assessment, found: OrderRebate) -> dict[str, Any]:
    """What a program is answered."""
    return {
        "total": money.as_text(found.total),
        "on_others": money.as_text(found.on_others),
        "lines": [
            {
                "sku": one.line.offer.sku,
                "rebate": money.as_text(one.rebate),
                "net_amount": money.as_text(one.net),
                "net_unit_price": money.as_text(one.net_unit),
            }
            for one in net_lines(assessment, found)
        ],
        "programmes": [
            {
                "programme": one.number,
                "title_zh": one.title_zh,
                "title_en": one.title_en,
                "amount": money.as_text(one.amount),
                "when_paid": one.when_paid,
                "reached_before": one.reached_before,
                "reached_tier": one.reached,
            }
            for one in found.gains
        ],
    }


def _bought(assessment: Assessment) -> list[AssessedLine]:
    return [line for line in assessment.lines if not line.is_gift]


def _next(one: Gain) -> str:
    return how_far(one.basis, one.next_tier.missing, one.next_tier.gain) if one.next_tier else ""
