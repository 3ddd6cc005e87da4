"""How somebody wants to be told: of each event, and in general. About oneself, so it needs no right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.identity.custom_role_queries import told_as
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.manifest import Audience, Event
from portal.kernel.registry import registry
from portal.notifications import rules
from portal.notifications.inbox import person_of
from portal.notifications.rules import ByMail, Choice, Setting
from portal.notifications.vocabulary import NotificationAction

_CHOICES = text("SELECT event, in_inbox, mail, sms FROM notification_choice WHERE user_id = :user_id")
_CHOOSE = text(
    """
    INSERT INTO notification_choice (user_id, event, in_inbox, mail, sms)
    SELECT :user_id, event, in_inbox, mail, sms
      FROM unnest(CAST(:events AS text[]), CAST(:in_inbox AS boolean[]), CAST(:mails AS text[]),
                  CAST(:sms AS boolean[])) AS c(event, in_inbox, mail, sms)
     ORDER BY event
    ON CONFLICT (user_id, event) DO UPDATE
      SET in_inbox = excluded.in_inbox, mail = excluded.mail, sms = excluded.sms
    """
)
_NO_MAIL = text(
    """
    INSERT INTO notification_choice (user_id, event, in_inbox, mail, sms)
    SELECT :user_id, event, true, 'none', false FROM unnest(CAST(:events AS text[])) AS c(event)
     ORDER BY event
    ON CONFLICT (user_id, event) DO UPDATE SET mail = 'none'
    """
)
_SETTING = text(
    """
    SELECT zone, digest_every, digest_hour, quiet_from, quiet_until, mobile, revision
      FROM notification_setting WHERE user_id = :user_id
    """
)
_SET = text(
    """
    INSERT INTO notification_setting
      (user_id, zone, digest_every, digest_hour, quiet_from, quiet_until, mobile, revision)
    VALUES (:user_id, :zone, :digest_every, :digest_hour, :quiet_from, :quiet_until, :mobile, 1)
    ON CONFLICT (user_id) DO UPDATE
      SET zone = excluded.zone, digest_every = excluded.digest_every, digest_hour = excluded.digest_hour,
          quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, mobile = excluded.mobile,
          revision = notification_setting.revision + 1
      WHERE notification_setting.revision = :revision
    RETURNING revision
    """
)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody may choose, and what they chose. revision: 0 before they did."""

    events: Mapping[str, Event]
    choices: Mapping[str, Choice]
    setting: Setting
    revision: int


def events_of(session: Session, actor: Actor) -> dict[str, Event]:
    """The events that somebody with these roles is told of, in the order of the capabilities."""
    roles = told_as(session, actor.roles)
    audience = Audience.STAFF if actor.is_staff else Audience.DEALERS
    return {
        name: event
        for name, event in registry().events.items()
        if event.audience is audience and roles.intersection(event.roles)
    }


def preferences(session: Session, *, actor: Actor, zone: str) -> Preferences:
    """How the person is told. zone: of who has chosen none. Raises NotFound for a program."""
    user_id = person_of(actor)
    events = events_of(session, actor)
    kept = {
        row.event: Choice(row.in_inbox, row.mail, row.sms)
        for row in session.execute(_CHOICES, {"user_id": user_id})
    }
    row = session.execute(_SETTING, {"user_id": user_id}).one_or_none()
    names = ("zone", "digest_every", "digest_hour", "quiet_from", "quiet_until", "mobile")
    setting = Setting(zone) if row is None else Setting(*(getattr(row, name) for name in names))
    choices = {name: _chosen(event, kept.get(name)) for name, event in events.items()}
    return Preferences(events, choices, setting, 0 if row is None else row.revision)


def choose(
    session: Session,
    *,
    actor: Actor,
    choices: Mapping[str, Choice],
    setting: Setting,
    revision: int,
) -> int:
    """From now on the person is told like that; of an event that is not named as before.

    Returns the new revision. Raises Invalid with every fault, Conflict when it was changed since `revision`.
    """
    user_id = person_of(actor)
    events = events_of(session, actor)
    faults = [*rules.setting_faults(setting), *_choice_faults(events, choices, setting)]
    if faults:
        raise Invalid(faults=faults)
    names = ("zone", "digest_every", "digest_hour", "quiet_from", "quiet_until", "mobile")
    values = {name: getattr(setting, name) for name in names}
    changed = session.execute(_SET, values | {"user_id": user_id, "revision": revision}).one_or_none()
    if changed is None or changed.revision != revision + 1:
        message = N_("You have changed this in another window meanwhile. Look at it and try again.")
        raise Conflict("edited_meanwhile", message)
    rows = [(name, _chosen(events[name], choice)) for name, choice in choices.items()]
    parameters = {
        "user_id": user_id,
        "events": [name for name, _ in rows],
        "in_inbox": [choice.in_inbox for _, choice in rows],
        "mails": [str(choice.mail) for _, choice in rows],
        "sms": [choice.sms for _, choice in rows],
    }
    session.execute(_CHOOSE, parameters)
    said = {name: [choice.in_inbox, str(choice.mail), choice.sms] for name, choice in rows}
    record(session, NotificationAction.CHOSEN, actor.key, actor=actor, dealer_id=actor.dealer_id, after=said)
    return revision + 1


def stop_mail(session: Session, *, actor: Actor, events: list[str]) -> None:
    """No mail about some events any more; the inbox goes on. Of what is mandatory it does not stop."""
    free = [name for name in events if name in registry().events and not registry().events[name].is_mandatory]
    session.execute(_NO_MAIL, {"user_id": person_of(actor), "events": free})
    record(
        session,
        NotificationAction.UNSUBSCRIBED,
        actor.key,
        actor=actor,
        dealer_id=actor.dealer_id,
        after={"events": free},
    )


def _chosen(event: Event, choice: Choice | None) -> Choice:
    return rules.chosen(choice, usual=str(event.mail), is_mandatory=event.is_mandatory)


def _choice_faults(
    events: Mapping[str, Event], choices: Mapping[str, Choice], setting: Setting
) -> list[Fault]:
    faults = []
    for name, choice in choices.items():
        if name not in events:
            message = N_("You are not told of %(event)s.")
            faults.append(Fault(f"/events/{name}", "unknown_event", message, "", {"event": name[:60]}))
        elif choice.mail not in list(ByMail):
            message, fix = N_("There is no such choice."), N_("Choose at once, in the digest, or not at all.")
            faults.append(Fault(f"/events/{name}/mail", "unknown_mail", message, fix))
        elif events[name].is_mandatory and (not choice.in_inbox or choice.mail != ByMail.AT_ONCE):
            message = N_("This cannot be switched off.")
            faults.append(Fault(f"/events/{name}", "mandatory", message))
        elif choice.sms and not setting.mobile:
            fix = N_("Enter the number, or choose no text messages.")
            faults.append(Fault("/mobile", "required", N_("Text messages need a mobile number."), fix))
    return list({(fault.pointer, fault.code): fault for fault in faults}.values())
