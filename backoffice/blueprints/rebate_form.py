"""What was typed in the form of a rebate programme, and which field of it a fault belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import request

from backoffice.blueprints.rebate_figures import TIER_ROW, Figures, shown, tier_rows
from portal.kernel import typed
from portal.kernel.errors import Fault
from portal.rebates.rules import (
    Basis,
    GrowthBy,
    GrowthPays,
    LateReturns,
    Measure,
    Method,
    OnTimeMode,
    PeriodKind,
    ZeroBase,
)
from portal.rebates.terms import (
    AmendmentTerms,
    GradeTerms,
    GrowthTerms,
    MixTerms,
    OnTimeTerms,
    PayoutTerms,
    Terms,
)
from portal.web.forms import Flag, Form, OwnNumber, Stripped, column_of_form, read_form, rows_of_form

GRADE_ROW = ("days", "pays")
COLUMNS = ("regions", "tiers", *TIER_ROW, *GRADE_ROW)
_SEPARATORS = re.compile(r"[\s,;，；、]+")


class RevisionForm(Form):
    """Which state of the programme a form was made from."""

    revision: OwnNumber


class ReasonForm(Form):
    """Why something is done."""

    reason: str


class TermsForm(Form):
    """A programme. Figures and days are read with its rules, so that all that is wrong is told at once."""

    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    valid_from: Stripped
    valid_to: Stripped
    period: str
    measure: str
    basis: str
    method: str
    dealers: str
    skus: str
    category: str
    payout_basis: str
    payout_skus: str
    payout_category: str
    growth_by: str
    growth_pays: str
    growth_base_at_least: Stripped
    growth_zero_base: str
    mix_at_least: Stripped
    mix_category: str
    mix_skus: str
    mix_factor: Stripped
    on_time_mode: str
    on_time_grace_days: Stripped
    returns_at_most: Stripped
    inventory_reports: Stripped
    no_diversion_case: Flag
    multiplier: Stripped
    cap: Stripped
    guaranteed: Stripped
    minimum_payout: Stripped
    usable_share: Stripped
    budget: Stripped
    late_returns: str
    priority: Stripped
    combinable: Flag


def revision() -> int:
    """Which state the form was made from; 0, which no programme has, for what is no number."""
    return read_form(RevisionForm).revision


def reason() -> str:
    """Why it is done."""
    return read_form(ReasonForm).reason


def typed_terms(amendments: Sequence[AmendmentTerms] = ()) -> Terms:
    """Everything that was typed; what cannot be read goes along as faults.

    amendments: those of the draft; the form shows them and changes none.
    """
    return _Reader(read_form(TermsForm)).terms(tuple(amendments))


class _Reader(Figures):
    """Reads the fields of a programme's form."""

    def __init__(self, form: TermsForm) -> None:
        super().__init__()
        self._form = form

    def terms(self, amendments: tuple[AmendmentTerms, ...]) -> Terms:
        form = self._form
        figures = ("cap", "guaranteed", "minimum_payout", "budget")
        said: dict[str, Any] = {
            **form.model_dump(include={"title_zh", "title_en", "text_zh", "text_en", "category"}),
            "combinable": form.combinable,
            "valid_from": self.value(typed.day, form.valid_from, "/valid_from"),
            "valid_to": self.value(typed.day, form.valid_to, "/valid_to"),
            "period": self.one_of(PeriodKind, form.period, "/period"),
            "measure": self.one_of(Measure, form.measure, "/measure"),
            "basis": self.one_of(Basis, form.basis, "/basis"),
            "method": self.one_of(Method, form.method, "/method"),
            "late_returns": self.one_of(LateReturns, form.late_returns, "/late_returns"),
            "tiers_of": self.tiers(),
            "regions": column_of_form("regions"),
            "tiers": column_of_form("tiers"),
            "dealers": _codes(form.dealers),
            "skus": _codes(form.skus),
            "payout": self._payout(),
            "growth": self._growth(),
            "mix": self._mix(),
            "on_time": self._on_time(),
            "returns_at_most": self.value(typed.percent, form.returns_at_most, "/returns_at_most"),
            "usable_share": self.value(typed.percent, form.usable_share, "/usable_share"),
            "inventory_reports": self.value(typed.quantity, form.inventory_reports, "/inventory_reports"),
            "no_diversion_case": form.no_diversion_case,
            **{name: self.value(typed.money, getattr(form, name), f"/{name}") for name in figures},
            "multiplier": self.value(typed.percent, form.multiplier or "1", "/multiplier") or Decimal(0),
            "priority": self.value(typed.quantity, form.priority, "/priority") or 0,
            "amendments": amendments,
        }
        return Terms(**said, misread=tuple(self.faults))

    def _payout(self) -> PayoutTerms | None:
        form = self._form
        if not form.payout_basis:
            return None
        basis = self.one_of(Basis, form.payout_basis, "/payout/basis")
        return PayoutTerms(basis, _codes(form.payout_skus), form.payout_category)

    def _growth(self) -> GrowthTerms | None:
        form = self._form
        if not form.growth_by:
            return None
        return GrowthTerms(
            self.one_of(GrowthBy, form.growth_by, "/growth/by"),
            self.one_of(GrowthPays, form.growth_pays, "/growth/pays"),
            self.value(typed.money, form.growth_base_at_least, "/growth/base_at_least"),
            self.one_of(ZeroBase, form.growth_zero_base, "/growth/zero_base"),
        )

    def _mix(self) -> MixTerms | None:
        form = self._form
        if not (form.mix_at_least or form.mix_category or form.mix_skus.strip() or form.mix_factor):
            return None
        return MixTerms(
            self.figure(typed.percent, form.mix_at_least, "/mix/at_least", 0, is_asked=True),
            form.mix_category,
            _codes(form.mix_skus),
            self.figure(typed.percent, form.mix_factor or "0", "/mix/factor", 0),
        )

    def _on_time(self) -> OnTimeTerms | None:
        form = self._form
        if not form.on_time_mode:
            return None
        grades = tuple(
            GradeTerms(
                self.figure(typed.quantity, days, f"/on_time/grades/{place}/days", place, is_asked=True),
                self.figure(typed.percent, pays, f"/on_time/grades/{place}/pays", 0, is_asked=True),
            )
            for place, (days, pays) in enumerate(grade_rows())
        )
        grace = self.figure(typed.quantity, form.on_time_grace_days or "0", "/on_time/grace_days", 0)
        return OnTimeTerms(self.one_of(OnTimeMode, form.on_time_mode, "/on_time/mode"), grace, grades)


def grade_rows() -> list[tuple[str, ...]]:
    """The rows of grades in which something was typed."""
    return [row for row in rows_of_form(*GRADE_ROW) if any(value.strip() for value in row)]


def _codes(typed_codes: str) -> tuple[str, ...]:
    return tuple(code for code in _SEPARATORS.split(typed_codes) if code)


def field_of(fault: Fault) -> str:
    """The field of the form that a fault belongs to.

    Of a row its place too: ``tiers_of-1-percent``. Of a list of codes the list.
    """
    parts = fault.pointer.strip("/").split("/")
    if parts[0] == "amendments":
        return "amendments"
    if parts[0] == "tiers_of" or parts[:2] == ["on_time", "grades"]:
        return "-".join(parts)
    return "_".join(part for part in parts if not part.isdigit())


def values_of(terms: Terms) -> Mapping[str, Any]:
    """A programme as the form shows it."""
    payout, growth, mix, on_time = terms.payout, terms.growth, terms.mix, terms.on_time
    same = ("title_zh", "title_en", "text_zh", "text_en", "period", "measure", "basis", "method", "category")
    figures = (
        *("returns_at_most", "multiplier", "cap", "guaranteed", "minimum_payout", "usable_share", "budget"),
    )
    return {
        **{name: getattr(terms, name) for name in (*same, "late_returns", "priority")},
        "combinable": terms.combinable,
        "no_diversion_case": terms.no_diversion_case,
        "inventory_reports": shown(terms.inventory_reports),
        **{name: shown(getattr(terms, name)) for name in figures},
        "valid_from": terms.valid_from or "",
        "valid_to": terms.valid_to or "",
        "regions": terms.regions,
        "tiers": terms.tiers,
        "dealers": ", ".join(terms.dealers),
        "skus": ", ".join(terms.skus),
        "payout_basis": payout.basis if payout else "",
        "payout_skus": ", ".join(payout.skus) if payout else "",
        "payout_category": payout.category if payout else "",
        "growth_by": growth.by if growth else "",
        "growth_pays": growth.pays if growth else "",
        "growth_base_at_least": shown(growth.base_at_least) if growth else "",
        "growth_zero_base": growth.zero_base if growth else "",
        "mix_at_least": shown(mix.at_least) if mix else "",
        "mix_category": mix.category if mix else "",
        "mix_skus": ", ".join(mix.skus) if mix else "",
        "mix_factor": shown(mix.factor) if mix else "",
        "on_time_mode": on_time.mode if on_time else "",
        "on_time_grace_days": on_time.grace_days if on_time else "",
        "tier_rows": [
            tuple(map(shown, (one.start, one.percent, one.amount_per_unit, one.fixed)))
            for one in terms.tiers_of
        ],
        "grade_rows": [(shown(one.days), shown(one.pays)) for one in (on_time.grades if on_time else ())],
    }


def values_typed() -> Mapping[str, Any]:
    """What was typed, as the form shows it again."""
    form = request.form
    return {
        **{name: form.get(name, "") for name in form},
        "combinable": "combinable" in form,
        "no_diversion_case": "no_diversion_case" in form,
        "regions": form.getlist("regions"),
        "tiers": form.getlist("tiers"),
        "tier_rows": tier_rows(),
        "grade_rows": grade_rows(),
    }
