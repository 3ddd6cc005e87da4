"""Plans of maintenance: how often, what is checked, what is needed."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.devices.rule_rows import categories
from portal.devices.vocabulary import DeviceRight
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.maintenance.queries import PlanRow, plans
from portal.maintenance.rules import CountsFrom
from portal.maintenance.set_plan import PlanEntry, set_plan
from portal.maintenance.words import BASES
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Flag, Form, OwnNumber, Stripped, read_form
from portal.web.presentation import in_language, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request
from portal.web.sent_once import Said

blueprint = Blueprint("maintenance_plans", __name__, url_prefix="/hq/maintenance-plans")


class PlanForm(Form):
    """A plan as it is typed."""

    code: Stripped
    name_zh: Stripped
    name_en: Stripped
    sku: Stripped
    category: Stripped
    every_months: Stripped
    every_uses: Stripped
    counts_from: Stripped
    items: str
    parts: str
    voids_warranty: Flag
    is_active: Flag
    revision: OwnNumber


@blueprint.get("")
@requires(DeviceRight.DESK)
def index() -> str:
    """Every plan, and the form of a new one, or of the one that the address names."""
    return _page()


@blueprint.post("")
@requires(DeviceRight.DESK)
def save() -> Answer:
    """Make a plan, or change one."""

    def act() -> None:
        form = read_form(PlanForm)
        faults: list[Fault] = []
        months, uses = (
            typed.field(typed.quantity, said, f"/{name}", faults) if said else None
            for name, said in (("every_months", form.every_months), ("every_uses", form.every_uses))
        )
        if faults:
            raise Invalid(faults=faults)
        said = form.model_dump() | {"every_months": months, "every_uses": uses}
        set_plan(current_session(), actor=current_actor(), entry=PlanEntry(**said), at=clock.now())

    return acted(
        act,
        shown=_page,
        then=lambda _: Said(gettext("The plan has been saved."), url_for("maintenance_plans.index")),
    )


def _page(refusal: DomainError | None = None) -> str:
    rows = plans(current_session())
    chosen = next((one for one in rows if one.code == request.args.get("code")), None)
    lines = [(code, f"{code} {in_language(zh, en)}") for code, zh, en in categories(current_session())]
    return render_template(
        "backoffice/maintenance/plans.html",
        plans=rows,
        bases=labels(BASES),
        basis_options=[(str(one), gettext(BASES[one])) for one in CountsFrom],
        category_options=[("", gettext("No product line")), *lines],
        entered=request.form if refusal else _typed(chosen),
        **refused(refusal),
    )


def _typed(plan: PlanRow | None) -> dict[str, str]:
    """A plan as its form shows it."""
    if plan is None:
        return {"is_active": "1", "counts_from": "done"}
    items = (" | ".join(filter(None, (one["zh"], one["en"], one["unit"]))) for one in plan.items)
    return {
        "code": plan.code,
        "name_zh": plan.name_zh,
        "name_en": plan.name_en,
        "sku": plan.sku or "",
        "category": plan.category_code or "",
        "every_months": str(plan.every_months or ""),
        "every_uses": str(plan.every_uses or ""),
        "counts_from": plan.counts_from,
        "items": "\n".join(items),
        "parts": "\n".join(plan.parts),
        "voids_warranty": "1" if plan.voids_warranty else "",
        "is_active": "1" if plan.is_active else "",
        "revision": str(plan.revision),
    }
