"""Headquarters enters its groups' robots, and the gateway for text messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.kernel.actor import Actor
from portal.kernel.db import rows_changed
from portal.kernel.errors import N_, Conflict, Fault, Forbidden, Invalid, NotFound
from portal.kernel.out_addresses import AddressRefused, destination
from portal.kernel.registry import registry
from portal.notifications.channels import Kind, Message, Outcome, Refused
from portal.notifications.channels.sms import body_faults
from portal.notifications.robots import ROBOT_COLUMNS, Robot, set_failed, set_sent
from portal.notifications.sending import Way, sender
from portal.notifications.vocabulary import NotificationAction, NotificationRight

NAME_MAX = 60
ROBOTS_MAX = 50
_SECRET_MAX = 200
_ROBOTS = text(f"SELECT {ROBOT_COLUMNS} FROM robot ORDER BY name LIMIT {ROBOTS_MAX}")
_ROBOT = text(f"SELECT {ROBOT_COLUMNS} FROM robot WHERE id = :id")
_COUNT = text("SELECT count(*) FROM robot")
_ADD = text(
    """
    INSERT INTO robot (name, kind, locale, host, sealed, body, events, quiet_from, quiet_until, is_active,
                       revision)
    VALUES (:name, :kind, :locale, :host, :sealed, :body, :events, :quiet_from, :quiet_until, :is_active, 1)
    RETURNING id
    """
)
_CHANGE = text(
    """
    UPDATE robot SET name = :name, locale = :locale, host = :host, sealed = :sealed, body = :body,
                     events = :events, quiet_from = :quiet_from, quiet_until = :quiet_until,
                     is_active = :is_active, revision = revision + 1
     WHERE id = :id AND revision = :revision
    """
)


@dataclass(frozen=True, slots=True)
class Entered:
    """A robot as it is entered. url and secret: empty keeps what there is."""

    name: str
    kind: str
    locale: str
    url: str
    secret: str
    body: str
    events: Sequence[str]
    quiet_from: time | None
    quiet_until: time | None
    is_active: bool


def robots(session: Session, *, actor: Actor) -> list[Robot]:
    """Every robot, by name."""
    actor.require(NotificationRight.ROBOTS)
    return [Robot(**row._mapping) for row in session.execute(_ROBOTS)]


def robot(session: Session, *, actor: Actor, robot_id: int) -> Robot:
    """One robot. Raises NotFound."""
    actor.require(NotificationRight.ROBOTS)
    row = session.execute(_ROBOT, {"id": robot_id}).one_or_none()
    if row is None:
        raise NotFound()
    return Robot(**row._mapping)


def add_robot(session: Session, *, actor: Actor, entered: Entered, way: Way) -> int:
    """Enter a robot; its id. Raises Invalid with every fault, Conflict for one too many."""
    actor.require(NotificationRight.ROBOTS)
    _require_every_region(actor)
    entered = replace(entered, body=entered.body if entered.kind == Kind.SMS else "")
    _refuse([*_faults(entered, way), *_missing(entered)])
    if session.execute(_COUNT).scalar_one() >= ROBOTS_MAX:
        raise Conflict("too_many_robots", N_("There are %(max)s robots already."), max=ROBOTS_MAX)
    values = _values(entered) | {"kind": entered.kind, **_sealed(entered, way)}
    robot_id: int = session.execute(_ADD, values).scalar_one()
    _record(session, actor, entered)
    return robot_id


def change_robot(
    session: Session, *, actor: Actor, robot_id: int, revision: int, entered: Entered, way: Way
) -> None:
    """Change a robot; its kind stays. Raises Invalid, NotFound, Conflict when it was changed meanwhile."""
    kept = robot(session, actor=actor, robot_id=robot_id)
    _require_every_region(actor)
    url, secret = way.opened(kept.sealed)
    whole = replace(
        entered,
        kind=kept.kind,
        url=entered.url or url,
        secret=entered.secret or secret,
        body=entered.body if kept.kind == Kind.SMS else "",
    )
    _refuse([*_faults(whole, way), *_missing(whole)])
    values = _values(whole) | _sealed(whole, way) | {"id": robot_id, "revision": revision}
    if not rows_changed(session, _CHANGE, values):
        message = N_("Someone else has changed this robot. Look at it and try again.")
        raise Conflict("edited_meanwhile", message)
    _record(session, actor, whole)


def _require_every_region(actor: Actor) -> None:
    """A robot tells of the dealers of every region."""
    if actor.region_ids is not None:
        raise Forbidden(
            "every_region_needed",
            N_("A robot tells of dealers everywhere, and you do not answer for all regions."),
            fix=N_("Ask an administrator of all regions."),
        )


def try_robot(
    session: Session, *, actor: Actor, robot_id: int, message: Message, way: Way, at: datetime
) -> Outcome:
    """Say something by a robot now, and what came of it."""
    found = robot(session, actor=actor, robot_id=robot_id)
    outcome = sender(found, way, lambda: at).send(message)
    if isinstance(outcome, Refused):
        set_failed(session, robot_id, outcome.reason, at=at)
    else:
        set_sent(session, robot_id, at=at)
    after = {"outcome": type(outcome).__name__}
    record(session, NotificationAction.ROBOT_TRIED, found.name, actor=actor, dealer_id=None, after=after)
    return outcome


def _faults(entered: Entered, way: Way) -> list[Fault]:
    faults = []
    if not 1 <= len(entered.name) <= NAME_MAX or not entered.name.isprintable():
        message, fix = N_("A name has 1 to 60 printable characters."), N_("Enter such a name.")
        faults.append(Fault("/name", "name", message, fix))
    if entered.kind not in list(Kind):
        faults.append(Fault("/kind", "unknown_kind", N_("There is no such choice."), N_("Choose a kind.")))
    if entered.locale not in ("zh", "en"):
        message, fix = N_("There is no such choice."), N_("Choose a language.")
        faults.append(Fault("/locale", "unknown_locale", message, fix))
    if entered.url:
        faults += _url_faults(entered.url, way)
    if len(entered.secret) > _SECRET_MAX or not entered.secret.isprintable():
        message, fix = N_("This is no secret of a robot."), N_("Copy it from the settings of the group.")
        faults.append(Fault("/secret", "secret", message, fix))
    if unknown := set(entered.events) - registry().events.keys():
        message, params = N_("There is no event %(event)s."), {"event": min(unknown)[:60]}
        faults.append(Fault("/events", "unknown_event", message, "", params))
    if entered.kind == Kind.SMS:
        faults += body_faults("/body", entered.body)
    if (entered.quiet_from is None) != (entered.quiet_until is None) or (
        entered.quiet_from is not None and entered.quiet_from == entered.quiet_until
    ):
        message = N_("Quiet hours have a beginning and an end.")
        faults.append(Fault("/quiet_until", "quiet_hours", message, N_("Enter both, or none.")))
    return faults


def _missing(entered: Entered) -> list[Fault]:
    faults = []
    if not entered.url:
        message, fix = N_("A robot has an address."), N_("Copy it from the settings of the group.")
        faults.append(Fault("/url", "required", message, fix))
    if not entered.secret and entered.kind == Kind.SMS:
        message, fix = N_("Text messages are signed with a secret."), N_("Enter the gateway's secret.")
        faults.append(Fault("/secret", "required", message, fix))
    return faults


def _url_faults(url: str, way: Way) -> list[Fault]:
    try:
        to = destination(url)
    except AddressRefused as refused:
        return [Fault("/url", str(refused.refusal), str(refused), N_("Copy it from the settings."))]
    if to.scheme != "https" and not way.private:
        message = N_("Only addresses that begin with https:// are allowed.")
        return [Fault("/url", "not_https", message, N_("Copy it from the settings."))]
    if not way.allows(url):
        message = N_("%(host)s is not on the list of hosts that robots may be sent to.")
        fix = N_("Whoever operates the portal adds it to TONGLU_ROBOT_HOSTS.")
        return [Fault("/url", "host_not_listed", message, fix, {"host": to.host})]
    return []


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Invalid(faults=faults)


def _values(entered: Entered) -> dict[str, object]:
    names = ("name", "locale", "body", "quiet_from", "quiet_until", "is_active")
    return {name: getattr(entered, name) for name in names} | {"events": sorted(set(entered.events))}


def _sealed(entered: Entered, way: Way) -> dict[str, str]:
    return {"host": destination(entered.url).host, "sealed": way.seal(entered.url, entered.secret)}


def _record(session: Session, actor: Actor, entered: Entered) -> None:
    """Never the address or the secret."""
    after = {
        "kind": entered.kind,
        "host": destination(entered.url).host,
        "events": sorted(set(entered.events)),
        "is_active": entered.is_active,
    }
    name = entered.name
    record(session, NotificationAction.ROBOT_KEPT, name, actor=actor, dealer_id=None, after=after)
