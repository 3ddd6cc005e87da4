"""Sales areas and their provinces on a day, and moves of provinces."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.regions import (
    RegionMoveBody,
    RegionMoveDecisionBody,
    RegionMoveShape,
    RegionMovesShape,
    RegionsQuery,
    RegionTreeShape,
)
from portal.dealers.vocabulary import DealerRight
from portal.insight.region_move import Preview, preview_move
from portal.kernel.errors import N_
from portal.regions import queries
from portal.regions.move_region import approve_move, propose_move, reject_move, withdraw_move
from portal.regions.queries import MoveRow
from portal.regions.rules import Stage
from portal.regions.vocabulary import RegionRight
from portal.web.api.buyer import now_and_today
from portal.web.api.operations import HEADQUARTERS, Answer, operation
from portal.web.request import current_actor, current_session

ORGANISERS = (RegionRight.ORGANISE,)


@operation(
    "GET",
    "/hq/regions",
    tag=HEADQUARTERS,
    rights=(DealerRight.HEADQUARTERS,),
    query=RegionsQuery,
    answers=RegionTreeShape,
    summary=N_("Sales areas and their provinces on a day"),
    about=N_("By the boundaries of that day, of today where none is said."),
)
def index(query: RegionsQuery) -> dict[str, Any]:
    _at, today = now_and_today()
    day = query.day or today
    areas = [
        {
            "code": area.code,
            "name_zh": area.name_zh,
            "name_en": area.name_en,
            "provinces": [
                {"code": one.code, "name_zh": one.name_zh, "name_en": one.name_en} for one in area.provinces
            ],
        }
        for area in queries.tree_on(current_session(), day)
    ]
    return {"day": day, "areas": areas}


@operation(
    "GET",
    "/hq/region-moves",
    tag=HEADQUARTERS,
    rights=ORGANISERS,
    answers=RegionMovesShape,
    summary=N_("Moves of provinces"),
    about=N_("The latest day first, with who proposed and who decided."),
)
def moves() -> dict[str, Any]:
    _at, today = now_and_today()
    return {"items": [_move(one) for one in queries.moves(current_session(), today=today)]}


@operation(
    "POST",
    "/hq/region-moves",
    tag=HEADQUARTERS,
    rights=ORGANISERS,
    body=RegionMoveBody,
    answers=RegionMoveShape,
    status=201,
    creates=True,
    conflicts=True,
    located="/hq/region-moves/{number}",
    summary=N_("Propose that a province belongs to another area"),
    about=N_("From a day on. It waits for another person; earlier business keeps its area."),
)
def create(body: RegionMoveBody) -> Answer:
    at, today = now_and_today()
    number = propose_move(
        current_session(),
        actor=current_actor(),
        region=body.region,
        area=body.area,
        valid_from=body.valid_from,
        reason=body.reason,
        today=today,
        at=at,
    )
    return Answer(_shown(number), 201)


@operation(
    "GET",
    "/hq/region-moves/<number>",
    tag=HEADQUARTERS,
    rights=ORGANISERS,
    answers=RegionMoveShape,
    summary=N_("One move of a province"),
    about=N_("With what moves, while it has not begun."),
)
def show(number: str) -> dict[str, Any]:
    return _shown(number)


@operation(
    "POST",
    "/hq/region-moves/<number>/approval",
    tag=HEADQUARTERS,
    rights=ORGANISERS,
    body=RegionMoveDecisionBody,
    answers=RegionMoveShape,
    creates=True,
    conflicts=True,
    summary=N_("Approve a move of a province"),
    about=N_("Before its day, and not by who proposed it."),
)
def approve(number: str, body: RegionMoveDecisionBody) -> dict[str, Any]:
    at, today = now_and_today()
    approve_move(current_session(), actor=current_actor(), number=number, today=today, at=at)
    return _shown(number)


@operation(
    "POST",
    "/hq/region-moves/<number>/rejection",
    tag=HEADQUARTERS,
    rights=ORGANISERS,
    body=RegionMoveDecisionBody,
    answers=RegionMoveShape,
    creates=True,
    conflicts=True,
    summary=N_("Refuse a move of a province"),
    about=N_("With a reason, and not by who proposed it."),
)
def reject(number: str, body: RegionMoveDecisionBody) -> dict[str, Any]:
    at, _today = now_and_today()
    reject_move(current_session(), actor=current_actor(), number=number, reason=body.reason, at=at)
    return _shown(number)


@operation(
    "POST",
    "/hq/region-moves/<number>/withdrawal",
    tag=HEADQUARTERS,
    rights=ORGANISERS,
    body=RegionMoveDecisionBody,
    answers=RegionMoveShape,
    creates=True,
    conflicts=True,
    summary=N_("Take an own proposal of a move back"),
    about=N_("Before anybody decided."),
)
def withdraw(number: str, body: RegionMoveDecisionBody) -> dict[str, Any]:
    at, _today = now_and_today()
    withdraw_move(current_session(), actor=current_actor(), number=number, at=at)
    return _shown(number)


def _shown(number: str) -> dict[str, Any]:
    _at, today = now_and_today()
    session = current_session()
    found = queries.move_of(session, number, today=today)
    preview = None
    if found.stage in (Stage.WAITING, Stage.COMING):
        preview = preview_move(
            session,
            region_id=found.region_id,
            from_id=found.from_id,
            area_id=found.area_id,
            day=found.valid_from,
        )
    return _move(found, preview)


def _move(one: MoveRow, preview: Preview | None = None) -> dict[str, Any]:
    return {
        "number": one.number,
        "region": one.region_code,
        "from_area": one.from_code,
        "area": one.area_code,
        "valid_from": one.valid_from,
        "reason": one.reason,
        "stage": str(one.stage),
        "proposed_by": one.proposed_by_label,
        "proposed_at": one.proposed_at,
        "decided_by": one.decided_by_label,
        "decided_at": one.decided_at,
        "decision_note": one.decision_note,
        "preview": None if preview is None else _preview(preview),
    }


def _preview(found: Preview) -> dict[str, Any]:
    return {
        "dealers": found.counts.dealers,
        "open_orders": found.counts.open_orders,
        "open_amount": found.counts.open_amount,
        "warehouses_here": found.counts.warehouses_here,
        "unauthorised": found.counts.unauthorised,
        "gaining": [one.name for one in found.gaining],
        "losing": [one.name for one in found.losing],
        "scoped": [
            {
                "kind": one.kind,
                "number": one.number,
                "title_zh": one.title_zh,
                "title_en": one.title_en,
                "begins_to_apply": one.is_gained,
            }
            for one in found.scoped
        ],
    }
