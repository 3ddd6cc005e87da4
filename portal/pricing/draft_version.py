"""Begin the next version of a price policy: a draft with a copy of its rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.pricing.draft_policy import require_no_draft
from portal.pricing.policy_files import copy_files
from portal.pricing.versions import answerable
from portal.pricing.vocabulary import PriceAction, PriceRight


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that was begun.

    left_out: rules of the version before that leave no price, as could once be published.
    """

    id: int
    left_out: int


def draft_version(session: Session, *, actor: Actor, policy_id: int, at: datetime) -> Drafted:
    """A draft of the next version of a policy with a copy of its rules; one draft a policy.

    Raises NotFound outside the actor's regions, Conflict when a draft exists already.
    """
    actor.require(PriceRight.POLICIES)
    source = answerable(session, actor, policy_id)
    require_no_draft(session, source)
    parameters = {
        "id": policy_id,
        "at": at,
        "user_id": actor.user_id,
        "label": actor.label,
        "authors": [actor.key],
    }
    created: int = session.execute(_COPY_POLICY, parameters).scalar_one()
    left_out = copy_rules(session, source=policy_id, target=created)
    after = {
        "number": source.number,
        "from_version": source.version,
        **({"left_out": left_out} if left_out else {}),
    }
    record(session, PriceAction.POLICY_DRAFTED, str(created), actor=actor, dealer_id=None, after=after)
    return Drafted(created, left_out)


def copy_rules(session: Session, *, source: int, target: int) -> int:
    """Give a draft the rules and files of another version.

    Returns how many rules were left out, as they leave no price.
    """
    copy_files(session, source=source, target=target)
    left_out: int = session.execute(_COPY_RULES, {"source": source, "target": target}).scalar_one()
    return left_out


_COPY_POLICY = text(
    """
    INSERT INTO price_policy (number, version, kind, dealer_id, title_zh, title_en, text, region_id,
                              below_floor, valid_from, valid_to, planned_to, created_by, created_by_label,
                              written_by, supersedes_id)
    SELECT p.number, (SELECT max(v.version) + 1 FROM price_policy v WHERE v.number = p.number), p.kind,
           p.dealer_id, p.title_zh, p.title_en, p.text, p.region_id, p.below_floor, :at,
           CASE WHEN p.planned_to > :at THEN p.planned_to END,
           CASE WHEN p.planned_to > :at THEN p.planned_to END, :user_id, :label,
           CAST(:authors AS text[]), p.id
      FROM price_policy p WHERE p.id = :id RETURNING id
    """
)

# What ck_price_rule_values refuses today could be published before: it is left out, not copied.
_COPY_RULES = text(
    """
    WITH source AS (
      SELECT r.*, 0 <= ALL ("values") AND (kind <> 'net' OR 0 < ALL ("values"))
                  AND (kind <> 'percent_off' OR 100 > ALL ("values")) AS good
        FROM price_rule r WHERE policy_id = :source
    ), copied AS (
      INSERT INTO price_rule (policy_id, dealer_id, region_id, tier, product_id, category_code, kind,
                              min_quantities, "values", breaks_are, max_quantity, tax_included)
      SELECT :target, dealer_id, region_id, tier, product_id, category_code, kind, min_quantities, "values",
             breaks_are, max_quantity, tax_included
        FROM source WHERE good
    )
    SELECT count(*) FROM source WHERE NOT good
    """
)
