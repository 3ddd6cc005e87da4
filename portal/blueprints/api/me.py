"""Who asks."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.schemas.identity import Me
from portal.dealers import queries
from portal.dealers.queries import Address, DealerFacts
from portal.identity.manifest import CHAPTER
from portal.identity.tokens import sealed_subject
from portal.kernel.errors import N_
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import operation
from portal.web.presentation import in_language
from portal.web.request import current_actor, current_session, portal


@operation(
    "GET",
    "/me",
    tag=CHAPTER,
    summary=N_("The actor, its dealer, tier, regions and scopes"),
    answers=Me,
    about=N_("The actor of the token."),
)
def show() -> dict[str, Any]:
    actor, session = current_actor(), current_session()
    _, today = now_and_today()
    dealer = queries.load_dealer(session, actor.dealer_id, day=today) if actor.dealer_id is not None else None
    regions = (
        queries.regions_by_id(session, dealer.region_path)
        if dealer
        else queries.regions_in_scope(session, actor)
    )
    return {
        "actor": {
            "kind": actor.key.partition(":")[0],
            "key": sealed_subject(portal().sealer, actor.key),
            "label": actor.label,
        },
        "dealer": dealer and _dealer(dealer, queries.load_addresses(session, dealer.id)),
        "tier": dealer and dealer.tier,
        "regions": [{"code": r.code, "name": in_language(r.name_zh, r.name_en)} for r in regions],
        "scopes": sorted(actor.rights),
    }


def _dealer(dealer: DealerFacts, addresses: list[Address]) -> dict[str, Any]:
    return {
        "code": dealer.code,
        "name_zh": dealer.name_zh,
        "name_en": dealer.name_en,
        "state": dealer.state,
        "city": dealer.city,
        "payment_terms_days": dealer.payment_terms_days,
        "addresses": [_address(address) for address in addresses],
    }


def _address(address: Address) -> dict[str, Any]:
    return {
        "code": address.code,
        "province": in_language(address.province_zh, address.province_en),
        "city": address.city,
        "line": address.line,
        "contact": address.contact_name,
        "phone": address.contact_phone,
        "is_default": address.is_default,
    }
