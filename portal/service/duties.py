"""Teams: who serves what, read, set, and applied to a request that nobody has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.colleagues import Colleague
from portal.identity.rules import name_faults, plain_name
from portal.kernel import locks
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound
from portal.kernel.locks import Rank
from portal.service.duty_rules import DUTIES_MAX, Duty, chosen
from portal.service.handle import give, regions_of, who_can
from portal.service.locked import lock_request
from portal.service.rules import RequestState, ServiceKind
from portal.service.vocabulary import ServiceAction, ServiceRight


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team with its duties."""

    id: int
    name_zh: str
    name_en: str
    lead_id: int | None
    revision: int
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """A team as somebody entered it. duties: person, kind, category and region of each."""

    name_zh: str
    name_en: str
    lead_id: int | None
    duties: Sequence[tuple[int, str, str, str]]


def teams(session: Session) -> list[TeamRow]:
    """The teams that serve, in the order in which they were made: two statements."""
    duties: dict[int, list[Duty]] = {}
    for row in session.execute(_DUTIES):
        duties.setdefault(row.team_id, []).append(Duty(**row._mapping))
    return [TeamRow(**row._mapping, duties=tuple(duties.get(row.id, ()))) for row in session.execute(_TEAMS)]


def set_team(
    session: Session,
    *,
    actor: Actor,
    team_id: int | None,
    revision: int = 0,
    entry: TeamEntry,
    people: Sequence[Colleague],
    at: datetime,
) -> int:
    """Make a team, or write one anew as it was read at `revision`; its id. Without duties it is given up.

    people: who may serve. Raises Invalid with every fault, Conflict when it was overtaken, NotFound,
    Forbidden.
    """
    actor.require(ServiceRight.RULES)
    faults = _faults(session, entry, {one.user_id for one in people})
    if team_id is None and not entry.duties:
        message, fix = N_("A team has at least one duty."), N_("Choose a person.")
        faults.append(Fault("/duties", "no_duties", message, fix))
    if faults:
        raise Invalid(faults=faults)
    _lock_duties(session)
    names = {"name_zh": plain_name(entry.name_zh), "name_en": plain_name(entry.name_en)}
    about = names | {"lead_id": entry.lead_id}
    if team_id is None:
        team_id = session.execute(_NEW, about).scalar_one()
    else:
        _overwrite(session, team_id, revision, about | {"ended_at": None if entry.duties else at})
    for place, (user_id, kind, category, region) in enumerate(entry.duties, start=1):
        duty = {"user_id": user_id, "kind": kind, "category": category, "region": region}
        session.execute(_DUTY, duty | {"team_id": team_id, "place": place})
    after = names | {"lead": entry.lead_id, "duties": [list(one) for one in entry.duties]}
    record(session, ServiceAction.TEAM_SET, str(team_id), actor=actor, dealer_id=None, after=after)
    return team_id


def assign_by_rule(session: Session, *, actor: Actor, number: str, at: datetime) -> str | None:
    """Give a request that nobody has to the least loaded of those who serve such; the name, None for nobody.

    Requests are given one after another, so that of two at once not both go to the same person. What somebody
    has, or is over, stays. Raises NotFound, Forbidden.
    """
    actor.require(ServiceRight.DESK)
    _lock_duties(session)
    request = lock_request(session, number)
    if request.state is not RequestState.NEW or request.assignee_id is not None:
        return None
    people = {one.user_id: one for one in who_can(session, request.region_id)}
    categories = frozenset(session.execute(_CATEGORIES, {"code": request.category}).scalars())
    loads = session.execute(_LOADS, {"people": list(people)})
    duty = chosen(
        [one for team in teams(session) for one in team.duties],
        kind=str(request.kind),
        categories=categories,
        regions=regions_of(session, request.region_id),
        loads={row.assignee_id: row.requests for row in loads},
        able=people,
    )
    if duty is None:
        return None
    person = people[duty.user_id]
    give(session, request, person, lead_id=duty.lead_id, actor=actor, at=at)
    return person.name


def assign_by_rule_now(session: Session, *, actor: Actor, number: str, at: datetime) -> str:
    """The same for who asks and waits. Raises Conflict when nobody gets it, NotFound, Forbidden."""
    name = assign_by_rule(session, actor=actor, number=number, at=at)
    if name is None:
        raise Conflict(
            "nobody_serves",
            N_("The rules name nobody for this request, or somebody has it already."),
            fix=N_("Choose a person."),
        )
    return name


def _lock_duties(session: Session) -> None:
    locks.take(session, Rank.REQUEST, [(0, 0)])
    session.execute(_GATE)


def _overwrite(session: Session, team_id: int, revision: int, about: dict[str, object]) -> None:
    now = session.execute(_REVISION, {"id": team_id}).scalar_one_or_none()
    if now is None:
        raise NotFound()
    if now != revision:
        raise Conflict(
            "edited_meanwhile",
            N_("Somebody else has changed this team meanwhile."),
            fix=N_("Look at it as it is now, and change it again."),
        )
    session.execute(_EDIT, about | {"id": team_id})
    session.execute(_CLEAR, {"id": team_id})


def _faults(session: Session, entry: TeamEntry, people: set[int]) -> list[Fault]:
    faults = name_faults("/name_zh", plain_name(entry.name_zh))
    faults += name_faults("/name_en", plain_name(entry.name_en))
    if entry.lead_id is not None and entry.lead_id not in people:
        message, fix = N_("There is no such person."), N_("Choose one from the list.")
        faults.append(Fault("/lead", "unknown_person", message, fix))
    if len(entry.duties) > DUTIES_MAX:
        message, fix = N_("A team has at most %(most)s duties."), N_("Make another team.")
        faults.append(Fault("/duties", "too_many", message, fix, {"most": DUTIES_MAX}))
        return faults
    known = session.execute(_KNOWN).one()
    for place, (user_id, kind, category, region) in enumerate(entry.duties):
        for name, wrong in (
            ("person", user_id not in people),
            ("kind", kind not in ("", *ServiceKind)),
            ("category", bool(category) and category not in known.categories),
            ("region", bool(region) and region not in known.regions),
        ):
            if wrong:
                message, fix = N_("This is not in the list."), N_("Choose one from the list.")
                faults.append(Fault(f"/duties/{place}/{name}", "unknown", message, fix))
    return faults


_TEAMS = text(
    "SELECT id, name_zh, name_en, lead_id, revision FROM service_team WHERE ended_at IS NULL ORDER BY id"
)
_DUTIES = text(
    """
    SELECT d.team_id, d.user_id, coalesce(d.kind, '') AS kind, d.category, d.region, t.lead_id
      FROM service_duty d JOIN service_team t ON t.id = d.team_id
     WHERE t.ended_at IS NULL ORDER BY d.team_id, d.place
    """
)
_GATE = text("SELECT pg_advisory_xact_lock(hashtext('service duties'))")
_REVISION = text("SELECT revision FROM service_team WHERE id = :id AND ended_at IS NULL")
_NEW = text(
    "INSERT INTO service_team (name_zh, name_en, lead_id) VALUES (:name_zh, :name_en, :lead_id) RETURNING id"
)
_EDIT = text(
    """
    UPDATE service_team SET name_zh = :name_zh, name_en = :name_en, lead_id = :lead_id,
           revision = revision + 1, ended_at = :ended_at WHERE id = :id
    """
)
_CLEAR = text("DELETE FROM service_duty WHERE team_id = :id")
_DUTY = text(
    """
    INSERT INTO service_duty (team_id, place, user_id, kind, category, region)
    VALUES (:team_id, :place, :user_id, nullif(:kind, ''), :category, :region)
    """
)
_KNOWN = text(
    """
    SELECT ARRAY(SELECT code FROM category) AS categories, ARRAY(SELECT code FROM region) AS regions
    """
)
_CATEGORIES = text(
    """
    WITH RECURSIVE above AS (
      SELECT code, parent_code FROM category WHERE code = :code
       UNION
      SELECT c.code, c.parent_code FROM category c JOIN above a ON c.code = a.parent_code)
    SELECT code FROM above
    """
)
_LOADS = text(
    """
    SELECT assignee_id, count(*) AS requests FROM service_request
     WHERE assignee_id = ANY (CAST(:people AS bigint[]))
       AND state IN ('new', 'assigned', 'in_progress', 'waiting')
     GROUP BY assignee_id
    """
)
