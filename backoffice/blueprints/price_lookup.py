"""What any dealer pays for a product, in any quantity, at any moment, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dealers.queries import DealerFacts, dealer_id_of, load_dealer, regions_by_id
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.orders.quote import Quote, quote
from portal.orders.rules import Wanted
from portal.pricing.explain import Verdict, considered
from portal.pricing.rules import RuleInForce
from portal.pricing.vocabulary import PriceRight
from portal.scanning.scan import Scanned, scanned_all
from portal.web.order_terms import order_terms
from portal.web.presentation import in_full, in_language
from portal.web.receipt_words import receipt_in_words
from portal.web.reference_cache import categories
from portal.web.rendering import requires
from portal.web.request import current_session, portal, request

blueprint = Blueprint("price_lookup", __name__, url_prefix="/hq/prices")

VERDICTS = {
    Verdict.DECIDES: N_("decides"),
    Verdict.TAKES_REST: N_("prices the units beyond the maximum"),
    Verdict.REPLACED: N_("replaced by contract %(policy)s"),
    Verdict.TOO_FEW: N_("begins at %(minimum)s units"),
    Verdict.WEAKER_PARTY: N_("%(policy)s is meant for this dealer more closely"),
    Verdict.WEAKER_REGION: N_("%(policy)s is for the province, this for the sales area"),
    Verdict.WEAKER_GOODS: N_("%(policy)s names the product more closely"),
    Verdict.EARLIER: N_("%(policy)s was published later"),
}


@blueprint.get("")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
def index() -> str | Response:
    """The question, and its answer when one was asked; without a product the whole price list."""
    asked = {name: request.args.get(name, "").strip() for name in ("dealer", "sku", "quantity", "at")}
    if not asked["dealer"] and not asked["sku"]:
        return page_of_question(asked)
    try:
        if asked["sku"]:
            return page_of_question(asked, answer=_answer(asked))
        dealer_and_moment(asked)
    except Invalid as refusal:
        return page_of_question(asked, refusal=refusal)
    return redirect(url_for("price_lists.index", dealer=asked["dealer"], at=asked["at"] or None))


def page_of_question(
    asked: Mapping[str, str], *, answer: Mapping[str, Any] | None = None, refusal: Invalid | None = None
) -> str:
    """The question as it was asked, with its answer or what is wrong with it."""
    faults = _beside(refusal) if refusal else {}
    return render_template("backoffice/prices/index.html", asked=asked, faults=faults, answer=answer)


def _beside(refusal: Invalid) -> Mapping[str, list[str]]:
    """Words of each fault, by the field it is about."""
    found: dict[str, list[str]] = {}
    for fault in refusal.faults:
        name = fault.pointer.rpartition("/")[2] if fault.pointer.startswith("/lines") else fault.pointer[1:]
        found.setdefault(name, []).append(in_full(fault))
    return found


def dealer_and_moment(asked: Mapping[str, str]) -> tuple[DealerFacts, datetime]:
    """Whom and when the question is about; now, if it names no moment. Raises Invalid."""
    faults = list[Fault]()
    at = typed.field(_moment, asked["at"], "/at", faults) if asked["at"] else clock.now()
    moment = at or clock.now()
    dealer = _dealer(asked["dealer"], clock.business_date(moment, portal().settings.timezone), faults)
    if faults or dealer is None:
        raise Invalid(faults=faults)
    return dealer, moment


def _answer(asked: Mapping[str, str]) -> dict[str, Any]:
    dealer, moment = dealer_and_moment(asked)
    quoted = quote(
        current_session(),
        dealer=dealer,
        wanted=[Wanted(_sku(asked["sku"], moment), asked["quantity"] or "1", "/lines/0")],
        at=moment,
        terms=order_terms(),
    )
    return _shown(quoted, dealer)


def _sku(text: str, at: datetime) -> str:
    """The SKU that was typed or whose code was scanned; what is none is left for the quote to refuse."""
    today = clock.business_date(at, portal().settings.timezone)
    (found,) = scanned_all(current_session(), [text], today=today)
    return found.article.sku if isinstance(found, Scanned) and found.article else text


def _moment(text: object) -> datetime:
    return typed.moment(text, portal().settings.timezone)


def _dealer(code: str, day: date, faults: list[Fault]) -> DealerFacts | None:
    try:
        return load_dealer(current_session(), dealer_id_of(current_session(), code), day=day)
    except NotFound:
        message, fix = N_("There is no %(value)s."), N_("Enter the dealer's code.")
        faults.append(Fault("/dealer", "unknown_dealer", message, fix, {"value": code[:40]}))
        return None


def _shown(quoted: Quote, dealer: DealerFacts) -> dict[str, Any]:
    line = quoted.lines[0]
    rules = considered(line.offer.rules, line.demand.quantity, dealer.region_path)
    return {
        "at": quoted.at,
        "dealer": dealer,
        "line": line,
        "receipt": receipt_in_words(line.price.receipt),
        "gifts": [gift for gift in quoted.lines if gift.is_gift],
        "hints": quoted.promoted.hints(),
        "rules": [(one.rule, _verdict(one.rule, one.verdict, one.by)) for one in rules],
        "region_names": _region_names([one.rule for one in rules]),
        "category_names": {
            category.code: in_language(category.name_zh, category.name_en) for category in categories()
        },
        "total": quoted.total,
        "tax": quoted.tax,
    }


def _region_names(rules: Sequence[RuleInForce]) -> dict[int, str]:
    named = [rule.region_id for rule in rules if rule.region_id is not None]
    regions = regions_by_id(current_session(), named) if named else []
    return {region.id: in_language(region.name_zh, region.name_en) for region in regions}


def _verdict(rule: RuleInForce, verdict: Verdict, by: RuleInForce | None) -> str:
    return gettext(VERDICTS[verdict], policy=by.policy if by else rule.policy, minimum=rule.min_quantities[0])
