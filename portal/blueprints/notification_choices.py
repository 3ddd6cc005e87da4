"""How whoever is signed in wants to be told: each event by inbox, mail and text message; quiet hours."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.blueprints.frame import dealer_frame
from portal.kernel import typed
from portal.kernel.errors import Conflict, Fault, Invalid
from portal.notifications import rules
from portal.notifications.choices import Preferences, choose, preferences
from portal.notifications.rules import Choice, Setting
from portal.notifications.suspend import ask_confirmation, suspension_of
from portal.notifications.words import BY_MAIL, EVERY
from portal.web.forms import Form, Stripped, column_of_form, read_form, rows_of_form, takes_columns
from portal.web.presentation import in_full, in_words, labels
from portal.web.request import current_actor, current_session, portal

blueprint = Blueprint("notification_choices", __name__, url_prefix="/account/notifications")
blueprint.context_processor(dealer_frame)


class SettingForm(Form):
    """What holds whatever the event."""

    zone: Stripped
    digest_every: str
    digest_hour: str
    quiet_from: str
    quiet_until: str
    mobile: Stripped
    revision: str


@blueprint.get("")
def index() -> str:
    """What the person chose."""
    return _page(_preferences())


@blueprint.post("")
@takes_columns("event", "mail", "inbox", "sms")
def keep() -> str | Response:
    """Choose."""
    form, kept = read_form(SettingForm), _preferences()
    entered, faults = _entered(form), list[Fault]()
    setting = Setting(
        form.zone[:60],
        form.digest_every[:20],
        _hour(form.digest_hour, faults),
        rules.clock_time(form.quiet_from, "/quiet_from", faults),
        rules.clock_time(form.quiet_until, "/quiet_until", faults),
        rules.plain_mobile(form.mobile)[:40],
    )
    try:
        if faults:
            raise Invalid(faults=faults)
        choose(
            current_session(),
            actor=current_actor(),
            choices={name: choice for name, choice in entered.items() if not _is_fixed(kept, name)},
            setting=setting,
            revision=typed.own_number(form.revision) or 0,
        )
    except Invalid as refusal:
        current_session().rollback()
        again = replace(kept, choices={**kept.choices, **entered})
        return make_response(_page(again, refusal.faults, form), 422)
    except Conflict as refusal:
        current_session().rollback()
        flash(gettext(refusal.message), "error")
        return make_response(_page(_preferences()), 409)
    flash(gettext("Saved."), "success")
    return redirect(url_for("notification_choices.index"), 303)


@blueprint.post("/confirmation")
def confirmation() -> Response:
    """A letter to the address that refused mail, whose link resumes it."""
    ask_confirmation(current_session(), actor=current_actor())
    flash(gettext("A mail was sent. Open the link in it."), "success")
    return redirect(url_for("notification_choices.index"), 303)


def _preferences() -> Preferences:
    zone = portal().settings.business_timezone
    return preferences(current_session(), actor=current_actor(), zone=zone)


def _is_fixed(kept: Preferences, event: str) -> bool:
    """What is mandatory has no fields but the text message's, so nothing of it is refused."""
    return event in kept.events and kept.events[event].is_mandatory


def _entered(form: SettingForm) -> dict[str, Choice]:
    in_inbox, by_sms = set(column_of_form("inbox")), set(column_of_form("sms"))
    return {
        event[:60]: Choice(event in in_inbox, mail[:20], event in by_sms)
        for event, mail in rows_of_form("event", "mail")
    }


def _hour(entered: str, faults: list[Fault]) -> int:
    hour = typed.own_number(entered or "0")
    return -1 if hour is None else hour


def _page(shown: Preferences, faults: tuple[Fault, ...] = (), form: SettingForm | None = None) -> str:
    setting = shown.setting
    fields: dict[str, Any] = {
        "zone": setting.zone,
        "digest_every": setting.digest_every,
        "digest_hour": setting.digest_hour,
        "quiet_from": setting.quiet_from.isoformat("minutes") if setting.quiet_from else "",
        "quiet_until": setting.quiet_until.isoformat("minutes") if setting.quiet_until else "",
        "mobile": setting.mobile,
        "revision": shown.revision,
    }
    return render_template(
        "notifications/choices.html",
        shown=shown,
        fields=fields | (form.model_dump() if form else {}),
        by_mail=list(labels(BY_MAIL).items()),
        every=list(labels(EVERY).items()),
        zones=_zones(form.zone[:60] if form else setting.zone),
        suspension=suspension_of(current_session(), actor=current_actor()),
        refusal_lines=[(_field_of(fault), in_words(fault)) for fault in faults],
        beside=lambda pointer: [in_full(fault) for fault in faults if fault.pointer == pointer],
    )


def _field_of(fault: Fault) -> str:
    return f"field-{fault.pointer.strip('/').replace('/', '-').replace('.', '-')}"


def _zones(chosen: str) -> list[tuple[str, str]]:
    return [(zone, zone) for zone in _every_zone()] + ([] if chosen in _every_zone() else [(chosen, chosen)])


@cache
def _every_zone() -> tuple[str, ...]:
    """Places, without the old names that the database keeps for those who have them."""
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")
    return (*sorted(zone for zone in available_timezones() if zone.startswith(areas)), "UTC")
