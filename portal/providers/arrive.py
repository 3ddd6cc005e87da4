"""Somebody comes back from a provider with claims that are true: which account is theirs, and as what.

Claims never open an account that is there already: whoever has one links it, once, by signing in to it. And a
provider opens accounts of its own side alone, as the database says too (TL106).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.end_sign_ins import end_sign_ins
from portal.identity.outside_accounts import account_with_mail, follow_claims, hold_account, make_account
from portal.identity.people_rules import leading_role
from portal.identity.queries import Person
from portal.kernel.actor import ANONYMOUS
from portal.kernel.db import sealer_of
from portal.providers.arrivals import mail_of, name_of, why_not_in
from portal.providers.claim_rules import Outcome, outcome_of
from portal.providers.models import ProviderAccount, ProviderSession
from portal.providers.queries import Provider, provider_by_handle, region_codes
from portal.providers.refusals import NotLetIn, Why
from portal.providers.vocabulary import ProviderAction, ProviderState

LINK_LIFE = timedelta(minutes=10)
_LINKING = "provider link"
_HINT = "provider hint"
_HINT_MAX = 6000

# Who keeps a provider waits for those who are coming in by it, and they for the keeper.
_STAYS = text("SELECT id FROM identity_provider WHERE handle = :handle FOR SHARE")
# Of two who come for the first time one waits for the other.
_FIRST_ONES = text("SELECT pg_advisory_xact_lock(:lock, CAST(:id AS integer))")
_LOCK = 0x70726F76
_LINKED = text(
    """
    SELECT user_id FROM provider_account WHERE provider_id = :provider_id AND subject = :subject
       FOR NO KEY UPDATE
    """
)
_SIGNED_OUT = text(
    """
    SELECT EXISTS (
      SELECT FROM provider_logout
       WHERE provider_id = :provider_id
         AND ((sid <> '' AND sid = :sid) OR (sid = '' AND subject = :subject AND issued_at >= :issued_at)))
    """
)


@dataclass(frozen=True, slots=True)
class ToLink:
    """An account that is there already and not linked yet: its person proves it. sealed: what to remember."""

    sealed: str


class NotAnyMore(NotLetIn):
    """Somebody who came in by the provider until now does not any more; what was begun has been ended, and
    that must be kept though it is a refusal.
    """


def arrive(
    session: Session,
    *,
    handle: str,
    connection: int,
    claims: Mapping[str, Any],
    locale: str,
    at: datetime,
) -> int | ToLink:
    """The account of whoever came, its roles as the claims say now; or one that is still to be linked.

    connection: that with which the sign-in was begun. Needs a session that sees every account. Raises
    NotLetIn.
    """
    provider = _that_stays(session, handle)
    if provider is None or provider.state != ProviderState.ON or provider.connection != connection:
        raise NotLetIn(Why.OFF)
    subject = str(claims["sub"])
    outcome = outcome_of(
        provider.rules,
        claims,
        of_dealer=provider.of_dealer,
        known_regions=region_codes(session),
    )
    user_id = _linked(session, provider, subject)
    if user_id is None:
        mail = mail_of(claims, domains=provider.domains, trusted=provider.mail_trusted)
        session.execute(_FIRST_ONES, {"lock": _LOCK, "id": provider.id})
        user_id = _linked(session, provider, subject)
        if user_id is None:
            made = _first(session, provider, subject, claims, mail, outcome, locale, at)
            if isinstance(made, ToLink):
                return made
            user_id = made
    _keep_up(session, provider, user_id, outcome, at)
    if _was_signed_out(session, provider, subject, claims):
        raise NotLetIn(Why.SIGNED_OUT)
    session.execute(
        update(ProviderAccount)
        .where(ProviderAccount.provider_id == provider.id, ProviderAccount.subject == subject)
        .values(signed_in_at=at)
    )
    return user_id


def note_session(
    session: Session,
    *,
    handle: str,
    session_hash: str,
    claims: Mapping[str, Any],
    hint: str,
    end_session_endpoint: str,
) -> None:
    """A session of a browser began by a sign-in there, and ends with it."""
    provider = provider_by_handle(session, handle)
    if provider is None:
        raise NotLetIn(Why.OFF)
    kept = sealer_of(session).seal(_HINT, [hint]) if len(hint) <= _HINT_MAX else ""
    session.execute(
        insert(ProviderSession).values(
            session_hash=session_hash,
            provider_id=provider.id,
            subject=str(claims["sub"]),
            sid=_sid(claims),
            hint_sealed=kept,
            end_session_endpoint=end_session_endpoint,
        )
    )


def to_sign_out_there(session: Session, session_hash: str) -> tuple[str, str, str] | None:
    """Where the person of a session signs out at the provider, the ID token for it and who we are there;
    None for a session that did not begin at one, or one that offers no sign-out.
    """
    row = session.execute(_LEAVING, {"session_hash": session_hash}).one_or_none()
    if row is None or not row.end_session_endpoint:
        return None
    try:
        hint = str(sealer_of(session).open(_HINT, row.hint_sealed)[0])
    except ValueError:
        hint = ""
    return row.end_session_endpoint, hint, row.client_id


def link_account(session: Session, *, sealed: str, person: Person, at: datetime) -> bool:
    """Link the account of a person who has just signed in to it, if it is the one that was to be linked.

    Whether it was. From then on its provider signs it in. Needs a session that sees every account.
    """
    try:
        handle, subject, user_id, until = sealer_of(session).open(_LINKING, sealed)
    except ValueError:
        return False
    provider = _that_stays(session, handle)
    if provider is None or provider.state != ProviderState.ON or user_id != person.id:
        return False
    if at.timestamp() > until or provider.dealer_id != person.dealer_id:
        return False
    session.execute(_FIRST_ONES, {"lock": _LOCK, "id": provider.id})
    if _linked(session, provider, subject) is not None or _has_link(session, person.id):
        return False
    _link(session, provider, subject, person.id, at)
    return True


def proven(session: Session, *, handle: str, claims: Mapping[str, Any]) -> int | None:
    """Whose account it is that somebody proved at a provider once more; None for nobody's."""
    provider = provider_by_handle(session, handle)
    if provider is None or provider.state != ProviderState.ON:
        return None
    return _linked(session, provider, str(claims["sub"]))


def _first(
    session: Session,
    provider: Provider,
    subject: str,
    claims: Mapping[str, Any],
    mail: str,
    outcome: Outcome,
    locale: str,
    at: datetime,
) -> int | ToLink:
    """Whoever comes for the first time: an account to link, or a new one where a rule allows it."""
    known = account_with_mail(session, mail)
    if known is not None:
        if known.dealer_id != provider.dealer_id or _has_link(session, known.id):
            raise NotLetIn(Why.ELSEWHERE)
        until = int((at + LINK_LIFE).timestamp())
        return ToLink(sealer_of(session).seal(_LINKING, [provider.handle, subject, known.id, until]))
    why = why_not_in(outcome, of_dealer=provider.of_dealer, leads=False)
    if why is not None or not outcome.makes:
        raise NotLetIn(why or Why.NOT_MADE)
    user_id = make_account(
        session,
        email=mail,
        name=name_of(claims, mail),
        roles=outcome.roles,
        dealer_id=provider.dealer_id,
        region_ids=_ids(session, outcome.regions),
        all_regions=outcome.everywhere,
        locale=locale,
        by=f"provider:{provider.handle}",
    )
    _link(session, provider, subject, user_id, at)
    return user_id


def _keep_up(session: Session, provider: Provider, user_id: int, outcome: Outcome, at: datetime) -> None:
    """Roles and regions become what the claims give; who is given none is signed out everywhere."""
    account = hold_account(session, user_id)
    if account is None or account.disabled_at is not None or account.dealer_id != provider.dealer_id:
        raise NotLetIn(Why.SHUT_OUT)
    if provider.rules_by == user_id and not provider.of_dealer:
        return  # nobody of headquarters gives themselves roles, not by a rule either
    leads = leading_role(of_dealer=provider.of_dealer) in account.roles
    why = why_not_in(outcome, of_dealer=provider.of_dealer, leads=leads)
    if why is not None:
        end_sign_ins(session, user_id, at=at)
        raise NotAnyMore(why)
    has_regions = outcome.everywhere or bool(outcome.regions)
    follow_claims(
        session,
        account,
        roles=outcome.roles_beside(account.roles, of_dealer=provider.of_dealer),
        region_ids=_ids(session, outcome.regions) if has_regions else account.region_ids,
        all_regions=outcome.everywhere if has_regions else account.all_regions,
        by=f"provider:{provider.handle}",
    )


def _that_stays(session: Session, handle: str) -> Provider | None:
    """The provider, which nobody changes or switches off until the transaction ends."""
    if "\x00" in handle:
        return None
    session.execute(_STAYS, {"handle": handle})
    return provider_by_handle(session, handle)


def _linked(session: Session, provider: Provider, subject: str) -> int | None:
    found: int | None = session.scalar(_LINKED, {"provider_id": provider.id, "subject": subject})
    return found


def _has_link(session: Session, user_id: int) -> bool:
    found = select(ProviderAccount.user_id).where(ProviderAccount.user_id == user_id)
    return session.scalar(found) is not None


def _link(session: Session, provider: Provider, subject: str, user_id: int, at: datetime) -> None:
    session.execute(
        insert(ProviderAccount).values(
            provider_id=provider.id,
            subject=subject,
            user_id=user_id,
            dealer_id=provider.dealer_id,
            linked_at=at,
        )
    )
    record(
        session,
        ProviderAction.ACCOUNT_LINKED,
        f"provider:{provider.handle}",
        actor=ANONYMOUS,
        dealer_id=provider.dealer_id,
        after={"user": f"user:{user_id}"},
    )


def _was_signed_out(session: Session, provider: Provider, subject: str, claims: Mapping[str, Any]) -> bool:
    issued_at = datetime.fromtimestamp(float(claims["iat"]), UTC)
    about = {
        "provider_id": provider.id,
        "sid": _sid(claims),
        "subject": subject,
        "issued_at": issued_at,
    }
    return bool(session.scalar(_SIGNED_OUT, about))


def _sid(claims: Mapping[str, Any]) -> str:
    sid = claims.get("sid", "")
    return sid if isinstance(sid, str) and len(sid) <= 255 and "\x00" not in sid else ""


def _ids(session: Session, codes: Sequence[str]) -> list[int]:
    known = region_codes(session)
    return sorted(known[code] for code in codes)


_LEAVING = text(
    """
    SELECT s.hint_sealed, s.end_session_endpoint, p.client_id
      FROM provider_session s JOIN identity_provider p ON p.id = s.provider_id
     WHERE s.session_hash = :session_hash AND p.state = 'on'
    """
)
