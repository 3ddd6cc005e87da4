"""The rules of warranty: from when on what is owed how long."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import gettext

from portal.devices.rule_rows import categories, rule_rows
from portal.devices.set_rule import RuleEntry, set_rule
from portal.devices.vocabulary import DeviceRight
from portal.devices.warranty_rules import WarrantyBasis
from portal.devices.words import BASES
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.web.acting import Answer, acted, refused
from portal.web.forms import DayIfAny, Form, Stripped, read_form
from portal.web.presentation import in_language, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session
from portal.web.sent_once import Said

blueprint = Blueprint("warranty_rules", __name__, url_prefix="/hq/warranty-rules")


class RuleForm(Form):
    """A rule as it is typed."""

    sku: Stripped
    category: Stripped
    months: Stripped
    starts: Stripped
    latest_months: Stripped
    valid_from: DayIfAny
    reason: Stripped


@blueprint.get("")
@requires(DeviceRight.DESK)
def index() -> str:
    """Every rule, and the form of a new one."""
    return _page()


@blueprint.post("")
@requires(DeviceRight.DESK)
def create() -> Answer:
    """Set a rule."""

    def act() -> int:
        form = read_form(RuleForm)
        faults: list[Fault] = []
        months, latest = (
            typed.field(typed.quantity, said, f"/{name}", faults)
            for name, said in (("months", form.months), ("latest_months", form.latest_months or "0"))
        )
        if faults:
            raise Invalid(faults=faults)
        entry = RuleEntry(months, form.starts, latest, form.valid_from, form.sku, form.category, form.reason)
        return set_rule(current_session(), actor=current_actor(), entry=entry, at=clock.now())

    return acted(
        act,
        shown=_page,
        then=lambda _: Said(
            gettext("The rule has been set; warranties are reckoned anew within minutes."),
            url_for("warranty_rules.index"),
        ),
    )


def _page(refusal: DomainError | None = None) -> str:
    lines = [(code, f"{code} {in_language(zh, en)}") for code, zh, en in categories(current_session())]
    return render_template(
        "backoffice/devices/rules.html",
        rules=rule_rows(current_session()),
        bases=labels(BASES),
        basis_options=[(str(one), gettext(BASES[one])) for one in WarrantyBasis],
        category_options=[("", gettext("All product lines")), *lines],
        **refused(refusal),
    )
