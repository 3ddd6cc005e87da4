"""What forms of company sign-in say."""

from __future__ import annotations

from portal.dealers.queries import dealer_id_of
from portal.kernel.errors import N_, Fault, Invalid, NotFound
from portal.providers.claim_rules import RULES_MAX, ClaimRule
from portal.providers.keep_provider import Wanted
from portal.web.forms import Flag, Form, OwnNumber, Stripped
from portal.web.request import current_actor, current_session, portal, request

BLANK_ROWS = 2
"""Rows without a rule that a form offers."""


class ProviderForm(Form):
    """Where a provider is, and what the portal is there."""

    name: Stripped
    dealer: Stripped
    issuer: Stripped
    client_id: Stripped
    client_secret: Stripped
    domains: str
    mail_trusted: Flag
    revision: OwnNumber


class RulesForm(Form):
    """What claims give; its rows are read one by one. sample: claims to try them on."""

    revision: OwnNumber
    sample: str


def owner_of(form: ProviderForm) -> int | None:
    """Whose provider it is; of an owner its own dealer's, whatever the form says. Raises Invalid."""
    actor = current_actor()
    if not actor.is_staff or not form.dealer:
        return actor.dealer_id
    try:
        return dealer_id_of(current_session(), form.dealer)
    except NotFound:
        raise Invalid(faults=[Fault("/dealer", "unknown_dealer", N_("There is no such dealer."))]) from None


def wanted_of(form: ProviderForm, *, of_dealer: bool) -> Wanted:
    """What somebody says of a provider of a dealer, or of headquarters."""
    return Wanted(
        form.name,
        form.issuer,
        form.client_id,
        form.domains.replace(",", " ").replace("，", " ").split(),
        form.client_secret,
        form.mail_trusted,
        bool(portal().settings.provider_networks(dealers=of_dealer)),
    )


def rows_of_form() -> list[ClaimRule]:
    """The rules of the form; a row without a claim and a value is none."""
    form = request.form
    rows = []
    for place in range(RULES_MAX + BLANK_ROWS):
        claim, value = (form.get(f"{name}-{place}", "").strip() for name in ("claim", "value"))
        if claim or value:
            codes = form.get(f"regions-{place}", "").replace(",", " ").replace("，", " ").split()
            rows.append(
                ClaimRule(
                    claim,
                    form.get(f"test-{place}", ""),
                    value,
                    tuple(dict.fromkeys(form.getlist(f"role-{place}"))),
                    tuple(dict.fromkeys(codes)),
                    f"everywhere-{place}" in form,
                    f"makes-{place}" in form,
                )
            )
    return rows
