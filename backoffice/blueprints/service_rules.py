"""Who serves what, what is promised, and how it was kept."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dealers.queries import regions_in_scope
from portal.kernel import clock, typed
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.paging import Page
from portal.service import duties
from portal.service.duties import TeamEntry, TeamRow
from portal.service.handle import everybody_who_serves
from portal.service.report import MONTHS, KeptRow, kept
from portal.service.rules import ServiceKind, Severity
from portal.service.sla_rules import Target
from portal.service.targets import TargetKey, revision_of_targets, set_targets, targets_on, targets_to_come
from portal.service.vocabulary import ServiceRight
from portal.service.words import KINDS, SEVERITIES
from portal.web.forms import (
    Day,
    Form,
    OwnNumber,
    PersonIfAny,
    Stripped,
    read_form,
    rows_of_form,
    takes_columns,
)
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list
from portal.web.presentation import in_full, in_language, in_words
from portal.web.reference_cache import categories
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said, sent_once, tell
from portal.web.service_page import options

blueprint = Blueprint("service_rules", __name__, url_prefix="/hq/service")

Rows = list[tuple[str, ...]]
_MORE_ROWS = 2
_DUTY_COLUMNS = ("person", "duty_kind", "category", "region")
_TARGET_COLUMNS = ("target_kind", "target_severity", "first_answer_minutes", "resolution_minutes")

REPORT = Listing(
    "service-report",
    N_("Service report"),
    (
        Column("period", N_("Month"), Kind.PERIOD, css="text-nowrap"),
        Column("kind", N_("Kind"), Kind.WORD, words=KINDS),
        Column("opened", N_("Opened"), Kind.QUANTITY),
        Column("answered_in_time", N_("Answered in time"), Kind.QUANTITY),
        Column("answered_late", N_("Answered late"), Kind.QUANTITY),
        Column("resolved_in_time", N_("Resolved in time"), Kind.QUANTITY),
        Column("resolved_late", N_("Resolved late"), Kind.QUANTITY),
        Column("median_minutes", N_("Median minutes"), Kind.QUANTITY),
        Column("first_fix", N_("Solved at first"), Kind.SHARE),
        Column("stars", N_("Stars"), Kind.TEXT, css="num"),
    ),
)


class TeamForm(Form):
    """A team but for its duties. team: 0 for a new one."""

    team: OwnNumber
    revision: OwnNumber
    name_zh: Stripped
    name_en: Stripped
    lead: PersonIfAny


class TargetsForm(Form):
    """From when on the targets count, as they were read."""

    revision: OwnNumber
    valid_from: Day


@blueprint.get("/teams")
@requires(ServiceRight.RULES)
def teams() -> str:
    """Who serves which kinds, categories and regions."""
    return render_template("backoffice/service/teams.html", **_teams())


@blueprint.post("/teams")
@requires(ServiceRight.RULES)
@takes_columns(*_DUTY_COLUMNS)
def team() -> str | Response:
    """Make a team, or write one anew; rows without a person are left out."""
    form, rows = read_form(TeamForm), rows_of_form(*_DUTY_COLUMNS)

    def act() -> Said:
        duties.set_team(
            current_session(),
            actor=current_actor(),
            team_id=form.team or None,
            revision=form.revision,
            entry=TeamEntry(form.name_zh, form.name_en, form.lead or None, _duties(rows)),
            people=everybody_who_serves(current_session()),
            at=clock.now(),
        )
        return Said(gettext("The team has been saved."), url_for("service_rules.teams"))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = render_template("backoffice/service/teams.html", **_teams(form, rows, refusal))
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)


@blueprint.get("/targets")
@requires(ServiceRight.RULES)
def targets() -> str:
    """What is promised of each kind and severity."""
    return render_template("backoffice/service/targets.html", **_targets())


@blueprint.post("/targets")
@requires(ServiceRight.RULES)
@takes_columns(*_TARGET_COLUMNS)
def set_them() -> str | Response:
    """Promise something else from a day on."""
    rows, at = rows_of_form(*_TARGET_COLUMNS), clock.now()
    revision = request.form.get("revision", "")

    def act() -> Said:
        form, faults = None, list[Fault]()
        try:
            form = read_form(TargetsForm)
        except Invalid as refusal:
            faults += refusal.faults
        entered = _entered(rows, faults)
        if faults or form is None:
            raise Invalid(faults=faults)
        changed = set_targets(
            current_session(),
            actor=current_actor(),
            revision=form.revision,
            targets=entered,
            valid_from=form.valid_from,
            today=_today(),
            at=at,
        )
        words = gettext(
            "Targets changed: %(count)s. They count for requests opened from then on.", count=changed
        )
        return Said(words, url_for("service_rules.targets"))

    try:
        return tell(sent_once(act))
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        page = render_template("backoffice/service/targets.html", **_targets(rows, revision, refusal))
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)


@blueprint.get("/report")
@requires(ServiceRight.DESK, ServiceRight.RULES)
@takes_columns("column")
def report() -> str | Response:
    """How the promises were kept, by month and kind."""
    said = request.args.get("kind", "")
    kind = said if said in list(ServiceKind) else ""
    zone = portal().settings.business_timezone

    def fetch(_cursor: str | None, _limit: int) -> Page[KeptRow]:
        rows = kept(current_session(), kind=kind, zone=zone, at=clock.now())
        return Page(tuple(rows), None)

    return show_list(
        REPORT,
        fetch,
        "backoffice/service/report.html",
        {"kind": kind, "months": MONTHS},
        page_only=lambda: {"kind_options": options(KINDS, first=gettext("All kinds"))},
    )


def _duties(rows: Rows) -> list[tuple[int, str, str, str]]:
    return [
        (typed.own_number(person) or 0, kind, category, region)
        for person, kind, category, region in rows
        if person not in ("", "0")
    ]


def _entered(rows: Rows, faults: list[Fault]) -> dict[TargetKey, Target]:
    """The targets that were typed; what is no number is a fault beside it."""
    entered: dict[TargetKey, Target] = {}
    for kind, severity, first, last in rows:
        if kind not in list(ServiceKind) or severity not in list(Severity):
            continue
        pointer = f"/{kind}/{severity}"
        minutes = typed.field(typed.quantity, first, f"{pointer}/first_answer_minutes", faults)
        whole = typed.field(typed.quantity, last, f"{pointer}/resolution_minutes", faults)
        if minutes is not None and whole is not None:
            entered[ServiceKind(kind), Severity(severity)] = Target(minutes, whole)
    return entered


def _teams(
    form: TeamForm | None = None, rows: Rows | None = None, refusal: Invalid | Conflict | None = None
) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    faults = list(refusal.faults) if refusal else []
    people = everybody_who_serves(session)
    shown = [_team_shown(one) for one in duties.teams(session)]
    shown.append({"id": 0, "revision": 0, "name_zh": "", "name_en": "", "lead": 0, "rows": []})
    for one in shown:
        if form and rows is not None and one["id"] == form.team:
            kept_rows = [(person, *served) for person, *served in rows if person not in ("", "0")]
            one |= {"name_zh": form.name_zh, "name_en": form.name_en, "lead": form.lead, "rows": kept_rows}
            one["revision"] = form.revision
        one["rows"] = [*one["rows"], *[("", "", "", "")] * _MORE_ROWS]
    return {
        "teams": shown,
        "people": [("", gettext("Nobody")), *((str(one.user_id), one.name) for one in people)],
        "kinds": options(KINDS, first=gettext("All kinds")),
        "categories": [
            ("", gettext("All categories")),
            *((one.code, in_language(one.name_zh, one.name_en)) for one in categories()),
        ],
        "regions": [
            ("", gettext("All regions")),
            *((one.code, in_language(one.name_zh, one.name_en)) for one in regions_in_scope(session, actor)),
        ],
        "summary": [(_team_field(form, one.pointer), in_words(one)) for one in faults],
        "said": in_full(refusal) if refusal and not faults else "",
        "errors": lambda team, pointer: [
            in_full(one) for one in faults if form and team == form.team and one.pointer == pointer
        ],
        "beside": lambda team, place: [
            one
            for one in faults
            if form and team == form.team and one.pointer.startswith(f"/duties/{place}/")
        ],
    }


def _team_shown(one: TeamRow) -> dict[str, Any]:
    return {
        "id": one.id,
        "revision": one.revision,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "lead": one.lead_id or 0,
        "rows": [(str(duty.user_id), duty.kind, duty.category, duty.region) for duty in one.duties],
    }


def _team_field(form: TeamForm | None, pointer: str) -> str:
    team, parts = form.team if form else 0, pointer.strip("/").split("/")
    return f"duty-{team}-{parts[1]}" if parts[0] == "duties" and len(parts) > 1 else f"{parts[0]}-{team}"


def _targets(
    rows: Rows | None = None, revision: str = "", refusal: Invalid | Conflict | None = None
) -> dict[str, Any]:
    session, today = current_session(), _today()
    faults = list(refusal.faults) if refusal else []
    now = targets_on(session, today)
    typed_rows = {(kind, severity): (first, last) for kind, severity, first, last in rows or []}
    shown = []
    for kind, word in KINDS.items():
        lines = []
        for severity, label in SEVERITIES.items():
            one = now[kind, severity]
            plain = (str(one.target.first_answer_minutes), str(one.target.resolution_minutes))
            first, last = typed_rows.get((str(kind), str(severity)), plain)
            of_it = [fault for fault in faults if fault.pointer.startswith(f"/{kind}/{severity}/")]
            lines.append(
                {
                    "severity": str(severity),
                    "label": gettext(label),
                    "first": first,
                    "last": last,
                    "since": one.valid_from,
                    "faults": of_it,
                }
            )
        shown.append({"kind": str(kind), "label": gettext(word), "lines": lines})
    return {
        "targets": shown,
        "to_come": [
            (gettext(KINDS[one.kind]), gettext(SEVERITIES[one.severity]), one)
            for one in targets_to_come(session, today)
        ],
        "revision": revision or revision_of_targets(session),
        "valid_from": request.form.get("valid_from", today.isoformat()),
        "summary": [(one.pointer.strip("/").replace("/", "-") or "content", in_words(one)) for one in faults],
        "said": in_full(refusal) if refusal and not faults else "",
        "day_errors": [in_full(one) for one in faults if one.pointer == "/valid_from"],
    }


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)
