"""Begin a policy or a contract as a draft with all its rules, or write a draft anew: whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.fragments import on_day
from portal.kernel import numbering
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.pricing.models import PricePolicy
from portal.pricing.policy_head import PolicyHead, head_faults
from portal.pricing.rule_input import RuleColumns, RuleInput, names_of, read_rule
from portal.pricing.versions import answerable, next_revision
from portal.pricing.vocabulary import PriceAction, PriceRight

RULES_MAX = 10_000
PREFIXES = {"policy": "PP", "contract": "HT"}


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy to draft. region: code, empty for the whole country. dealer: of a contract.

    supersedes: id of the version whose successor it is; then region, dealer and kind are that one's.
    """

    head: PolicyHead
    rules: Sequence[RuleInput] = ()
    kind: str = "policy"
    region: str = ""
    dealer: str = ""
    supersedes: int | None = None


def draft_policy(session: Session, *, actor: Actor, new: NewPolicy, at: datetime) -> PricePolicy:
    """A draft with all its rules. A contract belongs to the region of its dealer.

    Raises Invalid with every fault (``/rules/<place>/sku``), NotFound outside the actor's regions, Conflict
    when the policy it supersedes has a draft already.
    """
    actor.require(PriceRight.POLICIES)
    faults = head_faults(new.head)
    placed = (
        _first_version(session, actor, new, at, faults)
        if new.supersedes is None
        else _next_version(session, actor, new.supersedes)
    )
    values = {
        **placed,
        **new.head.columns(),
        "created_by": actor.user_id,
        "created_by_label": actor.label,
        "written_by": [actor.key],
    }
    policy = PricePolicy(**values)  # read by the rules before it is stored
    rules = read_rules(session, policy, new.rules, faults)
    if faults:
        raise Invalid(faults=faults)
    created: int = session.execute(
        insert(PricePolicy).values(**values).returning(PricePolicy.id)
    ).scalar_one()
    _store(session, created, rules)
    after = {"number": policy.number, **new.head.as_json(), "rules": len(rules)}
    record(
        session,
        PriceAction.POLICY_DRAFTED,
        str(created),
        actor=actor,
        dealer_id=policy.dealer_id,
        after=after,
    )
    return session.get_one(PricePolicy, created)


def rewrite_policy(
    session: Session,
    *,
    actor: Actor,
    policy_id: int,
    revision: int,
    head: PolicyHead | None,
    rules: Sequence[RuleInput],
) -> int:
    """Replace what a draft says: its rules and, but for None, its head. Returns the new revision.

    Raises Invalid with every fault and leaves the draft as it is; NotFound, Conflict for an overtaken draft.
    """
    actor.require(PriceRight.POLICIES)
    policy = answerable(session, actor, policy_id)
    faults = head_faults(head) if head else []
    read = read_rules(session, policy, rules, faults)
    if faults:
        raise Invalid(faults=faults)
    columns: Mapping[str, Any] = head.columns() if head else {}
    before = PolicyHead.of(policy).as_json() if head else {}
    revision = next_revision(session, actor, policy_id, revision, **columns)
    replaced = session.execute(_REMOVE, {"id": policy_id}).scalar_one()
    _store(session, policy_id, read)
    record(
        session,
        PriceAction.POLICY_EDITED,
        str(policy_id),
        actor=actor,
        dealer_id=policy.dealer_id,
        before={**before, "rules": replaced},
        after={**(head.as_json() if head else {}), "rules": len(read)},
    )
    return revision


def read_rules(
    session: Session, policy: PricePolicy, inputs: Sequence[RuleInput], faults: list[Fault]
) -> list[RuleColumns]:
    """Every rule that was understood; what is wrong is added to `faults`, below ``/rules/<place>``."""
    if len(inputs) > RULES_MAX:
        message = N_("A policy has %(max)s rules at most.")
        faults.append(Fault("/rules", "rules_max", message, N_("Divide it."), params={"max": RULES_MAX}))
        return []
    names = names_of(session, policy, inputs)
    read = (read_rule(rule, policy, names, faults, f"/rules/{place}") for place, rule in enumerate(inputs))
    return [rule for rule in read if rule is not None]


def _first_version(
    session: Session, actor: Actor, new: NewPolicy, at: datetime, faults: list[Fault]
) -> dict[str, Any]:
    if new.kind not in PREFIXES:
        message = N_("There is no %(value)s.")
        faults.append(Fault("/kind", "unknown_kind", message, params={"value": new.kind[:40]}))
    contract = new.kind == "contract"
    found = session.execute(_PLACE, {"region": new.region.strip(), "dealer": new.dealer.strip()}).one()
    region_id = found.dealer_region if contract else found.region_id
    for name, entered, identity in (
        ("region", new.region, found.region_id),
        ("dealer", new.dealer, found.dealer_id),
    ):
        if (entered.strip() or (contract and name == "dealer")) and identity is None:
            message, fix = N_("There is no %(value)s."), N_("Choose one from the list.")
            faults.append(Fault(f"/{name}", f"unknown_{name}", message, fix, {"value": entered.strip()[:40]}))
    if not faults and not actor.answers_for(region_id):
        message, fix = N_("You do not answer for this region."), N_("Choose one of your regions.")
        faults.append(Fault("/region", "outside_region", message, fix))
    return {
        "number": numbering.new_number(PREFIXES.get(new.kind, "PP"), at.date()),
        "version": 1,
        "kind": new.kind,
        "region_id": region_id,
        "dealer_id": found.dealer_id if contract else None,
    }


def _next_version(session: Session, actor: Actor, supersedes: int) -> dict[str, Any]:
    source = answerable(session, actor, supersedes)
    require_no_draft(session, source)
    version: int = session.execute(_NEXT, {"number": source.number}).scalar_one()
    return {
        "number": source.number,
        "version": version,
        "kind": source.kind,
        "region_id": source.region_id,
        "dealer_id": source.dealer_id,
        "supersedes_id": source.id,
    }


def require_no_draft(session: Session, source: PricePolicy) -> None:
    """One version of a policy is in the making at a time. Raises Conflict with the id of the other."""
    unpublished = (PricePolicy.number == source.number, PricePolicy.published_at.is_(None))
    existing = session.execute(select(PricePolicy.id).where(*unpublished)).scalar_one_or_none()
    if existing is not None:
        raise Conflict(
            "draft_exists", N_("This policy already has a draft; continue with it."), draft=existing
        )


def _store(session: Session, policy_id: int, read: Sequence[RuleColumns]) -> None:
    rows = orjson.dumps([rule.as_json() for rule in read]).decode()
    session.execute(_STORE, {"id": policy_id, "rows": rows})


_PLACE = text(
    f"""
    SELECT r.id AS region_id, d.id AS dealer_id, dr.region_id AS dealer_region
      FROM (SELECT) one LEFT JOIN region r ON r.code = :region LEFT JOIN dealer d ON d.code = :dealer
      LEFT JOIN dealer_region dr ON dr.dealer_id = d.id AND {on_day("dr")}
    """
)

_NEXT = text("SELECT max(version) + 1 FROM price_policy WHERE number = :number")

_REMOVE = text(
    "WITH gone AS (DELETE FROM price_rule WHERE policy_id = :id RETURNING 1) SELECT count(*) FROM gone"
)

_STORE = text(
    """
    INSERT INTO price_rule (policy_id, dealer_id, region_id, tier, product_id, category_code, kind,
                            min_quantities, "values", breaks_are, max_quantity, tax_included)
    SELECT :id, r.dealer_id, r.region_id, r.tier, r.product_id, r.category_code, r.kind,
           r.min_quantities, r."values", r.breaks_are, r.max_quantity, r.tax_included
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
             dealer_id bigint, region_id bigint, tier text, product_id bigint, category_code text, kind text,
             min_quantities int[], "values" numeric(14, 2)[], breaks_are text, max_quantity int,
             tax_included boolean)
    """
)
