"""The terms of an order are the settings, every one of them."""

from __future__ import annotations

from portal.orders.terms import OrderTerms


def test_every_limit_is_the_setting_of_its_name(settings):
    changed = settings.model_copy(
        update={
            "order_lines_max": 11,
            "order_quantity_max": 12,
            "saleable_days_before_expiry": 13,
            "replenishment_days": 14,
            "overdue_grace_days": 15,
        }
    )
    terms = OrderTerms.of(changed)
    limits = terms.limits
    assert (limits.lines_max, limits.quantity_max, limits.margin_days) == (11, 12, 13)
    assert (limits.replenishment_days, limits.grace_days) == (14, 15)
    assert (terms.currency, terms.zone) == (changed.currency, changed.timezone)
