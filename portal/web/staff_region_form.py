"""The form by which somebody of headquarters is given a region from a day on, or loses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from portal.identity.staff_regions import give_region
from portal.kernel import clock
from portal.web.forms import DayIfAny, Form, Stripped, read_form
from portal.web.request import current_actor, issuing_session, portal, request


class RegionForm(Form):
    """A region of headquarters' people from a day on. valid_to: the day from which not any more."""

    region: Stripped
    valid_from: DayIfAny
    valid_to: DayIfAny
    reason: Stripped


def no_region() -> dict[str, str]:
    """The fields of an empty form."""
    return dict.fromkeys(RegionForm.model_fields, "")


def typed_region() -> dict[str, str]:
    """The fields as they were sent."""
    return {name: request.form.get(name, "") for name in RegionForm.model_fields}


def act_on_region(verb: Callable[..., None], user_id: int) -> None:
    """Give or end the region that the form names, from today on where it names no day."""
    form, today = read_form(RegionForm), business_today()
    days: dict[str, date | None] = {"valid_to": form.valid_to or today}
    if verb is give_region:
        days = {"valid_from": form.valid_from or today, "valid_to": form.valid_to}
    verb(
        issuing_session(),
        actor=current_actor(),
        user_id=user_id,
        region=form.region[:20],
        reason=form.reason,
        today=today,
        at=clock.now(),
        **days,
    )


def business_today() -> date:
    """The business date."""
    return clock.business_date(clock.now(), portal().settings.timezone)
