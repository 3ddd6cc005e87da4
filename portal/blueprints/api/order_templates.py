"""Order templates of the dealer."""

from __future__ import annotations

from typing import Any

from portal.blueprints.api.order_lines import wanted
from portal.blueprints.api.schemas.purchasing import (
    RemovedShape,
    TemplateBody,
    TemplateList,
    TemplateShape,
)
from portal.kernel import clock
from portal.kernel.errors import N_
from portal.orders.manifest import CHAPTER
from portal.orders.vocabulary import OrderRight
from portal.purchasing import templates
from portal.purchasing.templates import Template
from portal.web.api.operations import Answer, operation
from portal.web.order_terms import order_terms
from portal.web.request import current_actor, current_session

WRITERS = (OrderRight.WRITE,)


@operation(
    "GET",
    "/order-templates",
    tag=CHAPTER,
    rights=WRITERS,
    answers=TemplateList,
    summary=N_("Order templates of the dealer"),
    about=N_("By name. All people and systems of the dealer use the same."),
)
def index() -> dict[str, Any]:
    found = templates.templates(current_session(), actor=current_actor())
    items = [
        {
            "name": one.name,
            "line_count": one.line_count,
            "updated_at": one.updated_at,
            "updated_by": one.updated_by_label,
        }
        for one in found
    ]
    return {"items": items, "next_cursor": None}


@operation(
    "GET",
    "/order-templates/<name>",
    tag=CHAPTER,
    rights=WRITERS,
    answers=TemplateShape,
    summary=N_("One order template"),
    about=N_("Prices and stock are asked by POST /orders/validation with its lines."),
)
def show(name: str) -> dict[str, Any]:
    return _shown(templates.template(current_session(), actor=current_actor(), name=name))


@operation(
    "PUT",
    "/order-templates/<name>",
    tag=CHAPTER,
    rights=WRITERS,
    body=TemplateBody,
    answers=TemplateShape,
    summary=N_("Keep an order template"),
    about=N_("In place of what the name held. Whether its lines can be ordered is asked when they are."),
)
def put(name: str, body: TemplateBody) -> Answer:
    session, actor = current_session(), current_actor()
    templates.keep_template(
        session,
        actor=actor,
        name=name,
        lines=wanted(body.lines),
        limits=order_terms().limits,
        at=clock.now(),
    )
    return Answer(_shown(templates.template(session, actor=actor, name=name)))


@operation(
    "DELETE",
    "/order-templates/<name>",
    tag=CHAPTER,
    rights=WRITERS,
    answers=RemovedShape,
    conflicts=True,
    summary=N_("Remove an order template"),
    about=N_("Refused while a recurring order is made from it."),
)
def remove(name: str) -> dict[str, Any]:
    templates.remove_template(current_session(), actor=current_actor(), name=name)
    return {"name": name}


def _shown(found: Template) -> dict[str, Any]:
    return {
        "name": found.name,
        "revision": found.revision,
        "updated_at": found.updated_at,
        "updated_by": found.updated_by_label,
        "lines": [
            {
                "sku": line.sku,
                "name_zh": line.name_zh,
                "name_en": line.name_en,
                "quantity": line.quantity,
            }
            for line in found.lines
        ],
    }
