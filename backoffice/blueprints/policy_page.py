"""What the page of a price policy shows.

Its rules, what each makes of the list price, and what was refused beside what was typed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from backoffice.blueprints import policy_form, policy_history
from backoffice.blueprints.policy_form import PAGE_SIZE, looked_at, typed_breaks
from portal.dealers.queries import regions_in_scope
from portal.kernel import clock, money, typed
from portal.kernel.errors import Conflict, DomainError, Fault, Invalid
from portal.kernel.proposal_life import ProposalAct
from portal.kernel.proposal_life import acts as acts_of
from portal.pricing import policies as queries
from portal.pricing import policy_files, rules
from portal.pricing.findings import FindingKind
from portal.pricing.policies import PolicySummary, RuleFilter, RuleRow
from portal.pricing.review import Review, review_draft
from portal.pricing.review_faults import finding_fault
from portal.pricing.vocabulary import PriceRight
from portal.pricing.words import BREAKS, FLOORS, RULE_KINDS
from portal.web.presentation import in_full, in_language, in_words, labels
from portal.web.reference_cache import categories, tier_options
from portal.web.request import current_actor, current_session, portal

OFFSET_MAX = 999_999
DIALOG_FIELDS = ("/reason", "/at")
_FIELDS = {*policy_form.HeadForm.model_fields, *policy_form.RuleForm.model_fields, "file"} - {"kind"}


DOUBTFUL = ("no_price", "risky_prices", "risks_changed", *FindingKind)
REVIEWED = {"draft": "submit", "submitted": "approve", "approved": "publish"}


def context(
    policy_id: int,
    refusal: DomainError | None = None,
    *,
    dialog: str = "",
    review: Review | None = None,
) -> dict[str, Any]:
    """What the page of a policy shows; with a refusal, its faults beside what was typed.

    dialog: the question that was answered when it was refused; it is open again.
    """
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
        "editable": policy.state == "draft" and policy.editable and current_actor().may(PriceRight.POLICIES),
        "rows": [(row, _results(row), _typed_row(row, faults)) for row in found[:PAGE_SIZE]],
        "changes": queries.changes(session, policy_id),
        "files": policy_files.files(session, policy_id),
        "only": only,
        "offset": offset,
        "next_offset": offset + PAGE_SIZE if len(found) > PAGE_SIZE else None,
        "previous_offset": max(0, offset - PAGE_SIZE) if offset else None,
        "refusal": refusal,
        "review": review,
        "findings": findings_in_words(review) if review else [],
        "acts": policy_acts_for(policy),
        "mine": current_actor().key in policy.written_by,
        "opened": dialog or (REVIEWED.get(policy.state, "") if review else ""),
        "history": policy_history.events(policy),
        "refusal_lines": [(_field_of(fault), in_words(fault)) for fault in faults],
        "beside": lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
        "beside_price": [
            in_full(fault) for fault in faults if fault.pointer.startswith(("/breaks", "/kind"))
        ],
        "wrong_steps": {
            fault.pointer.split("/")[2] for fault in faults if fault.pointer.startswith("/breaks/")
        },
        "typed": request.form,
        "starts": _local(policy.valid_from),
        "ends": _local(policy.planned_to),
        "floor_options": list(labels(FLOORS).items()),
        "kinds": labels(RULE_KINDS).items(),
        "breaks_options": list(labels(BREAKS).items()),
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


def review(policy_id: int) -> Review:
    """What publishing the version would do to prices."""
    return review_draft(
        current_session(),
        actor=current_actor(),
        policy_id=policy_id,
        fall_share=portal().settings.price_fall_share,
    )


def findings_in_words(found: Review) -> list[tuple[Fault, bool, int]]:
    """Each finding as a fault, whether it is refused, and after the last of a kind how many are not named."""
    named = Counter(one.kind for one in found.findings)
    last = {one.kind: place for place, one in enumerate(found.findings)}
    return [
        (
            finding_fault(one),
            FindingKind(one.kind).refused,
            one.total - named[one.kind] if last[one.kind] == place else 0,
        )
        for place, one in enumerate(found.findings)
    ]


def act(policy_id: int, done: str, do: Callable[[], object], *, dialog: str = "") -> str | Response:
    """Do it and show the policy; a refusal stands on the same page, beside its field, with what was typed.

    dialog: the question that it answers, open again for a refusal that speaks of a field in it, or of prices.
    """
    try:
        do()
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        doubtful = refusal.code in DOUBTFUL
        inside = dialog and (doubtful or any(fault.pointer in DIALOG_FIELDS for fault in refusal.faults))
        shown = context(
            policy_id,
            refusal,
            dialog=dialog if inside else "",
            review=review(policy_id) if doubtful else None,
        )
        if doubtful:
            shown |= {"refusal_lines": []}
        page = render_template("backoffice/policies/show.html", **shown, **choices())
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
    flash(done, "success")
    back: dict[str, Any] = {
        name: value
        for name in ("q", "tier", "changed", "offset")
        if (value := request.form.get(f"back_{name}"))
    }
    return redirect(url_for("policies.show", policy_id=policy_id, **back), 303)


def policy_acts_for(policy: PolicySummary) -> frozenset[str]:
    """What this person may do to the version as it stands; the verbs decide once more."""
    actor = current_actor()
    if not policy.editable:
        return frozenset()
    proposes, decides = actor.may(PriceRight.POLICIES), actor.may(PriceRight.APPROVE)
    other = decides and actor.key not in policy.written_by
    open_to = {
        ProposalAct.SUBMIT: proposes,
        ProposalAct.RECALL: proposes,
        ProposalAct.APPROVE: other,
        ProposalAct.REJECT: other,
        ProposalAct.PUBLISH: proposes or decides,
        ProposalAct.WITHDRAW: proposes or decides,
    }
    acts = {str(one) for one in acts_of(policy.state) if open_to.get(one)}
    return frozenset(acts | ({"version"} if proposes and policy.state == "published" else set()))


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


def _local(moment: datetime | None) -> str:
    zone = portal().settings.timezone
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _field_of(fault: Fault) -> str:
    name, _, rest = fault.pointer.strip("/").partition("/")
    if name == "rules":
        return f"rule-{rest.split('/')[0]}"
    return f"field-{name}" if name in _FIELDS else "rules"
