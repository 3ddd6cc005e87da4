"""The people of a dealer or of headquarters, and who was invited, for whoever manages them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.identity.people_rules import InvitationState, invitation_state
from portal.identity.queries import CUSTOM_NAMES
from portal.identity.vocabulary import IdentityRight
from portal.kernel import paging
from portal.kernel.actor import Actor
from portal.kernel.db import Record, sealer_of
from portal.kernel.errors import NotFound
from portal.kernel.opaque import Sealer
from portal.kernel.paging import Page
from portal.kernel.search_pattern import containing_text

PERSON, INVITED = "person", "invited"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody with an account. key: opaque, of its page. dealer_code: empty for headquarters. custom_names:
    of the roles among those of the person that its side composed itself.
    """

    id: int
    key: str
    email: str
    name: str
    roles: tuple[str, ...]
    custom_names: tuple[str, ...]
    region_ids: tuple[int, ...]
    all_regions: bool
    dealer_id: int | None
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    created_at: datetime
    disabled_at: datetime | None
    signed_in_at: datetime | None
    has_second_factor: bool

    @property
    def state(self) -> str:
        """As its badge says it."""
        return "active" if self.disabled_at is None else "deactivated"


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """Somebody who was invited. key: opaque, of its acts. custom_names: as of a person."""

    id: int
    key: str
    email: str
    name: str
    roles: tuple[str, ...]
    custom_names: tuple[str, ...]
    dealer_id: int | None
    dealer_code: str
    dealer_zh: str
    dealer_en: str
    invited_by_label: str
    sent_at: datetime
    expires_at: datetime
    state: InvitationState


def require_manager(actor: Actor, dealer_id: int | None) -> None:
    """Raise Forbidden for who manages nobody, NotFound for who does not manage this side's people.

    An owner manages those of its dealer, an administrator those of headquarters and of every dealer.
    """
    actor.require(IdentityRight.ADMINISTER if actor.is_staff else IdentityRight.PEOPLE)
    if not actor.is_staff and dealer_id != actor.dealer_id:
        raise NotFound()


def person_key(sealer: Sealer, user_id: int) -> str:
    """A person in an address."""
    return sealer.seal(PERSON, [user_id])


def opened_person(session: Session, key: str) -> int:
    """The account of a key. Raises NotFound."""
    return _opened(session, PERSON, key)


def opened_invitation(session: Session, key: str) -> int:
    """The invitation of a key. Raises NotFound."""
    return _opened(session, INVITED, key)


def people(
    session: Session,
    *,
    actor: Actor,
    q: str = "",
    side: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PersonRow]:
    """People by name, headquarters' before dealers'. q: part of a name, a mail or a dealer's. side: ``hq`` or
    a dealer's code. Needs a session of the issuer. Raises Forbidden, Invalid for a foreign cursor.
    """
    require_manager(actor, actor.dealer_id)
    found = paging.cursors(session, "people", str, int)
    place = found.place_of(cursor)
    back = place is not None and place.back
    name, last_id = place.key if place else ("", 0)
    parameters = {
        "dealer_id": actor.dealer_id,
        "q": containing_text(q) if q else "",
        "side": side,
        "from_key": name,
        "from_id": last_id,
        "limit": limit + 1,
    }
    statement = _BEFORE if back else _AFTER
    rows = session.execute(statement, parameters).all()
    sealer = sealer_of(session)
    return found.page_of([_person(row, sealer) for row in rows], limit, lambda row: (row.name, row.id), place)


def person_row(session: Session, *, actor: Actor, user_id: int) -> PersonRow:
    """One of the people whom the actor manages. Raises NotFound, Forbidden."""
    require_manager(actor, actor.dealer_id)
    row = session.execute(_ONE, {"user_id": user_id, "dealer_id": actor.dealer_id}).one_or_none()
    if row is None:
        raise NotFound()
    return _person(row, sealer_of(session))


def invitations(session: Session, *, actor: Actor, at: datetime, most: int = 200) -> list[InvitationRow]:
    """Who was invited, the latest first: those that wait, and what became of the others in a month."""
    require_manager(actor, actor.dealer_id)
    rows = session.execute(_INVITATIONS, {"dealer_id": actor.dealer_id, "at": at, "most": most})
    return [_invitation(row, sealer_of(session), at) for row in rows]


def invitation_row(session: Session, *, actor: Actor, invitation_id: int, at: datetime) -> InvitationRow:
    """One of them. Raises NotFound, Forbidden."""
    require_manager(actor, actor.dealer_id)
    about = {"id": invitation_id, "dealer_id": actor.dealer_id}
    row = session.execute(_INVITATION, about).one_or_none()
    if row is None:
        raise NotFound()
    return _invitation(row, sealer_of(session), at)


def successors(rows: Sequence[PersonRow], leaver: PersonRow) -> list[PersonRow]:
    """To whom somebody's roles may be handed: who may come in, of the same side."""
    return [
        row
        for row in rows
        if row.disabled_at is None and row.id != leaver.id and row.dealer_id == leaver.dealer_id
    ]


def colleagues_of(session: Session, *, actor: Actor, leaver: PersonRow) -> list[PersonRow]:
    """The people of the leaver's side, by name; at most 200."""
    require_manager(actor, actor.dealer_id)
    side = "hq" if leaver.dealer_id is None else leaver.dealer_code
    return successors(people(session, actor=actor, side=side, limit=200).items, leaver)


def _opened(session: Session, purpose: str, key: str) -> int:
    try:
        return int(sealer_of(session).open(purpose, key)[0])
    except ValueError:
        raise NotFound() from None


def _person(row: Record, sealer: Sealer) -> PersonRow:
    return PersonRow(
        id=row.id,
        key=person_key(sealer, row.id),
        email=row.email,
        name=row.display_name,
        roles=tuple(row.roles),
        custom_names=tuple(row.custom_names),
        region_ids=tuple(row.region_ids),
        all_regions=row.all_regions,
        dealer_id=row.dealer_id,
        dealer_code=row.dealer_code,
        dealer_zh=row.dealer_zh,
        dealer_en=row.dealer_en,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        signed_in_at=row.signed_in_at,
        has_second_factor=row.has_second_factor,
    )


def _invitation(row: Record, sealer: Sealer, at: datetime) -> InvitationRow:
    return InvitationRow(
        id=row.id,
        key=sealer.seal(INVITED, [row.id]),
        email=row.email,
        name=row.display_name,
        roles=tuple(row.roles),
        custom_names=tuple(row.custom_names),
        dealer_id=row.dealer_id,
        dealer_code=row.dealer_code,
        dealer_zh=row.dealer_zh,
        dealer_en=row.dealer_en,
        invited_by_label=row.invited_by_label,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        state=invitation_state(
            accepted_at=row.accepted_at, revoked_at=row.revoked_at, expires_at=row.expires_at, at=at
        ),
    )


_NAMES = (
    "coalesce(d.code, '') AS dealer_code, coalesce(d.name_zh, '') AS dealer_zh,"
    " coalesce(d.name_en, '') AS dealer_en"
)
# A dealer's own people, or everybody for headquarters.
_MANAGED = "(CAST(:dealer_id AS bigint) IS NULL OR a.dealer_id = :dealer_id)"
_PEOPLE = f"""
    SELECT a.id, a.email, a.display_name, a.roles, a.region_ids, a.all_regions, a.dealer_id, a.created_at,
           a.disabled_at, a.has_second_factor, {_NAMES}, {CUSTOM_NAMES.format("a")} AS custom_names,
           (SELECT max(s.at) FROM sign_in s WHERE s.user_id = a.id) AS signed_in_at
      FROM user_account a LEFT JOIN dealer d ON d.id = a.dealer_id
     WHERE {_MANAGED}
"""
_SOUGHT = """
       AND (:side = '' OR (:side = 'hq' AND a.dealer_id IS NULL) OR d.code = :side)
       AND (:q = '' OR a.display_name ILIKE :q OR a.email ILIKE :q
            OR d.name_zh ILIKE :q OR d.name_en ILIKE :q OR d.code ILIKE :q)
"""
_AFTER = text(
    f"{_PEOPLE} {_SOUGHT} AND (a.display_name, a.id) > (:from_key, :from_id)"
    " ORDER BY a.display_name, a.id LIMIT :limit"
)
_BEFORE = text(
    f"{_PEOPLE} {_SOUGHT} AND (a.display_name, a.id) < (:from_key, :from_id)"
    " ORDER BY a.display_name DESC, a.id DESC LIMIT :limit"
)
_ONE = text(f"{_PEOPLE} AND a.id = :user_id")
_INVITED = f"""
    SELECT a.id, a.email, a.display_name, a.roles, a.dealer_id, a.invited_by_label, a.sent_at, a.expires_at,
           a.accepted_at, a.revoked_at, {_NAMES}, {CUSTOM_NAMES.format("a")} AS custom_names
      FROM invitation a LEFT JOIN dealer d ON d.id = a.dealer_id
     WHERE {_MANAGED}
"""
_INVITATIONS = text(
    f"""
    {_INVITED}
       AND ((a.accepted_at IS NULL AND a.revoked_at IS NULL)
            OR coalesce(a.accepted_at, a.revoked_at) > CAST(:at AS timestamptz) - interval '30 days')
     ORDER BY a.id DESC LIMIT :most
    """
)
_INVITATION = text(f"{_INVITED} AND a.id = :id")
