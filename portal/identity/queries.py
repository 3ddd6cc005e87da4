"""Who somebody is, in one statement: the account with its roles, dealer and regions, or nobody.

"Nobody" covers unknown, disabled, signed out, and everyone of a closed dealer. A suspended dealer's people come in:
they still have statements to read; orders refuse them with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from portal.dealers.models import Dealer
from portal.identity.models import ApiClient, Region, UserAccount, UserSession
from portal.identity.rules import Actor, rights_of


@dataclass(frozen=True, slots=True)
class Person:
    """A user who may come in. `company_zh` and `company_en` are empty for headquarters."""

    id: int
    email: str
    display_name: str
    locale: str
    roles: tuple[str, ...]
    dealer_id: int | None
    region_ids: tuple[int, ...] | None
    company_zh: str
    company_en: str
    dealer_state: str

    @property
    def subject(self) -> str:
        """How tokens and the audit name this person."""
        return f"user:{self.id}"

    def get_user_id(self) -> str:
        """The subject, by the name under which Authlib asks for it."""
        return self.subject

    def actor(self) -> Actor:
        """As a verb wants to know who acts."""
        roles = frozenset(self.roles)
        return Actor(
            label=self.display_name,
            rights=rights_of(roles),
            user_id=self.id,
            dealer_id=self.dealer_id,
            region_ids=self.region_ids,
            roles=roles,
            locale=self.locale,
        )


@dataclass(frozen=True, slots=True)
class Client:
    """An API client that may call."""

    id: int
    client_id: str
    name: str
    secret_hash: str
    scopes: tuple[str, ...]
    dealer_id: int | None

    def actor(self) -> Actor:
        """As a verb wants to know who acts. Headquarters' clients see every region."""
        return Actor(
            label=self.name,
            rights=frozenset(self.scopes),
            client_id=self.id,
            dealer_id=self.dealer_id,
            region_ids=None if self.dealer_id is None else (),
        )


def person(session: Session, user_id: int) -> Person | None:
    """The person of an account."""
    return _one_person(session, _people().where(UserAccount.id == user_id))


def person_of_session(session: Session, *, user_id: int, secret_hash: str, at: datetime) -> Person | None:
    """The person of a sign-in that has neither ended nor run out."""
    mine = _people().join(UserSession, UserSession.user_id == UserAccount.id)
    alive = mine.where(UserSession.secret_hash == secret_hash, UserSession.ended_at.is_(None), UserSession.expires_at > at)
    return _one_person(session, alive.where(UserAccount.id == user_id))


def client(session: Session, client_id: str) -> Client | None:
    """The API client of an identifier."""
    row = session.execute(
        select(
            ApiClient.id, ApiClient.client_id, ApiClient.name, ApiClient.secret_hash, ApiClient.scopes, ApiClient.dealer_id
        )
        .outerjoin(Dealer, Dealer.id == ApiClient.dealer_id)
        .where(ApiClient.client_id == client_id, ApiClient.disabled_at.is_(None), _belongs_somewhere(ApiClient))
    ).one_or_none()
    if row is None:
        return None
    return Client(row.id, row.client_id, row.name, row.secret_hash, tuple(row.scopes), row.dealer_id)


def _people() -> Select:
    return (
        select(
            UserAccount.id,
            UserAccount.email,
            UserAccount.display_name,
            UserAccount.locale,
            UserAccount.roles,
            UserAccount.dealer_id,
            UserAccount.all_regions,
            _reachable_regions().label("region_ids"),
            func.coalesce(Dealer.name_zh, "").label("company_zh"),
            func.coalesce(Dealer.name_en, "").label("company_en"),
            func.coalesce(Dealer.state, "").label("dealer_state"),
        )
        .outerjoin(Dealer, Dealer.id == UserAccount.dealer_id)
        .where(UserAccount.disabled_at.is_(None), _belongs_somewhere(UserAccount))
    )


def _belongs_somewhere(account: type[UserAccount] | type[ApiClient]):
    """Headquarters, or a dealer that is not closed. A dealer row hidden by the scope counts as none."""
    return or_(account.dealer_id.is_(None), Dealer.state != "closed")


def _reachable_regions():
    """The regions an employee was given and the provinces below them."""
    given = UserAccount.region_ids
    reached = select(Region.id).where(or_(Region.id == given.any_(), Region.parent_id == given.any_()))
    return func.array(reached.order_by(Region.id).correlate(UserAccount).scalar_subquery())


def _one_person(session: Session, statement: Select) -> Person | None:
    row: Row | None = session.execute(statement).one_or_none()
    if row is None:
        return None
    return Person(
        id=row.id,
        email=row.email,
        display_name=row.display_name,
        locale=row.locale,
        roles=tuple(row.roles),
        dealer_id=row.dealer_id,
        region_ids=None if row.all_regions else tuple(row.region_ids),
        company_zh=row.company_zh,
        company_en=row.company_en,
        dealer_state=row.dealer_state,
    )
