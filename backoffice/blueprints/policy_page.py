"""What the page of a price policy shows.

Its rules, what each makes of the list price, and what was refused beside what was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request
from flask_babel import gettext

from backoffice.blueprints.policy_form import PAGE_SIZE, looked_at, typed_breaks
from portal.dealers.queries import regions_in_scope
from portal.kernel import clock, money, typed
from portal.kernel.errors import DomainError, Fault
from portal.pricing import policies as queries
from portal.pricing import rules
from portal.pricing.policies import PolicySummary, RuleFilter, RuleRow
from portal.pricing.words import RULE_KINDS
from portal.web.presentation import in_full, in_language, in_words, labels
from portal.web.reference_cache import categories, tier_options
from portal.web.request import current_actor, current_session, portal

OFFSET_MAX = 999_999


def context(policy_id: int, refusal: DomainError | None = None) -> dict[str, Any]:
    """What the page of a policy shows; with a refusal, its faults beside what was typed."""
    session, at = current_session(), clock.now()
    policy = queries.policy(session, actor=current_actor(), policy_id=policy_id, at=at)
    only = RuleFilter(looked_at("q"), looked_at("tier"), bool(looked_at("changed")))
    offset = min(typed.own_number(looked_at("offset")) or 0, OFFSET_MAX)
    found = queries.policy_rules(
        session, policy_id=policy_id, at=at, only=only, offset=offset, limit=PAGE_SIZE
    )
    faults = refusal.faults if refusal else ()
    return {
        "policy": policy,
        "editable": policy.state == "draft" and policy.editable,
        "rows": [(row, _results(row), _typed_row(row, faults)) for row in found[:PAGE_SIZE]],
        "changes": queries.changes(session, policy_id),
        "only": only,
        "offset": offset,
        "next_offset": offset + PAGE_SIZE if len(found) > PAGE_SIZE else None,
        "previous_offset": max(0, offset - PAGE_SIZE) if offset else None,
        "refusal": refusal,
        "review": None,
        "refusal_lines": [(_field_of(fault), in_words(fault)) for fault in faults],
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        "beside_price": [
            in_full(fault) for fault in faults if fault.pointer.startswith(("/breaks", "/kind"))
        ],
        "wrong_steps": {
            fault.pointer.split("/")[2] for fault in faults if fault.pointer.startswith("/breaks/")
        },
        "typed": request.form,
        "starts": _local(policy),
        "kinds": labels(RULE_KINDS).items(),
        "tiers": [("", gettext("All tiers")), *tier_options()],
    }


def choices() -> dict[str, Any]:
    """What a rule may be narrowed to."""
    regions = regions_in_scope(current_session(), current_actor())
    return {
        "tier_options": [("", gettext("Any")), *tier_options()],
        "region_options": [
            ("", gettext("Any")),
            *((region.code, in_language(region.name_zh, region.name_en)) for region in regions),
        ],
        "category_options": [
            ("", gettext("Any")),
            *(
                (category.code, f"{category.code} {in_language(category.name_zh, category.name_en)}")
                for category in categories()
            ),
        ],
    }


def _results(row: RuleRow) -> list[Decimal | None]:
    """What each break makes of the list price, where the rule is for one product."""
    return [
        None if row.list_price is None else rules.apply(row.kind, value, row.list_price)
        for value in row.values
    ]


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row of the grid as it shall be shown: as stored, or as it was typed and refused.

    `faults` in words, by step in `wrong`.
    """

    kind: str
    breaks: Sequence[tuple[object, object]]
    unsaved: bool
    faults: Sequence[str]
    wrong: frozenset[str]


def _typed_row(row: RuleRow, faults: Sequence[Fault]) -> TypedRow:
    stored = [
        (str(minimum), money.as_text(value))
        for minimum, value in zip(row.min_quantities, row.values, strict=True)
    ]
    kind = request.form.get(f"kind-{row.id}")
    if kind is None:
        return TypedRow(row.kind, stored, False, (), frozenset())
    breaks = typed_breaks(f"-{row.id}")
    mine = [fault for fault in faults if fault.pointer.startswith(f"/rules/{row.id}/")]
    wrong = frozenset(fault.pointer.split("/")[4] for fault in mine if fault.pointer.count("/") > 3)
    return TypedRow(
        kind, breaks, (kind, breaks) != (row.kind, stored), [in_full(fault) for fault in mine], wrong
    )


def _local(policy: PolicySummary) -> str:
    return policy.valid_from.astimezone(portal().settings.timezone).strftime("%Y-%m-%dT%H:%M")


def _field_of(fault: Fault) -> str:
    name, _, rest = fault.pointer.strip("/").partition("/")
    if name == "rules":
        return f"rule-{rest.split('/')[0]}"
    return (
        f"field-{name}"
        if name in ("title_zh", "title_en", "valid_from", "dealer", "region", "tier", "sku", "category")
        else "rules"
    )
