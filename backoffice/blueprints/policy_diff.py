"""Which prices a version of a policy changes against another: whose, of what, from what to what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import clock, typed
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.pricing import policies
from portal.pricing.version_diff import ChangedPrice, changed_prices, versions
from portal.pricing.vocabulary import PriceRight
from portal.web.forms import takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("policy_diff", __name__, url_prefix="/hq/policies")

CHANGED = Listing(
    "changed-prices",
    N_("Changed prices"),
    (
        Column("product", N_("Product"), Kind.NAME),
        Column("sku", N_("SKU"), Kind.CODE, width="c-12"),
        Column("dealer", N_("Dealer"), Kind.NAME, empty=N_("all dealers"), width="c-10"),
        Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-10"),
        Column("tier", N_("Tier"), Kind.CODE, width="c-8"),
        Column("region", N_("Region"), Kind.NAME, empty=N_("Whole country"), width="c-8"),
        Column("list_price", N_("List price"), Kind.MONEY, shown=False, width="c-10"),
        Column("quantity", N_("From quantity"), Kind.QUANTITY, width="c-10"),
        Column("before", N_("Price before"), Kind.MONEY, width="c-8"),
        Column("after", N_("Price after"), Kind.MONEY, width="c-8"),
        Column("change", N_("Change in ¥"), Kind.MONEY, width="c-8"),
        Column("share", N_("Change in %"), Kind.SHARE, width="c-10"),
    ),
)


@blueprint.get("/<int:policy_id>/changes")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
@takes_columns("column")
def index(policy_id: int) -> str | Response:
    """Products and customers whose price the version changes, against the one before or another."""
    session, actor, at = current_session(), current_actor(), clock.now()
    policy = policies.policy(session, actor=actor, policy_id=policy_id, at=at)
    others = versions(session, policy_id=policy_id)
    asked = typed.own_number(request.args.get("against"))
    chosen = next((one for one in others if one.version == asked), others[0] if others else None)
    query = {"q": request.args.get("q", "").strip()}

    def fetch(cursor: str | None, limit: int) -> Page[ChangedPrice]:
        return changed_prices(
            session,
            actor=actor,
            policy_id=policy_id,
            against=chosen and chosen.id,
            at=at,
            limit=limit,
            cursor=cursor,
            **query,
        )

    def page_only() -> dict[str, Any]:
        options = [
            (one.version, gettext("version %(version)s", version=one.version))
            for one in sorted(others, key=lambda one: -one.version)
        ]
        return {"policy": policy, "options": options, "against": chosen and chosen.version}

    return show_list(CHANGED, fetch, "backoffice/policies/changes.html", query, page_only=page_only)
