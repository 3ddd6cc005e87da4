"""What the pages of a promotion show: the promotion itself, and the form with what was refused."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from backoffice.blueprints import promotion_form
from portal.dealers.queries import regions_in_scope
from portal.dealers.vocabulary import DealerRight
from portal.insight import promotion_results
from portal.kernel import clock
from portal.kernel.errors import DomainError
from portal.promotions import queries
from portal.promotions.documents import promotion_id_of
from portal.promotions.doubts import doubts_of
from portal.promotions.queries import ManagedPromotion
from portal.promotions.rules import Kind
from portal.promotions.vocabulary import PromotionRight
from portal.promotions.words import KINDS
from portal.web.presentation import in_full, in_language, labels
from portal.web.promotion_words import listed, terms_in_words
from portal.web.reference_cache import categories, tier_options
from portal.web.request import current_actor, current_session


def kinds() -> list[tuple[str, str]]:
    """The kinds to choose from, in words."""
    return [(str(kind), str(word)) for kind, word in labels(KINDS).items()]


def promotion(number: str) -> ManagedPromotion:
    """The promotion with a number. Raises NotFound."""
    session = current_session()
    key = promotion_id_of(session, number)
    return queries.promotion(session, actor=current_actor(), promotion_id=key, at=clock.now())


def context(number: str) -> dict[str, Any]:
    """What its page shows."""
    session, actor, at = current_session(), current_actor(), clock.now()
    found = promotion(number)
    acts = {str(act) for act in found.acts} if found.answerable else set()
    proposes, approves = actor.may(PromotionRight.PROPOSE), actor.may(PromotionRight.APPROVE)
    is_author = actor.key in found.written_by
    return {
        "promotion": found,
        "terms": terms_in_words(found),
        "kind": str(labels(KINDS)[Kind(found.kind)]),
        "may": {
            "edit": "edit" in acts and proposes,
            "submit": "submit" in acts and proposes,
            "recall": "recall" in acts and proposes,
            "decide": "approve" in acts and approves and not is_author,
            "publish": "publish" in acts and (proposes or approves),
            "withdraw": "withdraw" in acts and (proposes or approves),
        },
        "whom": _whom(found),
        "history": _history(found),
        "waits_for_another": "approve" in acts and is_author,
        "doubts": None if found.published_at else doubts_of(session, promotion_id=found.id, at=at),
        "result": promotion_results.result(session, found.id) if found.published_at else None,
    }


def may_see_dealers() -> bool:
    """Whether the pages of dealers are open to the visitor."""
    return current_actor().may(DealerRight.HEADQUARTERS)


def _whom(found: ManagedPromotion) -> list[tuple[str, str]]:
    """Whom it is for, dimension by dimension; nothing for everybody."""
    named = [
        (gettext("Regions"), [in_language(one.name_zh, one.name_en) for one in found.regions]),
        (gettext("Tiers"), list(found.tiers)),
        (gettext("Dealers"), [in_language(one.name_zh, one.name_en) for one in found.dealers]),
    ]
    return [(label, listed(names)) for label, names in named if names]


def _history(found: ManagedPromotion) -> list[dict[str, Any]]:
    """Who did what, the latest first."""
    told = [
        (found.withdrawn_at, gettext("Withdrawn"), found.withdrawn_by_label, "ban", "red", found.reason),
        (found.published_at, gettext("Published"), found.published_by_label, "send", "green", ""),
        (found.approved_at, gettext("Approved"), found.approved_by_label, "check", "blue", ""),
        (found.submitted_at, gettext("Submitted"), found.submitted_by_label, "send", "amber", ""),
        (found.created_at, gettext("Written"), found.proposed_by_label, "file-pencil", "grey", ""),
    ]
    return [
        {
            "at": at,
            "title": title,
            "text": " · ".join(part for part in (who, said) if part),
            "icon": icon,
            "tone": tone,
        }
        for at, title, who, icon, tone, said in told
        if at is not None
    ]


def new_form(kind: str) -> dict[str, Any]:
    """An empty form of a kind."""
    return _form(None, {"kind": kind, "priority": 100, "combinable": True}, None)


def edit_form(number: str) -> dict[str, Any]:
    """The form of a draft as it stands."""
    found = promotion(number)
    return _form(found, promotion_form.values_of(found), None)


def refused_form(number: str | None, refusal: DomainError) -> dict[str, Any]:
    """The form as it was typed, with what is wrong beside its fields."""
    found = None if number is None else promotion(number)
    return _form(found, promotion_form.values_typed(), refusal)


def _form(
    found: ManagedPromotion | None, values: dict[str, Any], refusal: DomainError | None
) -> dict[str, Any]:
    faults = refusal.faults if refusal else ()
    kind = Kind(values["kind"]) if values.get("kind") in list(Kind) else Kind.PERCENT_OFF
    regions = regions_in_scope(current_session(), current_actor())
    return {
        "promotion": found,
        "values": values,
        "kind": kind,
        "kind_label": str(labels(KINDS)[kind]),
        "has": promotion_form.FIELDS_OF_KIND[kind],
        "refusal": refusal,
        "beside": lambda name: [in_full(one) for one in faults if promotion_form.field_of(one) == name],
        "summary": [(f"field-{promotion_form.field_of(one)}", in_full(one)) for one in faults],
        "tiers": tier_options(),
        "regions": [(one.code, in_language(one.name_zh, one.name_en), one.level) for one in regions],
        "category_options": [
            ("", gettext("Any")),
            *((one.code, f"{one.code} {in_language(one.name_zh, one.name_en)}") for one in categories()),
        ],
    }
