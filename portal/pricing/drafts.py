"""Drafts of price policies: edited, rules added and removed, two managers never overwriting each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.fragments import on_day
from portal.kernel import money, typed
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.pricing import rules
from portal.pricing.models import PricePolicy, PriceRule
from portal.pricing.vocabulary import PriceAction, PriceRight


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A rule as somebody typed it; empty text means "any". breaks: (minimum quantity, value), as typed."""

    kind: str
    breaks: Sequence[tuple[object, object]]
    dealer: str = ""
    region: str = ""
    tier: str = ""
    sku: str = ""
    category: str = ""


def edit_policy(
    session: Session,
    *,
    actor: Actor,
    policy_id: int,
    revision: int,
    title_zh: str,
    title_en: str,
    body: str,
    valid_from: datetime,
) -> int:
    """Change the head of a draft.

    Returns the new revision. Raises Invalid, NotFound, Conflict for an overtaken revision.
    """
    actor.require(PriceRight.POLICIES)
    policy = answerable(session, actor, policy_id)
    faults = [
        Fault(f"/{name}", "title", N_("A title has 1 to 120 characters."))
        for name, title in (("title_zh", title_zh), ("title_en", title_en))
        if not 1 <= len(title.strip()) <= 120
    ]
    if not 2000 <= valid_from.year <= 2100:
        faults.append(Fault("/valid_from", "date_range", N_("Choose a day between 2000 and 2100.")))
    if faults:
        raise Invalid(faults=faults)
    before = {
        "title_zh": policy.title_zh,
        "title_en": policy.title_en,
        "valid_from": policy.valid_from.isoformat(),
    }
    values = {
        "title_zh": title_zh.strip(),
        "title_en": title_en.strip(),
        "text": body.strip()[:10_000],
        "valid_from": valid_from,
    }
    revision = next_revision(session, policy_id, revision, **values)
    after = {
        "title_zh": values["title_zh"],
        "title_en": values["title_en"],
        "valid_from": valid_from.isoformat(),
    }
    record(
        session,
        PriceAction.POLICY_EDITED,
        str(policy_id),
        actor=actor,
        dealer_id=None,
        before=before,
        after=after,
    )
    return revision


def add_rule(session: Session, *, actor: Actor, policy_id: int, revision: int, rule: RuleInput) -> int:
    """Add a rule to a draft. Returns the new revision.

    Raises Invalid with every fault beside its field, NotFound, Conflict for an overtaken revision or a scope
    that has a rule.
    """
    actor.require(PriceRight.POLICIES)
    policy = answerable(session, actor, policy_id)
    faults: list[Fault] = []
    scope = _scope(session, policy, rule, faults)
    min_quantities, values = read_breaks(rule.kind, rule.breaks, faults)
    if faults:
        raise Invalid(faults=faults)
    columns = {**scope, "kind": rule.kind, "min_quantities": min_quantities, "values": values}
    revision = next_revision(session, policy_id, revision)
    _require_free_scope(session, policy_id, scope)
    session.execute(insert(PriceRule).values(policy_id=policy_id, **columns))
    after = rules.price_as_json(rule.kind, min_quantities, values)
    record(
        session,
        PriceAction.POLICY_EDITED,
        str(policy_id),
        actor=actor,
        dealer_id=scope["dealer_id"],
        after=after,
    )
    return revision


def remove_rule(session: Session, *, actor: Actor, policy_id: int, revision: int, rule_id: int) -> int:
    """Take a rule out of a draft. Returns the new revision."""
    actor.require(PriceRight.POLICIES)
    answerable(session, actor, policy_id)
    before = _rule_as_json(session, policy_id, rule_id)
    revision = next_revision(session, policy_id, revision)
    session.execute(delete(PriceRule).where(PriceRule.policy_id == policy_id, PriceRule.id == rule_id))
    record(session, PriceAction.POLICY_EDITED, str(policy_id), actor=actor, dealer_id=None, before=before)
    return revision


def answerable(session: Session, actor: Actor, policy_id: int) -> PricePolicy:
    """The policy, if the actor answers for its whole region. Raises NotFound otherwise."""
    policy = session.get(PricePolicy, policy_id)
    if policy is None or (actor.region_ids is not None and policy.region_id not in actor.region_ids):
        raise NotFound()
    return policy


def next_revision(session: Session, policy_id: int, revision: int, **values: object) -> int:
    """Claim the draft at the revision that was read.

    Whoever comes second is told, and nothing of theirs is written.
    """
    changed = session.execute(
        update(PricePolicy)
        .where(PricePolicy.id == policy_id, PricePolicy.state == "draft", PricePolicy.revision == revision)
        .values(revision=revision + 1, **values)
        .returning(PricePolicy.revision)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if changed is None:
        raise Conflict(
            "edited_meanwhile",
            N_("Someone else has changed or published this policy. Review it and try again."),
        )
    return changed


class _Scope(TypedDict):
    dealer_id: int | None
    region_id: int | None
    tier: str | None
    product_id: int | None
    category_code: str | None


def _scope(session: Session, policy: PricePolicy, rule: RuleInput, faults: list[Fault]) -> _Scope:
    found = session.execute(
        _LOOK_UP,
        {
            "dealer": rule.dealer.strip(),
            "region": rule.region.strip(),
            "within": policy.region_id,
            "tier": rule.tier.strip(),
            "sku": rule.sku.strip().upper(),
            "category": rule.category.strip().upper(),
        },
    ).one()
    for name, entered, identity in (
        ("dealer", rule.dealer, found.dealer_id),
        ("region", rule.region, found.region_id),
        ("tier", rule.tier, found.tier),
        ("sku", rule.sku, found.product_id),
        ("category", rule.category, found.category_code),
    ):
        if entered.strip() and identity is None:
            message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
            faults.append(Fault(f"/{name}", f"unknown_{name}", message, fix, {"value": entered.strip()[:40]}))
    if found.dealer_id is not None and (found.tier or found.region_id is not None):
        faults.append(
            Fault("/dealer", "party", N_("A contract price is for one dealer: leave region and tier empty."))
        )
    if found.product_id is not None and found.category_code is not None:
        faults.append(Fault("/sku", "subject", N_("Enter a product or a category, not both.")))
    if policy.region_id is not None and not (
        found.dealer_within if found.dealer_id is not None else found.region_within
    ):
        name = "dealer" if found.dealer_id is not None else "region"
        faults.append(
            Fault(f"/{name}", "outside_region", N_("The rules of a region's policy stay within the region."))
        )
    return {
        "dealer_id": found.dealer_id,
        "region_id": found.region_id,
        "tier": found.tier,
        "product_id": found.product_id,
        "category_code": found.category_code,
    }


def _require_free_scope(session: Session, policy_id: int, scope: _Scope) -> None:
    """One rule for the same party and product: two would be a coin toss.

    The draft is locked by its new revision.
    """
    same = [PriceRule.__table__.c[name].is_not_distinct_from(value) for name, value in scope.items()]
    others = select(PriceRule.id).where(PriceRule.policy_id == policy_id, *same)
    if session.execute(others).first() is not None:
        pointer = "/sku" if scope["product_id"] else ("/category" if scope["category_code"] else "/tier")
        fix = N_("Change the rule there is.")
        raise Invalid(
            faults=[Fault(pointer, "rule_exists", N_("A rule for exactly this already exists."), fix)]
        )


def read_breaks(
    kind: str, breaks: Sequence[tuple[object, object]], faults: list[Fault]
) -> tuple[list[int], list[Decimal]]:
    """Minimum quantities and values as somebody typed them; what is wrong with them is added to `faults`."""
    if kind not in list(rules.RuleKind):
        faults.append(
            Fault("/kind", "unknown_kind", N_("There is no %(value)s."), params={"value": kind[:40]})
        )
    if len(breaks) > rules.BREAKS_MAX:  # counted before any is read
        faults += rules.rule_faults(kind, range(len(breaks)), (), "/breaks")
        return [], []
    read = typed.percent if kind == "percent_off" else typed.money
    min_quantities, values = [], []
    for place, (typed_minimum, typed_value) in enumerate(breaks):
        minimum = typed.field(typed.quantity, typed_minimum, f"/breaks/{place}/min_quantity", faults)
        value = typed.field(read, typed_value, f"/breaks/{place}/value", faults)
        if minimum is not None and not 1 <= minimum <= 1_000_000:
            faults.append(
                Fault(
                    f"/breaks/{place}/min_quantity",
                    "minimum",
                    N_("A minimum is a whole number from 1 to 1,000,000."),
                )
            )
        min_quantities.append(minimum or 0)
        values.append(value or money.ZERO)
    if not faults:
        faults += rules.rule_faults(kind, min_quantities, values, "/breaks")
    return min_quantities, values


def _rule_as_json(session: Session, policy_id: int, rule_id: int) -> dict[str, object]:
    rule = session.execute(
        select(PriceRule.kind, PriceRule.min_quantities, PriceRule.values.label("prices")).where(
            PriceRule.policy_id == policy_id, PriceRule.id == rule_id
        )
    ).one_or_none()
    if rule is None:
        raise NotFound()
    return {"rule": rule_id, **rules.price_as_json(rule.kind, rule.min_quantities, rule.prices)}


_LOOK_UP = text(
    f"""
    WITH inside AS (SELECT id FROM region WHERE CAST(:within AS bigint) IN (id, parent_id))
    SELECT d.id AS dealer_id, dr.region_id IN (SELECT id FROM inside) AS dealer_within,
           r.id AS region_id, r.id IN (SELECT id FROM inside) AS region_within,
           (SELECT code FROM tier WHERE code = :tier) AS tier,
           (SELECT id FROM product WHERE sku = :sku) AS product_id,
           (SELECT code FROM category WHERE code = :category) AS category_code
      FROM (SELECT) one LEFT JOIN dealer d ON d.code = :dealer
      LEFT JOIN dealer_region dr ON dr.dealer_id = d.id AND {on_day("dr")}
      LEFT JOIN region r ON r.code = :region
    """
)
