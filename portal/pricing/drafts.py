"""Drafts of price policies: edited, rules added and removed, two managers never overwriting each other."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.pricing import rules
from portal.pricing.models import PriceRule
from portal.pricing.policy_head import PolicyHead, head_faults
from portal.pricing.rule_input import RuleColumns, RuleInput, names_of, read_rule
from portal.pricing.versions import answerable, next_revision
from portal.pricing.vocabulary import PriceAction, PriceRight


def edit_policy(session: Session, *, actor: Actor, policy_id: int, revision: int, head: PolicyHead) -> int:
    """Change the head of a draft.

    Returns the new revision. Raises Invalid, NotFound, Conflict for an overtaken revision.
    """
    actor.require(PriceRight.POLICIES)
    policy = answerable(session, actor, policy_id)
    if faults := head_faults(head):
        raise Invalid(faults=faults)
    before = PolicyHead.of(policy).as_json()
    revision = next_revision(session, actor, policy_id, revision, **head.columns())
    record(
        session,
        PriceAction.POLICY_EDITED,
        str(policy_id),
        actor=actor,
        dealer_id=None,
        before=before,
        after=head.as_json(),
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
    columns = read_rule(rule, policy, names_of(session, policy, [rule]), faults)
    if columns is None:
        raise Invalid(faults=faults)
    revision = next_revision(session, actor, policy_id, revision)
    _require_free_scope(session, policy_id, columns)
    session.execute(insert(PriceRule).values(policy_id=policy_id, **columns._asdict()))
    record(
        session,
        PriceAction.POLICY_EDITED,
        str(policy_id),
        actor=actor,
        dealer_id=columns.dealer_id,
        after=columns.as_json(),
    )
    return revision


def remove_rule(session: Session, *, actor: Actor, policy_id: int, revision: int, rule_id: int) -> int:
    """Take a rule out of a draft. Returns the new revision."""
    actor.require(PriceRight.POLICIES)
    answerable(session, actor, policy_id)
    before = _rule_as_json(session, policy_id, rule_id)
    revision = next_revision(session, actor, policy_id, revision)
    session.execute(delete(PriceRule).where(PriceRule.policy_id == policy_id, PriceRule.id == rule_id))
    record(session, PriceAction.POLICY_EDITED, str(policy_id), actor=actor, dealer_id=None, before=before)
    return revision


def _require_free_scope(session: Session, policy_id: int, rule: RuleColumns) -> None:
    """One rule for the same party and product: two would be a coin toss.

    The draft is locked by its new revision.
    """
    names = RuleColumns._fields[: len(rule.scope)]
    same = [
        PriceRule.__table__.c[name].is_not_distinct_from(value)
        for name, value in zip(names, rule.scope, strict=True)
    ]
    others = select(PriceRule.id).where(PriceRule.policy_id == policy_id, *same)
    if session.execute(others).first() is not None:
        pointer = "/sku" if rule.product_id else ("/category" if rule.category_code else "/tier")
        fix = N_("Change the rule there is.")
        raise Invalid(
            faults=[Fault(pointer, "rule_exists", N_("A rule for exactly this already exists."), fix)]
        )


def _rule_as_json(session: Session, policy_id: int, rule_id: int) -> dict[str, object]:
    rule = session.execute(
        select(PriceRule.kind, PriceRule.min_quantities, PriceRule.values.label("prices")).where(
            PriceRule.policy_id == policy_id, PriceRule.id == rule_id
        )
    ).one_or_none()
    if rule is None:
        raise NotFound()
    return {"rule": rule_id, **rules.price_as_json(rule.kind, rule.min_quantities, rule.prices)}
