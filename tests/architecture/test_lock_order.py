"""A statement that locks several rows locks them by their key, so that two of them never wait crosswise."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pglast
import pytest
from pglast import ast
from pglast.stream import RawStream
from pglast.visitors import Visitor

from portal.capabilities import metadata
from tests.architecture import sql_tree

# What locks one row, by its key or by the document that leads to it; and what waits for nobody.
ONE_ROW = {
    ("portal.sellout.reverse_line", "serial_place"): "by its key",
    ("portal.bank.locked", "bank_booking"): "by its id",
    ("portal.identity.accept_invitation", "invitation"): "by the hash of its link",
    ("portal.identity.consent", "acting_consent"): "by its id",
    ("portal.identity.custom_roles", "custom_role"): "by its code",
    ("portal.identity.delegate", "delegation"): "by its id",
    ("portal.identity.staff_regions", "user_account"): "by its id",
    ("portal.regions.move_region", "region_move"): "by its number",
    ("portal.dealers.change_tier", "dealer_tier_change"): "by its number",
    ("portal.identity.reset_password", "password_reset"): "by the hash of its link",
    ("portal.identity.outside_accounts", "user_account"): "by its id",
    ("portal.providers.arrive", "identity_provider"): "by its handle",
    ("portal.providers.arrive", "provider_account"): "by its subject at one provider",
    ("portal.providers.keep_provider", "identity_provider"): "by its handle",
    ("portal.bank.take_file", "bank_file"): "by its number",
    ("portal.budgets.decide_budget", "budget_proposal"): "what waits for a pot, which is locked",
    ("portal.budgets.locked", "budget_use"): "of one document, before its activity and its pot",
    ("portal.catalogue.product_changes", "product_change"): "by its number",
    ("portal.coldchain.record_inbound", "cold_receipt"): "by its number",
    ("portal.dealers.account", "dealer_account"): "of one dealer",
    ("portal.files.resume_upload", "file_upload"): "by its id",
    ("portal.deliveries.add_photos", "delivery_case"): "by its number",
    ("portal.deliveries.decide_case", "delivery_case"): "by its number",
    ("portal.ledger.corrections", "correction_request"): "by its number",
    ("portal.kernel.outbox", "outbox"): "by its id",
    ("portal.ledger.post_credit_note", "dealer_account"): "of the dealer of one invoice",
    ("portal.ledger.post_credit_note", "sales_order"): "the order of one invoice",
    ("portal.orders.context", "dealer_account"): "of one dealer",
    ("portal.counting.documents", "stock_count"): "by its number",
    ("portal.nonconforming.documents", "nonconforming_report"): "by its number",
    ("portal.rebates.simulate", "rebate_simulation"): "by its id",
    ("portal.statements.answers", "statement_answer"): "of one statement",
    ("portal.service.locked", "service_request"): "by its key, several one after another in its order",
    ("portal.receiving.check_delivery", "purchase_order"): "by its number",
    ("portal.receiving.inspect_goods", "goods_receipt"): "by its number",
    ("portal.stock.change_location", "lot_stock"): "by warehouse and lot",
    ("portal.purchasing.drafts", "order_draft"): "by its number",
    ("portal.purchasing.recurring", "recurring_order"): "by its number",
    ("portal.orders.locking", "dealer_account"): "of the dealer of one document",
    ("portal.planning.terms", "replenishment_terms"): "of a warehouse, or of one product in it",
    ("portal.settlements.liability", "rebate_liability_month"): "of one month",
    ("portal.transfers.documents", "stock_transfer"): "by its number",
    ("portal.devices.import_devices", "device_import"): "by its number",
    ("portal.devices.locked", "device"): "by its number",
    ("portal.maintenance.finish", "maintenance"): "by its number, after its device",
    ("portal.dunning.charge_interest", "dunning_letter"): "by its number, after its dealer's account",
    ("portal.dunning.decide_run", "dunning_run"): "by its number",
    ("portal.dunning.send_letter", "dunning_letter"): "by its number, after its dealer's account",
    ("portal.papers.locked", "authorisation"): "by its number",
    ("portal.recalls.locked", "recall"): "by its number",
    ("portal.recalls.answer_recall", "recall"): "by its number",
    ("portal.recalls.answer_recall", "recall_response"): "of one dealer, after its recall",
    ("portal.payments.locked", "online_payment"): "by its key, behind its account",
    ("portal.payments.locked", "stripe_event"): "by its id, behind the account",
    ("portal.epcis.capture_events", "epcis_capture"): "one, by its number or its key",
    ("portal.own_ledgers.compare", "own_ledger"): "by its number",
    ("portal.own_ledgers.locked", "own_ledger"): "by its number",
    ("portal.notifications.due", "notification"): "by its id",
    ("portal.workdays.edit_calendar", "work_setting"): "the only row there is",
    ("portal.orders.locking", "sales_order"): "the order of one document, from the row of its account",
    ("portal.webhooks.deliver", "webhook_delivery"): "by its id, after its subscription",
    ("portal.webhooks.deliver", "webhook_subscription"): "by its id",
    ("portal.webhooks.locked", "webhook_subscription"): "by its number",
}


class Locking(NamedTuple):
    """A table whose rows a statement locks. sorted_by: columns, in order. skips: what others hold."""

    module: str
    table: str
    sorted_by: tuple[str, ...]
    skips: bool


@cache
def lockings() -> tuple[Locking, ...]:
    """Every locking clause of every statement, fragments where they are put in."""
    return tuple(
        Locking(one.module, *found)
        for one in sql_tree.statements()
        if " UPDATE" in one.sql or " SHARE" in one.sql
        for found in _locked(one.sql)
    )


def test_rows_are_locked_by_their_key():
    keys = {
        name: tuple(column.name for column in table.primary_key) for name, table in metadata.tables.items()
    }
    assert not [
        f"{one.module}: {one.table} is locked by {one.sorted_by}; its key is {keys[one.table]}"
        for one in lockings()
        if one.sorted_by and not one.skips and one.sorted_by != keys[one.table][-len(one.sorted_by) :]
    ]


def test_what_is_locked_in_no_order_is_one_row():
    unsorted = {(one.module, one.table) for one in lockings() if not one.sorted_by and not one.skips}
    assert unsorted == set(ONE_ROW), "say ORDER BY with the key of the table, or here why it is one row"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT FROM lot FOR UPDATE", [("lot", (), False)]),
        ("SELECT FROM lot AS l, dealer ORDER BY l.id FOR NO KEY UPDATE OF l", [("lot", ("id",), False)]),
        ("WITH x AS (SELECT FROM lot ORDER BY id FOR SHARE) SELECT FROM x", [("lot", ("id",), False)]),
        ("SELECT FROM lot ORDER BY id FOR UPDATE SKIP LOCKED", [("lot", ("id",), True)]),
        ("SELECT FROM lot ORDER BY id", []),
    ],
)
def test_what_a_statement_locks(sql, expected):
    assert list(_locked(sql)) == expected


def _locked(sql: str) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    found = _Lockings()
    found(pglast.parse_sql(sql_tree.plain(sql)))
    for select in found.selects:
        tables = {
            (table.alias.aliasname if table.alias else table.relname): table.relname
            for table in _tables(select)
        }
        columns = tuple(RawStream()(one.node).rpartition(".")[2] for one in select.sortClause or ())
        for clause in select.lockingClause:
            names = [one.relname for one in clause.lockedRels or ()] or list(tables)
            for name in names:
                yield tables[name], columns, clause.waitPolicy == pglast.enums.LockWaitPolicy.LockWaitSkip


def _tables(select: ast.SelectStmt) -> Iterator[ast.RangeVar]:
    """Tables of the FROM clause, not those of what is nested in it."""
    waiting = list(select.fromClause)
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.RangeVar):
            yield one
        elif isinstance(one, ast.JoinExpr):
            waiting += [one.larg, one.rarg]


class _Lockings(Visitor):
    def __init__(self) -> None:
        self.selects: list[ast.SelectStmt] = []

    def visit_SelectStmt(self, ancestors: object, node: ast.SelectStmt) -> None:
        if node.lockingClause:
            self.selects.append(node)
