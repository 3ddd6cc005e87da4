"""Whether somebody whom a provider vouches for may come in, and as what. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from portal.identity.mail_addresses import mail_faults, plain_mail
from portal.identity.rules import name_faults, plain_name
from portal.providers.claim_rules import Outcome
from portal.providers.mail_domains import domain_of
from portal.providers.refusals import NotLetIn, Why


def mail_of(claims: Mapping[str, Any], *, domains: Collection[str], trusted: bool) -> str:
    """The verified address, in one of the provider's domains. trusted: the provider need not say that it has
    verified it, but must not say that it has not. Raises NotLetIn.
    """
    told = claims.get("email")
    if not isinstance(told, str) or not told:
        raise NotLetIn(Why.NO_MAIL)
    mail = plain_mail(told)
    if mail_faults("", mail):
        raise NotLetIn(Why.NO_MAIL, "the address cannot be read")
    verified = claims.get("email_verified", "unsaid")
    if verified is not True and not (trusted and verified == "unsaid"):
        raise NotLetIn(Why.UNVERIFIED, f"email_verified is {str(verified)[:20]}")
    if domain_of(mail) not in domains:
        raise NotLetIn(Why.MAIL, f"domain is {domain_of(mail)}")
    return mail


def name_of(claims: Mapping[str, Any], mail: str) -> str:
    """How somebody is called: as the provider says where that can be printed, else by the address."""
    for claim in ("name", "preferred_username", "nickname"):
        told = claims.get(claim)
        if isinstance(told, str) and not name_faults("", plain_name(told)):
            return plain_name(told)
    return mail.partition("@")[0]


def why_not_in(outcome: Outcome, *, of_dealer: bool, leads: bool) -> Why | None:
    """Why the rules do not suffice for somebody; None where they do. leads: has the role that no rule gives,
    and comes in by that.
    """
    if leads:
        return None
    if not outcome.roles:
        return Why.NO_RULE
    if not of_dealer and not outcome.everywhere and not outcome.regions:
        return Why.NO_REGION
    return None


def reasons(
    claims: Mapping[str, Any], outcome: Outcome, *, of_dealer: bool, domains: Collection[str], trusted: bool
) -> list[Why]:
    """Everything for which somebody new with these claims would be refused, for whoever tries the rules."""
    found = [] if isinstance(claims.get("sub"), str) and claims["sub"] else [Why.SUBJECT]
    try:
        mail_of(claims, domains=domains, trusted=trusted)
    except NotLetIn as refusal:
        found.append(refusal.why)
    why = why_not_in(outcome, of_dealer=of_dealer, leads=False)
    if why is not None:
        found.append(why)
    elif not outcome.makes:
        found.append(Why.NOT_MADE)
    return found


def was_just_proven(claims: Mapping[str, Any], *, minutes: int, at: datetime) -> bool:
    """Whether a provider says that somebody has proved who they are within so many minutes.

    One that says nothing of it (``auth_time``) may have answered out of a session that was open there: that
    we asked for a proof is in an address, which whoever sits at the browser can shorten.
    """
    proved = claims.get("auth_time")
    if isinstance(proved, bool) or not isinstance(proved, int | float):
        return False
    return at.timestamp() - proved <= minutes * 60
