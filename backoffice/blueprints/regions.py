"""Sales areas and their provinces, as they are on a day, and moves of provinces from a day on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.dealers.vocabulary import DealerRight
from portal.insight.region_move import KINDS, preview_move
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.regions import queries
from portal.regions.move_region import approve_move, propose_move, reject_move, withdraw_move
from portal.regions.queries import Area, MoveRow
from portal.regions.rules import Stage
from portal.regions.vocabulary import RegionRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, Stripped, read_form
from portal.web.fresh_sign_in import fresh_sign_in
from portal.web.presentation import in_language, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said

blueprint = Blueprint("regions", __name__, url_prefix="/hq")


class MoveForm(Form):
    """Which province goes where, from when, and why."""

    region: Stripped
    area: Stripped
    valid_from: str
    reason: Stripped


class ReasonForm(Form):
    """Why a move is refused."""

    reason: Stripped


@blueprint.get("/regions")
@requires(DealerRight.HEADQUARTERS)
def index() -> str:
    """The tree of a day; the moves for whoever may make some."""
    session, today = current_session(), _today()
    day = _day_of(request.args.get("day", "")) or today
    may_move = _may_move()
    return render_template(
        "backoffice/regions/index.html",
        tree=queries.tree_on(session, day),
        moves=queries.moves(session, today=today) if may_move else (),
        day=day,
        today=today,
        may_move=may_move,
    )


@blueprint.get("/region-moves/new")
@requires(RegionRight.ORGANISE)
def new() -> str:
    """The form of a move, with what would move once province, area and day are said."""
    return _form()


@blueprint.post("/region-moves")
@requires(RegionRight.ORGANISE)
@fresh_sign_in
def create() -> str | Response:
    """Propose a move."""
    form, at = read_form(MoveForm), clock.now()

    def act() -> str:
        faults: list[Fault] = []
        day = typed.field(typed.day, form.valid_from, "/valid_from", faults)
        if day is None:
            raise Invalid(faults=faults)
        return propose_move(
            current_session(),
            actor=current_actor(),
            region=form.region[:20],
            area=form.area[:20],
            valid_from=day,
            reason=form.reason,
            today=_today(),
            at=at,
        )

    def then(number: str) -> Said:
        words = gettext("%(number)s waits for another person's approval.", number=number)
        return Said(words, url_for("regions.show", number=number))

    return acted(act, shown=_form, then=then)


@blueprint.get("/region-moves/<number>")
@requires(RegionRight.ORGANISE)
def show(number: str) -> str:
    """One move, with what moves while it has not begun."""
    return _page(number)


@blueprint.post("/region-moves/<number>/approval")
@requires(RegionRight.ORGANISE)
@fresh_sign_in
def approval(number: str) -> Answer:
    """Approve what another person proposed."""
    return _decide(
        number,
        gettext("%(number)s is approved.", number=number),
        lambda: approve_move(
            current_session(), actor=current_actor(), number=number, today=_today(), at=clock.now()
        ),
    )


@blueprint.post("/region-moves/<number>/rejection")
@requires(RegionRight.ORGANISE)
def rejection(number: str) -> Answer:
    """Refuse it, with the reason."""
    form = read_form(ReasonForm)
    return _decide(
        number,
        gettext("%(number)s has been rejected.", number=number),
        lambda: reject_move(
            current_session(), actor=current_actor(), number=number, reason=form.reason, at=clock.now()
        ),
    )


@blueprint.post("/region-moves/<number>/withdrawal")
@requires(RegionRight.ORGANISE)
def withdrawal(number: str) -> Answer:
    """Take the own proposal back."""
    return _decide(
        number,
        gettext("%(number)s has been withdrawn.", number=number),
        lambda: withdraw_move(current_session(), actor=current_actor(), number=number, at=clock.now()),
    )


def _decide(number: str, done: str, act: Callable[[], None]) -> Answer:
    queries.move_of(current_session(), number, today=_today())
    return acted(
        act,
        shown=lambda refusal: _page(number, refusal),
        then=lambda _: Said(done, url_for("regions.show", number=number)),
    )


def _form(refusal: DomainError | None = None) -> str:
    session, today = current_session(), _today()
    said = {name: request.values.get(name, "").strip()[:20] for name in ("region", "area", "valid_from")}
    day = _day_of(said["valid_from"])
    tree = queries.tree_on(session, day or today)
    provinces = {one.code: (one, area) for area in tree for one in area.provinces}
    areas = {area.code: area for area in tree}
    chosen, area = provinces.get(said["region"]), areas.get(said["area"])
    preview = None
    if day and chosen and area and chosen[1].id != area.id:
        preview = preview_move(
            session, region_id=chosen[0].id, from_id=chosen[1].id, area_id=area.id, day=day
        )
    return render_template(
        "backoffice/regions/new.html",
        said=said,
        province_options=[(code, _named(one, within)) for code, (one, within) in provinces.items()],
        area_options=[(code, in_language(one.name_zh, one.name_en)) for code, one in areas.items()],
        preview=preview,
        kinds=labels(KINDS),
        today=today,
        **refused(refusal),
    )


def _named(one: queries.Province, within: Area) -> str:
    area = in_language(within.name_zh, within.name_en)
    return f"{in_language(one.name_zh, one.name_en)} ({area})"


def _page(number: str, refusal: DomainError | None = None) -> str:
    session, actor = current_session(), current_actor()
    found: MoveRow = queries.move_of(session, number, today=_today())
    waits = found.stage is Stage.WAITING and _may_move()
    context: dict[str, Any] = {
        "found": found,
        "preview": None,
        "kinds": labels(KINDS),
        "may_decide": waits and found.proposed_by not in actor.counts_as,
        "may_withdraw": waits and found.proposed_by == actor.key,
    }
    if found.stage in (Stage.WAITING, Stage.COMING) and _may_move():
        context["preview"] = preview_move(
            session,
            region_id=found.region_id,
            from_id=found.from_id,
            area_id=found.area_id,
            day=found.valid_from,
        )
    return render_template("backoffice/regions/show.html", **context, **refused(refusal))


def _may_move() -> bool:
    return current_actor().may(RegionRight.ORGANISE) and current_actor().region_ids is None


def _today() -> date:
    return clock.business_date(clock.now(), portal().settings.timezone)


def _day_of(typed_day: str) -> date | None:
    try:
        return date.fromisoformat(typed_day.strip()[:10])
    except ValueError:
        return None
