"""Robots of headquarters' groups, the gateway for text messages, and addresses that refuse mail."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.errors import Conflict, Fault, Invalid
from portal.notifications import rules
from portal.notifications.channels import Later, Message, Refused
from portal.notifications.keep_robot import Entered, add_robot, change_robot, robot, robots, try_robot
from portal.notifications.robots import Robot
from portal.notifications.sending import Way
from portal.notifications.suspend import suspended_people
from portal.notifications.vocabulary import NotificationRight
from portal.notifications.words import KINDS
from portal.web.forms import Flag, Form, OwnNumber, Stripped, column_of_form, read_form, takes_columns
from portal.web.presentation import in_full, in_words, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.sent_once import Said, sent_once, tell

blueprint = Blueprint("robots", __name__, url_prefix="/hq/robots")


class RobotForm(Form):
    """A robot as it is entered; address and secret are never shown again, and empty ones stay."""

    name: Stripped
    kind: str
    locale: str
    url: Stripped
    secret: Stripped
    body: str
    quiet_from: str
    quiet_until: str
    is_active: Flag
    revision: OwnNumber


@blueprint.get("")
@requires(NotificationRight.ROBOTS)
def index() -> str:
    """Every robot, and who gets no mail."""
    session, actor = current_session(), current_actor()
    may_see = actor.may(NotificationRight.BOUNCES)
    return render_template(
        "backoffice/robots/index.html",
        robots=robots(session, actor=actor),
        kinds=labels(KINDS),
        suspended=suspended_people(session, actor=actor) if may_see else [],
    )


@blueprint.get("/new")
@requires(NotificationRight.ROBOTS)
def new() -> str:
    """A form for another one."""
    return _form(None, _empty(), ())


@blueprint.post("/new")
@requires(NotificationRight.ROBOTS)
@takes_columns("events")
def create() -> str | Response:
    """Enter another one."""
    form = read_form(RobotForm)

    def act() -> Said:
        entered = _entered(form)
        robot_id = add_robot(current_session(), actor=current_actor(), entered=entered, way=_way())
        return Said(gettext("Saved."), url_for("robots.show", robot_id=robot_id))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        return make_response(_form(None, form, column_of_form("events"), _faults(refusal)), _status(refusal))


@blueprint.get("/<int:robot_id>")
@requires(NotificationRight.ROBOTS)
def show(robot_id: int) -> str:
    """One robot."""
    found = robot(current_session(), actor=current_actor(), robot_id=robot_id)
    return _form(found, _of(found), found.events)


@blueprint.post("/<int:robot_id>")
@requires(NotificationRight.ROBOTS)
@takes_columns("events")
def keep(robot_id: int) -> str | Response:
    """Change one."""
    form, session, actor = read_form(RobotForm), current_session(), current_actor()
    try:
        change_robot(
            session,
            actor=actor,
            robot_id=robot_id,
            revision=form.revision,
            entered=_entered(form),
            way=_way(),
        )
    except (Invalid, Conflict) as refusal:
        session.rollback()
        found = robot(session, actor=actor, robot_id=robot_id)
        page = _form(found, form, column_of_form("events"), _faults(refusal))
        return make_response(page, _status(refusal))
    flash(gettext("Saved."), "success")
    return redirect(url_for("robots.show", robot_id=robot_id), 303)


@blueprint.post("/<int:robot_id>/trial")
@requires(NotificationRight.ROBOTS)
def trial(robot_id: int) -> Response:
    """Say something by the robot now."""
    mobile = rules.plain_mobile(read_form(TrialForm).mobile)[:20]
    message = Message(
        gettext("A message to try the robot"),
        gettext("The portal reaches this group."),
        link=portal().settings.base_url,
        link_label=gettext("Open in the portal"),
        mobile=mobile,
    )
    outcome = try_robot(
        current_session(),
        actor=current_actor(),
        robot_id=robot_id,
        message=message,
        way=_way(),
        at=clock.now(),
    )
    if isinstance(outcome, Refused):
        flash(gettext("It was not taken: %(reason)s", reason=outcome.reason), "error")
    elif isinstance(outcome, Later):
        flash(gettext("The service is asked too often. Try again in a minute."), "warning")
    else:
        flash(gettext("The message was taken."), "success")
    return redirect(url_for("robots.show", robot_id=robot_id), 303)


class TrialForm(Form):
    """To whom a text message goes; a group needs nobody."""

    mobile: Stripped


def _way() -> Way:
    settings = portal().settings
    return Way(portal().sealer, settings.robot_hosts, settings.outgoing_private)


def _entered(form: RobotForm) -> Entered:
    faults: list[Fault] = []
    quiet_from = rules.clock_time(form.quiet_from, "/quiet_from", faults)
    quiet_until = rules.clock_time(form.quiet_until, "/quiet_until", faults)
    if faults:
        raise Invalid(faults=faults)
    return Entered(
        form.name,
        form.kind,
        form.locale,
        form.url,
        form.secret,
        form.body.strip()[:2000],
        column_of_form("events"),
        quiet_from,
        quiet_until,
        form.is_active,
    )


def _faults(refusal: Invalid | Conflict) -> tuple[Fault, ...]:
    if isinstance(refusal, Invalid) and refusal.faults:
        return tuple(refusal.faults)
    return (Fault("/name", refusal.code, refusal.message, refusal.fix, dict(refusal.params)),)


def _status(refusal: Invalid | Conflict) -> int:
    return 422 if isinstance(refusal, Invalid) else 409


def _empty() -> RobotForm:
    body = '{"mobile": "{mobile}", "content": "{text}"}'
    return RobotForm(
        name="",
        kind="wecom",
        locale="zh",
        url="",
        secret="",
        body=body,
        quiet_from="",
        quiet_until="",
        is_active=True,
        revision="0",
    )


def _of(found: Robot) -> RobotForm:
    return RobotForm(
        name=found.name,
        kind=found.kind,
        locale=found.locale,
        url="",
        secret="",
        body=found.body,
        quiet_from=found.quiet_from.isoformat("minutes") if found.quiet_from else "",
        quiet_until=found.quiet_until.isoformat("minutes") if found.quiet_until else "",
        is_active=found.is_active,
        revision=str(found.revision),
    )


def _form(found: Robot | None, form: RobotForm, events: Any, faults: tuple[Fault, ...] = ()) -> str:
    declared = portal().declared.events
    return render_template(
        "backoffice/robots/show.html",
        robot=found,
        form=form,
        chosen=set(events),
        events=[(name, gettext(event.label)) for name, event in declared.items()],
        kinds=list(labels(KINDS).items()),
        hosts=portal().settings.robot_hosts,
        refusal_lines=[(f"field-{fault.pointer.strip('/')}", in_words(fault)) for fault in faults],
        beside=lambda name: [in_full(fault) for fault in faults if fault.pointer == f"/{name}"],
    )
