"""Providers in tests: made, tried and switched on by those who may, and people who come in by them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from portal.kernel.actor import Actor
from portal.kernel.db import Database, transaction
from portal.providers.claim_rules import ClaimRule
from portal.providers.keep_provider import Wanted, create_provider, note_trial, set_rules
from portal.providers.switch_provider import turn_on
from tests import cast
from tests.roles import Dealer
from tests.web_clients import Visitor

CLIENT = "tonglu"
BUYERS = ClaimRule("groups", "is", "buyers", ("dealer_buyer",), makes=True)
FINANCE = ClaimRule("groups", "is", "finance", ("dealer_finance",))
DESK = ClaimRule("groups", "is", "desk", ("order_desk",), ("east",), makes=True)


def a_provider(
    issuer: Database,
    address: str,
    dealer: Dealer | None = cast.huadong,
    *,
    rules: tuple[ClaimRule, ...] | None = None,
    on: bool = True,
    by: Actor | None = None,
    **changes: Any,
) -> str:
    """The handle of a provider of Huadong, or of another side, that stands at an address."""
    actor = by or (dealer.boss if dealer else cast.administrator).actor()
    code = dealer.code if dealer else "hq"
    fields = {
        "name": f"Company {code}",
        "issuer": address,
        "client_id": CLIENT,
        "client_secret": "a-secret-there",
        "domains": [f"{code}.example"],
        "plain": True,
    }
    given = rules if rules is not None else (BUYERS, FINANCE) if dealer else (DESK,)
    with transaction(issuer.session_for(actor)) as session:
        handle = create_provider(
            session,
            actor=actor,
            wanted=Wanted(**(fields | changes)),
            dealer_id=dealer.id if dealer else None,
            at=cast.NOW,
        )
        codes = ["east", "south", "31", "32", "44"]
        set_rules(session, actor=actor, handle=handle, revision=None, rules=given, known_regions=codes)
        if on:
            switch_on(session, actor, handle, f"trial@{(fields | changes)['domains'][0]}")
    return handle


def switch_on(session: Any, actor: Actor, handle: str, mail: str) -> None:
    """Tried and on."""
    claims = {"sub": "trial", "email": mail, "email_verified": True}
    number = session.scalar(
        text("SELECT connection FROM identity_provider WHERE handle = :handle"), {"handle": handle}
    )
    note_trial(session, actor=actor, handle=handle, connection=number, claims=claims, at=cast.NOW)
    turn_on(session, actor=actor, handle=handle)


def come_in(visitor: Visitor, other: Any, handle: str, sub: str, wanted: str = "") -> Any:
    """Walk from the portal to the provider and back; the answer of the callback."""
    there = visitor.get(f"/login/company/{handle}", query_string={"next": wanted} if wanted else {})
    assert there.status_code == 302, there.get_data(as_text=True)
    return visitor.get(other.sign_in(there.headers["Location"], sub))


def account_of(owner: Connection, mail: str) -> Any:
    """The account with an address, or None."""
    return owner.execute(text("SELECT * FROM user_account WHERE email = :mail"), {"mail": mail}).one_or_none()


def code_of(answer: Any) -> str:
    """The code that the page of a refused sign-in shows."""
    page = answer.get_data(as_text=True)
    return page.partition('class="muted code">')[2].partition("<")[0]
