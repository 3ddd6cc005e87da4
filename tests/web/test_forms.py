"""A form is read in one way: every field by its type, all faults at once, each beside its field."""

from __future__ import annotations

import ast
from datetime import UTC, date
from decimal import Decimal

import pytest

from portal.kernel.errors import Invalid
from portal.web.forms import Day, DayIfAny, Flag, Form, Moment, Money, OwnNumber, Stripped, read_form
from tests import cast
from tests.architecture import tree

# Functions that read the fields of a form themselves, and why.
READ_THEMSELVES = {
    "portal/blueprints/issuer.py": "OAuth's own form, whose fields its library reads",
    "portal/blueprints/company_sign_in.py:back_channel": "a provider's own form, with a token that is signed",
    "portal/blueprints/cart.py:_typed_quantity": "a field for every product of a list",
    "backoffice/blueprints/dealers.py:payment": "what was sent, as the fingerprint of a second click",
    "backoffice/blueprints/dealers.py:_context": "what was typed, shown again",
    "backoffice/blueprints/document_forms.py:_rows": "what was typed, shown again",
    "backoffice/blueprints/ledger.py:_correct": "what was sent, as the fingerprint of a second click",
    "backoffice/blueprints/ledger.py:_invoice_context": "what was typed, shown again",
    "backoffice/blueprints/ledger.py:_context": "what was typed, shown again",
    "backoffice/blueprints/desk.py:_order_context": "what was typed, shown again",
    "backoffice/blueprints/returns.py:_typed": "what was typed, shown again",
    "backoffice/blueprints/cold_chain.py:_page": "what was typed, shown again",
    "backoffice/blueprints/cold_receipts.py:_page": "what was typed, shown again",
    "portal/blueprints/tracking.py:_page": "what was typed, shown again",
    "backoffice/blueprints/tracking_desk.py:_page": "what was typed, shown again",
    "portal/blueprints/files.py:begin": "the name of a file, told again with its refusal",
    "portal/blueprints/files.py:piece": "the name of a file, told again with its refusal",
    "portal/blueprints/files.py:_taken": "which field of a page the file is for",
    "portal/blueprints/delivery_photos.py:begin": "the name of a file, told again with its refusal",
    "portal/blueprints/delivery_photos.py:piece": "the name of a file, told again with its refusal",
    "backoffice/blueprints/carrier_push.py:_signed": "a carrier's own form, to the letter, as it was signed",
    "backoffice/blueprints/rebate_amendment_page.py:refused_form": "what was typed, shown again",
    "portal/blueprints/claim_form.py:typed_claim": "what was typed, shown again",
    "portal/blueprints/own_claims.py:_save": "which button was pressed",
    "backoffice/blueprints/recall_drafts.py:create": "which button was pressed",
    "backoffice/blueprints/recall_drafts.py:change": "which button was pressed",
    "backoffice/blueprints/recall_drafts.py:_proposed": "the text of a notice, as it came",
    "backoffice/blueprints/recall_form.py:form_of": "what was typed, shown again",
    "portal/blueprints/recalls.py:_answer": "a field for every thing that can have become of units",
    "portal/blueprints/recalls.py:_page": "what was typed, shown again",
    "backoffice/blueprints/substitutes.py:_list": "what was typed, shown again",
    "backoffice/blueprints/substitutes.py:page_only": "what was typed, shown again",
    "backoffice/blueprints/products.py:_save": "the fields of a product, read like a row of a sheet",
    "portal/blueprints/own_stock.py:report": "what was typed, shown again",
    "portal/blueprints/sell_out.py:report": "what was typed, shown again",
    "backoffice/blueprints/floor_prices.py:_list": "what was typed, shown again",
    "backoffice/blueprints/floor_prices.py:page_only": "what was typed, shown again",
    "backoffice/blueprints/complaints.py:_page": "what was typed, shown again",
    "portal/blueprints/pay_online.py:create": "an amount, or nothing where invoices are chosen",
    "portal/blueprints/pay_online.py:_request": "what was sent, for its fingerprint",
    "backoffice/blueprints/bank_files.py:_chosen": "a field for every column of the file",
    "backoffice/blueprints/bank_files.py:_draft_page": "what was typed, shown again",
    "backoffice/blueprints/complaints.py:handling": "which of two buttons was pressed",
    "portal/blueprints/own_ledgers.py:_chosen": "a field for every column of the file",
    "portal/blueprints/own_ledgers.py:_columns": "a field for every column of the file",
    "portal/blueprints/own_ledgers.py:_index": "what was typed, shown again",
    "portal/blueprints/own_ledgers.py:_reading": "what was typed, shown again",
    "portal/blueprints/own_ledgers.py:act": "what was typed, shown again",
    "portal/blueprints/own_ledgers.py:around": "which of two buttons was pressed",
    "portal/blueprints/own_ledgers.py:upload": "which of two buttons was pressed",
    "backoffice/blueprints/adverse_events.py:_said": "a field for every question of the report",
    "backoffice/blueprints/complaint_lots.py:_entered": "fields for every term",
    "backoffice/blueprints/complaint_lots.py:_terms": "what was typed, shown again",
    "backoffice/blueprints/maintenance_plans.py:_page": "what was typed, shown again",
    "backoffice/blueprints/repair_visits.py:_checks": "a field for every item of the list",
    "backoffice/blueprints/repair_visits.py:_page": "what was typed, shown again",
    "backoffice/blueprints/repairs.py:quote": "which of two buttons was pressed",
    "backoffice/blueprints/repairs.py:_head": "what was typed, shown again",
    "backoffice/blueprints/repairs.py:_visit_typed": "what was typed, shown again",
    "backoffice/blueprints/service_rules.py:set_them": "what was typed, shown again",
    "backoffice/blueprints/service_rules.py:_targets": "what was typed, shown again",
    "backoffice/blueprints/working_days.py:_year": "the year of the day that was typed",
    "backoffice/blueprints/working_days_import.py:_page": "what was typed, shown again",
    "portal/blueprints/repairs.py:_page": "what was typed, shown again",
    "backoffice/blueprints/transfer_draft.py:make": "which of two buttons was pressed",
    "backoffice/blueprints/transfer_draft.py:_added": "a code, before the draft is one",
    "backoffice/blueprints/transfers.py:receipt": "which of two buttons was pressed",
    "backoffice/blueprints/transfers.py:_arrived": "a field for every line",
    "backoffice/blueprints/transfers.py:_page": "a code that leads to its line",
    "backoffice/blueprints/nonconforming.py:report": "what was typed, shown again",
    "backoffice/blueprints/receipts.py:_typed_again": "what was typed, shown again",
    "backoffice/blueprints/parcels.py:_context": "what was typed, shown again",
    "backoffice/blueprints/fields_by_lot.py:packages_typed": "a field for every package and line",
    "backoffice/blueprints/fields_by_lot.py:lot_choices": "one reason for the fields of every lot",
    "backoffice/blueprints/fields_by_lot.py:_by_lot": "a field for every lot",
    "backoffice/blueprints/policy_page.py:act": "the way back to what was looked at",
    "backoffice/blueprints/policy_page.py:context": "what was typed, shown again",
    "backoffice/blueprints/policy_page.py:_typed_row": "what was typed, shown again",
    "backoffice/blueprints/policy_form.py:looked_at": "the way back to what was looked at",
    "backoffice/blueprints/policy_form.py:typed_prices": "a grid, a row a rule",
    "backoffice/blueprints/policy_form.py:_rule_ids": "a grid, a row a rule",
    "backoffice/blueprints/promotion_form.py:values_typed": "what was typed, shown again",
    "backoffice/blueprints/rebate_form.py:values_typed": "what was typed, shown again",
    "backoffice/blueprints/notice_page.py:page": "what was typed, shown again",
}


class Everything(Form):
    """A field of every type."""

    amount: Money
    on: Day
    until: DayIfAny
    at: Moment
    row: OwnNumber
    ticked: Flag
    note: str
    name: Stripped


def read(app, **fields):
    with app.test_request_context("/", method="POST", data=fields):
        return read_form(Everything)


def test_every_field_is_read_by_its_type(app):
    form = read(
        app,
        amount="￥1,234.50",
        on="2026-11-21",
        at="2026-11-21T08:30",
        row="7",
        ticked="on",
        note=" x ",
        name=" y ",
    )
    assert (form.amount, form.on, form.until) == (Decimal("1234.50"), date(2026, 11, 21), None)
    assert (form.at.tzinfo, form.at.astimezone(cast.ZONE).isoformat()[:16]) == (UTC, "2026-11-21T08:30")
    assert (form.row, form.ticked, form.note, form.name) == (7, True, " x ", "y")


@pytest.mark.parametrize("amount", ["", "1e3", "10.000,00", "１２。５", "NaN", "12345678901234"])
def test_all_that_is_wrong_is_told_at_once_each_beside_its_field(app, amount):
    with pytest.raises(Invalid) as refused:
        read(app, amount=amount, on="2026-02-30", until="tomorrow", at="soon")
    assert [fault.pointer for fault in refused.value.faults] == ["/amount", "/on", "/until", "/at"]
    assert all(fault.message and fault.fix for fault in refused.value.faults)


def test_a_field_that_was_not_sent_is_one_left_empty(app):
    form = read(app, amount="1", on="2026-11-21", at="2026-11-21T08:30")
    assert (form.row, form.ticked, form.note, form.name, form.until) == (0, False, "", "", None)


def test_no_page_reads_a_form_in_a_way_of_its_own():
    met = set()
    for path in [*tree.python_files("portal/blueprints"), *tree.python_files("backoffice/blueprints")]:
        for function in tree.functions(path):
            if any(map(_is_form, ast.walk(function))):
                met.add(f"{tree.name(path)}:{function.name}")
    whole = {name for name in READ_THEMSELVES if ":" not in name}
    assert {name for name in met if name.partition(":")[0] not in whole} == READ_THEMSELVES.keys() - whole, (
        "declare a Form and read it with read_form"
    )


def _is_form(node: ast.AST) -> bool:
    """Whether this is ``request.form``."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "form"
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    )
