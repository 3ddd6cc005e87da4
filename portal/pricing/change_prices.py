"""Change the prices of several rules of a draft at once.

All of them, or none with everything that is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.db import Record
from portal.kernel.errors import Fault, Invalid, NotFound
from portal.pricing.models import PriceRule
from portal.pricing.rule_input import read_breaks
from portal.pricing.rules import price_as_json
from portal.pricing.versions import answerable, next_revision
from portal.pricing.vocabulary import PriceAction, PriceRight


@dataclass(frozen=True, slots=True)
class PriceInput:
    """What a rule shall say of the price, as somebody typed it. breaks: (minimum quantity, value)."""

    rule_id: int
    kind: str
    breaks: Sequence[tuple[object, object]]


@dataclass(frozen=True, slots=True)
class _Price:
    kind: str
    min_quantities: list[int]
    values: list[Decimal]

    def as_json(self) -> dict[str, object]:
        return price_as_json(self.kind, self.min_quantities, self.values)


def change_prices(
    session: Session, *, actor: Actor, policy_id: int, revision: int, inputs: Sequence[PriceInput]
) -> int:
    """Give rules of a draft other prices; what is the same stays untouched.

    Returns how many rules have changed.

    Raises Invalid with every fault of every rule (``/rules/<id>/breaks/<place>/value``), NotFound, Conflict
    for an overtaken revision. When nothing is to change, the revision stays: sending a form twice does no
    harm.
    """
    actor.require(PriceRight.POLICIES)
    answerable(session, actor, policy_id)
    asked = _understood(inputs)
    stored = _stored(session, policy_id, asked)
    changed = {key: price for key, price in asked.items() if price != _price(stored[key])}
    if not changed:
        return 0
    next_revision(session, actor, policy_id, revision)
    parameters = [
        {
            "rule": key,
            "new_kind": price.kind,
            "new_min_quantities": price.min_quantities,
            "new_values": price.values,
        }
        for key, price in changed.items()
    ]
    session.connection().execute(_CHANGE, parameters)
    for key, price in changed.items():
        before, after = ({"rule": key, **one.as_json()} for one in (_price(stored[key]), price))
        dealer_id = stored[key].dealer_id
        record(
            session,
            PriceAction.POLICY_EDITED,
            str(policy_id),
            actor=actor,
            dealer_id=dealer_id,
            before=before,
            after=after,
        )
    return len(changed)


def _understood(inputs: Sequence[PriceInput]) -> dict[int, _Price]:
    faults: list[Fault] = []
    asked = {}
    for typed in inputs:
        found: list[Fault] = []
        asked[typed.rule_id] = _Price(typed.kind, *read_breaks(typed.kind, typed.breaks, found))
        faults += (replace(fault, pointer=f"/rules/{typed.rule_id}{fault.pointer}") for fault in found)
    if faults:
        raise Invalid(faults=faults)
    return asked


def _stored(session: Session, policy_id: int, asked: dict[int, _Price]) -> dict[int, Record]:
    columns = (
        PriceRule.id,
        PriceRule.dealer_id,
        PriceRule.kind,
        PriceRule.min_quantities,
        PriceRule.values.label("prices"),
    )
    rows = session.execute(select(*columns).where(PriceRule.policy_id == policy_id, PriceRule.id.in_(asked)))
    stored = {row.id: row for row in rows}
    if stored.keys() != asked.keys():
        raise NotFound()
    return stored


def _price(row: Record) -> _Price:
    return _Price(row.kind, list(row.min_quantities), list(row.prices))


_RULE = cast(Table, PriceRule.__table__)
_CHANGE = (
    update(_RULE)
    .where(_RULE.c.id == bindparam("rule"))
    .values(
        {
            _RULE.c.kind: bindparam("new_kind"),
            _RULE.c.min_quantities: bindparam("new_min_quantities"),
            _RULE.c["values"]: bindparam("new_values"),
        }
    )
)
