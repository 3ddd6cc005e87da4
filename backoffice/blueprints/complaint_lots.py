"""Complaints by product and lot, and the terms that the law sets."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from portal.complaints.clock_rules import UNITS, Term, TermName, Unit
from portal.complaints.terms import revision_of_terms, set_terms, terms_on
from portal.complaints.trend import LotRow, by_lot
from portal.complaints.vocabulary import READERS
from portal.complaints.words import TERMS
from portal.complaints.words import UNITS as UNIT_WORDS
from portal.kernel import clock, typed
from portal.kernel.errors import DomainError, Fault, Invalid
from portal.nonconforming.vocabulary import QualityRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Form, OwnNumber, Stripped, read_form
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal
from portal.web.sent_once import Said

blueprint = Blueprint("complaint_lots", __name__, url_prefix="/hq/complaint-lots")


class TermsForm(Form):
    """From which day on, as they were read; each term has fields of its own name."""

    revision: OwnNumber
    valid_from: Stripped


PERIODS = (30, 90, 365)
_BARS = 12


@blueprint.get("")
@requires(*READERS)
def index() -> str:
    """Which lots are complained about, signals first."""
    said, at = request.args.get("days", ""), clock.now()
    days = int(said) if said in {str(one) for one in PERIODS} else 90
    today = clock.business_date(at, portal().settings.timezone)
    rows = by_lot(current_session(), actor=current_actor(), days=days, today=today, at=at)
    return render_template(
        "backoffice/complaints/lots.html",
        rows=rows,
        days=str(days),
        periods=[(str(one), gettext("%(days)s days", days=one)) for one in PERIODS],
        chart=_chart(rows[:_BARS]),
        terms=terms_on(current_session(), today),
    )


@blueprint.get("/terms")
@requires(QualityRight.DECIDE)
def terms() -> str:
    """How long reports may take, and when a signal is raised."""
    return _terms()


@blueprint.post("/terms")
@requires(QualityRight.DECIDE)
def set_them() -> Answer:
    """Have other terms count from a day on."""

    def act() -> int:
        form, faults, at = read_form(TermsForm), list[Fault](), clock.now()
        entered = {name: _entered(name, faults) for name in TermName}
        day = typed.field(typed.day, form.valid_from, "/valid_from", faults)
        if faults or day is None:
            raise Invalid(faults=faults)
        return set_terms(
            current_session(),
            actor=current_actor(),
            revision=form.revision or 0,
            terms={name: term for name, term in entered.items() if term},
            valid_from=day,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return acted(
        act,
        shown=_terms,
        then=lambda count: Said(
            gettext("Terms changed: %(count)s. Clocks that run keep theirs.", count=count),
            url_for("complaint_lots.terms"),
        ),
    )


def _entered(name: TermName, faults: list[Fault]) -> Term | None:
    said = {
        part: request.form.get(f"{name}-{part}", "") for part in ("amount", "unit", "warn_first", "warn_last")
    }
    numbers = {
        part: typed.field(typed.quantity, said[part], f"/{name}/{part}", faults)
        for part in ("amount", "warn_first", "warn_last")
    }
    unit = Unit(said["unit"]) if said["unit"] in list(Unit) else UNITS[name][0]
    amount, first, last = numbers["amount"], numbers["warn_first"], numbers["warn_last"]
    if amount is None or first is None or last is None:
        return None
    return Term(amount, unit, first, last)


def _terms(refusal: DomainError | None = None) -> str:
    today = clock.business_date(clock.now(), portal().settings.timezone)
    now = terms_on(current_session(), today)
    sent = request.form if refusal else {}
    shown = []
    for name, word in TERMS.items():
        one = now[name]
        kept = {
            "amount": str(one.term.amount),
            "unit": str(one.term.unit),
            "warn_first": str(one.term.warn_first),
            "warn_last": str(one.term.warn_last),
        }
        shown.append(
            {
                "name": str(name),
                "label": gettext(word),
                "since": one.valid_from,
                "is_clock": not name.startswith("trend"),
                "units": [(str(unit), gettext(UNIT_WORDS[unit])) for unit in UNITS[name]],
                **{part: sent.get(f"{name}-{part}", value) for part, value in kept.items()},
            }
        )
    return render_template(
        "backoffice/complaints/terms.html",
        shown=shown,
        revision=sent.get("revision", revision_of_terms(current_session())),
        valid_from=sent.get("valid_from", today.isoformat()),
        **refused(refusal),
    )


def _chart(rows: list[LotRow]) -> dict[str, Any]:
    return {
        "kind": "bar",
        "format": "quantity",
        "categories": [f"{one.sku} {one.lot_no}".strip() for one in rows],
        "series": [{"name": gettext("Complaints"), "values": [one.complaints for one in rows]}],
    }
