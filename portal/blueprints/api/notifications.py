"""The inbox and the choices of the person for whom a token stands. A program has neither."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask_babel import gettext

from portal.blueprints.api.schemas.notifications import (
    NotificationPage,
    NotificationShape,
    NotificationsQuery,
    PreferencesBody,
    PreferencesShape,
    SettingBody,
)
from portal.kernel import clock
from portal.kernel.errors import N_, Fault, Invalid
from portal.notifications import inbox, rules, texts
from portal.notifications.choices import choose, preferences
from portal.notifications.inbox import Entry
from portal.notifications.manifest import CHAPTER
from portal.notifications.rules import Choice, Setting
from portal.notifications.vocabulary import NotificationRight
from portal.web import language
from portal.web.api.operations import Answer, operation
from portal.web.request import current_actor, current_session, portal

READERS = (NotificationRight.READ, NotificationRight.STAFF_READ)


@operation(
    "GET",
    "/notifications",
    tag=CHAPTER,
    rights=READERS,
    query=NotificationsQuery,
    answers=NotificationPage,
    summary=N_("The inbox of the person"),
    about=N_("Unread first, of these the newest. The token of a program has no inbox: 404."),
)
def index(query: NotificationsQuery) -> dict[str, Any]:
    page = inbox.entries(
        current_session(),
        actor=current_actor(),
        event=query.event,
        unread=query.unread == "true",
        limit=query.limit,
        cursor=query.cursor,
    )
    return {"items": [_shown(entry) for entry in page.items], "next_cursor": page.next_cursor}


@operation(
    "POST",
    "/notifications/<key>/reading",
    tag=CHAPTER,
    rights=READERS,
    answers=NotificationShape,
    summary=N_("Mark an entry of the inbox as read"),
    about=N_("Repeating it changes nothing."),
)
def read(key: str) -> dict[str, Any]:
    return _shown(inbox.open_entry(current_session(), actor=current_actor(), key=key, at=clock.now()))


@operation(
    "GET",
    "/notifications/preferences",
    tag=CHAPTER,
    rights=READERS,
    answers=PreferencesShape,
    summary=N_("How the person is told"),
    about=N_("Every event that somebody with these roles is told of. What is mandatory cannot be changed."),
)
def show_preferences() -> dict[str, Any]:
    return _preferences()


@operation(
    "PUT",
    "/notifications/preferences",
    tag=CHAPTER,
    rights=READERS,
    body=PreferencesBody,
    answers=PreferencesShape,
    conflicts=True,
    summary=N_("Choose how the person is told"),
    about=N_("All of it or nothing: every fault is named beside its member."),
)
def put_preferences(body: PreferencesBody) -> Answer:
    faults: list[Fault] = []
    setting = _setting(body.setting, faults)
    if faults:
        raise Invalid(faults=faults)
    choose(
        current_session(),
        actor=current_actor(),
        choices={one.event: Choice(one.inbox, one.mail, one.sms) for one in body.events},
        setting=setting,
        revision=body.revision,
    )
    return Answer(_preferences())


def _setting(body: SettingBody, faults: list[Fault]) -> Setting:
    return Setting(
        body.zone,
        body.digest_every,
        body.digest_hour,
        rules.clock_time(body.quiet_from or "", "/setting/quiet_from", faults),
        rules.clock_time(body.quiet_until or "", "/setting/quiet_until", faults),
        rules.plain_mobile(body.mobile),
    )


def _preferences() -> dict[str, Any]:
    zone = portal().settings.business_timezone
    found = preferences(current_session(), actor=current_actor(), zone=zone)
    setting = found.setting
    return {
        "revision": found.revision,
        "setting": {
            "zone": setting.zone,
            "digest_every": setting.digest_every,
            "digest_hour": setting.digest_hour,
            "quiet_from": _minutes(setting.quiet_from),
            "quiet_until": _minutes(setting.quiet_until),
            "mobile": setting.mobile,
        },
        "events": [
            {
                "event": name,
                "label": gettext(event.label),
                "inbox": found.choices[name].in_inbox,
                "mail": str(found.choices[name].mail),
                "sms": found.choices[name].sms,
                "mandatory": event.is_mandatory,
            }
            for name, event in found.events.items()
        ],
    }


def _minutes(moment: time | None) -> str | None:
    return None if moment is None else moment.isoformat("minutes")


def _shown(entry: Entry) -> dict[str, Any]:
    said = entry.zh if texts.language_of(language.current()) == "zh" else entry.en
    return {
        "id": entry.key,
        "event": entry.event,
        "subject": said.subject,
        "sentence": said.sentence,
        "facts": [{"label": label, "value": value} for label, value in said.facts],
        "path": entry.path,
        "created_at": entry.created_at,
        "read_at": entry.read_at,
    }
