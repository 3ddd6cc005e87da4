"""The rules of a version as a table: edited like a spreadsheet, imported, exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import force_locale, gettext, ngettext
from werkzeug.wrappers import Response

from backoffice.blueprints import policy_form
from portal.kernel import clock, money, spreadsheet
from portal.kernel.errors import N_, Conflict, Fault, Invalid
from portal.kernel.paging import Page
from portal.pricing import policies as queries
from portal.pricing import rule_sheet
from portal.pricing.draft_policy import RULES_MAX, rewrite_policy
from portal.pricing.policies import PolicySummary, RuleRow
from portal.pricing.rule_sheet import SheetRules, Words, folded, without_unit
from portal.pricing.rules import BREAKS_MAX
from portal.pricing.vocabulary import PriceRight
from portal.pricing.words import BREAKS, RULE_KINDS
from portal.web.forms import read_form
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.export import export_wanted, send_list
from portal.web.presentation import in_full
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, request

blueprint = Blueprint("policy_sheet", __name__, url_prefix="/hq/policies")

FAULTS_SHOWN = 200
STEPS_LEAST = 3  # steps that a sheet has room for, even when no rule has as many
LOCALES = ("zh", "en")
_KINDS = {
    "max_quantity": Kind.QUANTITY,
    "tax_included": Kind.FLAG,
    "kind": Kind.WORD,
    "breaks_are": Kind.WORD,
}
_WORDS: dict[str, Mapping[Any, str]] = {"kind": RULE_KINDS, "breaks_are": BREAKS}
_PATHS = {"dealer": "dealer_code", "region": "region_code", "category": "category_code"}


@blueprint.get("/<int:policy_id>/sheet")
@requires(PriceRight.POLICIES, PriceRight.APPROVE)
def sheet(policy_id: int) -> str | Response:
    """All rules in one sheet; with `export` the file of them."""
    rows = _rows(policy_id)
    form = export_wanted()
    if form is None:
        return _page(_policy(policy_id), _as_text(rows))
    _policy(policy_id)
    flat = [_flat(row) for row in rows]
    return send_list(_listing(rows), lambda _cursor, _limit: Page(tuple(flat), None), form)


@blueprint.post("/<int:policy_id>/sheet")
@requires(PriceRight.POLICIES)
def save(policy_id: int) -> str | Response:
    """Replace the rules of a draft by those of the sheet or of a file: all of them, or none."""
    file = request.files.get("file")
    typed = read_form(policy_form.SheetForm).cells
    content = file.read() if file else typed.encode()
    read: SheetRules | None = None
    try:
        read = rule_sheet.read_sheet(spreadsheet.read_table(content), _words())
        rewrite_policy(
            current_session(),
            actor=current_actor(),
            policy_id=policy_id,
            revision=policy_form.revision(),
            head=None,
            rules=read.rules,
        )
    except (Invalid, Conflict) as refusal:
        current_session().rollback()
        faults = read.beside_cells(refusal.faults) if read else list(refusal.faults)
        shown = _as_text(_rows(policy_id)) if file else typed
        page = _page(_policy(policy_id), shown, refusal, faults)
        return make_response(page, 422 if isinstance(refusal, Invalid) else 409)
    count = len(read.rules)
    message = ngettext(
        "%(count)s rule has been saved.", "%(count)s rules have been saved.", count, count=count
    )
    flash(message, "success")
    return redirect(url_for("policies.show", policy_id=policy_id), 303)


def _page(
    policy: PolicySummary,
    text: str,
    refusal: Invalid | Conflict | None = None,
    faults: list[Fault] | None = None,
) -> str:
    faults = faults or []
    return render_template(
        "backoffice/policies/sheet.html",
        policy=policy,
        editable=policy.state == "draft" and policy.editable and current_actor().may(PriceRight.POLICIES),
        cells=text,
        refusal=refusal,
        faults=[(fault.pointer.strip("/"), in_full(fault)) for fault in faults[:FAULTS_SHOWN]],
        more=max(0, len(faults) - FAULTS_SHOWN),
        kinds=[gettext(word) for word in RULE_KINDS.values()],
    )


def _policy(policy_id: int) -> PolicySummary:
    return queries.policy(current_session(), actor=current_actor(), policy_id=policy_id, at=clock.now())


def _rows(policy_id: int) -> list[RuleRow]:
    """Every rule. Raises NotFound outside the actor's reach."""
    _policy(policy_id)
    return queries.policy_rules(current_session(), policy_id=policy_id, at=clock.now(), limit=RULES_MAX)


def _listing(rows: list[RuleRow]) -> Listing:
    steps = min(max([STEPS_LEAST, *(len(row.min_quantities) for row in rows)]), BREAKS_MAX)
    columns = [
        Column(name, label, _KINDS.get(name, Kind.CODE), _PATHS.get(name, ""), words=_WORDS.get(name, {}))
        for name, label in rule_sheet.FIELDS.items()
    ]
    for place in range(1, steps + 1):
        kinds = (Kind.QUANTITY, Kind.MONEY)
        named = zip(rule_sheet.step_labels(place), _step_heads(place), kinds, strict=True)
        columns += [Column(name, head, kind) for name, head, kind in named]
    return Listing("policy-rules", N_("Rules"), tuple(columns))


def _step_heads(place: int) -> tuple[str, str]:
    """What stands above a step in the language of the moment."""
    return (
        gettext("From quantity, step %(place)s", place=place),
        gettext("Value, step %(place)s", place=place),
    )


def _flat(row: RuleRow) -> SimpleNamespace:
    """A rule with an attribute for every cell."""
    cells: dict[str, Any] = {name: getattr(row, _PATHS.get(name, name)) for name in rule_sheet.FIELDS}
    cells |= {path: cells[name] for name, path in _PATHS.items()}
    for place in range(1, BREAKS_MAX + 1):
        least, value = rule_sheet.step_labels(place)
        there = place <= len(row.min_quantities)
        cells[least] = row.min_quantities[place - 1] if there else None
        cells[value] = row.values[place - 1] if there else None
    return SimpleNamespace(**cells)


def _as_text(rows: list[RuleRow]) -> str:
    """The sheet as a spreadsheet puts it into the clipboard, head first."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    listing = _listing(rows)
    writer.writerow([gettext(column.label) for column in listing.columns])
    for row in map(_flat, rows):
        writer.writerow([_cell(column, column.value(row)) for column in listing.columns])
    return out.getvalue()


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind is Kind.FLAG:
        return gettext(N_("Yes")) if value else gettext(N_("No"))
    if column.kind is Kind.WORD:
        return gettext(column.words[value])
    return money.as_text(value) if column.kind is Kind.MONEY else str(value)


@cache
def _words() -> Words:
    """What heads and cells may say: our own names of things, and their words in both languages.

    A kind of price is written with its unit; who types it leaves that away.
    """

    def said(words: Mapping[Any, str]) -> dict[str, str]:
        known = {folded(str(key)): str(key) for key in words}
        for locale in LOCALES:
            with force_locale(locale):
                for key, word in words.items():
                    known |= dict.fromkeys(
                        map(folded, (gettext(word), without_unit(gettext(word)))), str(key)
                    )
        return known

    steps: dict[str, str] = {}
    for place in range(1, BREAKS_MAX + 1):
        names = rule_sheet.step_labels(place)
        steps |= zip(names, names, strict=True)
        for locale in LOCALES:
            with force_locale(locale):
                steps |= zip(map(folded, _step_heads(place)), names, strict=True)
    return Words(
        said(rule_sheet.FIELDS) | steps,
        said(RULE_KINDS),
        said(BREAKS),
        said(rule_sheet.YES_OR_NO),
    )
