"""One row of each kind made wrong, to show that a recount finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Damage:
    """The first row of a table that fits gets other values, or goes."""

    table: str
    change: str = ""
    fits: str = "true"

    def do(self, rows: Connection) -> int:
        """Damage it, whatever keys, triggers and constraints say; how many rows."""
        for name in rows.execute(_CHECKS, {"table": self.table}).scalars().all():
            rows.exec_driver_sql(f"ALTER TABLE {self.table} DROP CONSTRAINT {name}")
        act = f"UPDATE {self.table} SET {self.change}" if self.change else f"DELETE FROM {self.table}"
        one = f"ctid = (SELECT ctid FROM {self.table} WHERE {self.fits} LIMIT 1)"
        return rows.exec_driver_sql(f"{act} WHERE {one}").rowcount


UNGUARDED = text("SET LOCAL session_replication_role = replica")
_CHECKS = text(
    "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass) AND contype = 'c'"
)
_LAST_DEALER = "dealer_id = (SELECT max(dealer_id) FROM allocation)"
_ON_ITS_WAY = """(warehouse_id, product_id) IN (
    SELECT t.to_warehouse_id, n.product_id FROM stock_transfer t
      JOIN stock_transfer_line n ON n.transfer_id = t.id WHERE t.state = 'in_transit')"""
_PLAIN_DEALER = """open_orders > 0
    AND dealer_id NOT IN (SELECT dealer_id FROM account_document UNION SELECT dealer_id FROM repair
                          UNION SELECT dealer_id FROM adjustment_note WHERE gross > 0
                          UNION SELECT dealer_id FROM journal_entry WHERE reverses_id IS NOT NULL)"""

# By subject and kind.
DAMAGE: Mapping[str, Mapping[str, Damage]] = {
    "prices": {
        "tier of an order": Damage("sales_order", "tier = 'X'"),
        "region of an order": Damage("sales_order", "region_id = 0"),
        "rate of a line": Damage("order_line", "tax_rate = 0.06"),
        "tax of a line": Damage("order_line", "tax = tax + 0.01"),
        "list price of a line": Damage("order_line", "list_price = list_price + 0.01"),
        "price of a line": Damage("order_line", "unit_price = unit_price + 0.01"),
    },
    "promotions": {
        "discount of a line": Damage("order_line", "discount = discount + 0.01"),
        "spent and reached by a dealer": Damage("promotion_dealer", "spent = spent + 0.01"),
        "spent of a budget": Damage("promotion_budget", "spent = spent + 5"),
        "promotion on a line": Damage("promotion_use", "amount = amount + 0.01"),
    },
    "goods_bills": {
        "total and tax of an order": Damage("sales_order", "total = total + 0.01"),
        "units shipped and returned of a line": Damage("order_line", "shipped = shipped - 1", "shipped > 0"),
        "share of a line on an invoice": Damage("invoice_line", "amount = amount + 0.01"),
        "units of a parcel on its invoice": Damage(
            "shipment_line",
            "quantity = quantity + 1",
            "(dealer_id, shipment_id) IN (SELECT dealer_id, id FROM shipment WHERE status <> 'picking')",
        ),
        "net, tax and gross of an invoice": Damage("invoice", "net = net - 0.01, tax = tax + 0.01"),
        "tax of an invoice by rate": Damage("invoice_line", "tax = tax + 100"),
        "day and due day of an invoice": Damage("invoice", "due_on = due_on + 1", "kind = 'invoice'"),
        "open orders of a dealer": Damage("dealer_account", "open_orders = open_orders + 0.01"),
        "units asked back of a parcel": Damage("shipment_line", "asked_back = asked_back + 1"),
        "units credited by a return": Damage(
            "return_line",
            "received = received - 1",
            "(dealer_id, return_id) IN (SELECT dealer_id, id FROM return_request WHERE state = 'settled')",
        ),
    },
    "stock": {
        "on hand and reserved of a level": Damage("stock_level", "on_hand = on_hand + 1"),
        "units of a lot in a warehouse": Damage("lot_stock", "quarantined = quarantined + 1"),
        "units reserved of a level": Damage("order_line", "reserved = reserved - 1", "reserved > 0"),
        "units that wait at a level": Damage("stock_level", "backordered = backordered + 1"),
        "units on their way to a level": Damage("stock_level", "in_transit = 0", _ON_ITS_WAY),
        "units of a lot in open parcels": Damage("lot_stock", "allocated = allocated + 1"),
        "saleable lots of a level": Damage("lot_stock", "on_hand = on_hand + 1", "state = 'saleable'"),
        "units that a document moved": Damage(
            "stock_movement", "on_hand_delta = on_hand_delta - 1", "kind = 'shipment'"
        ),
        "serial numbers in a warehouse": Damage("serial_unit", "state = 'quarantined'", "state = 'saleable'"),
        "serial numbers at a dealer": Damage("serial_unit", "dealer_id = dealer_id + 1", "state = 'shipped'"),
    },
    "ledger": {
        "account of an entry": Damage("journal_line", "amount = amount + 0.01", "account = 'revenue'"),
        "entries of a document": Damage("journal_entry", "", "reverses_id IS NULL"),
        "sum, receivable and month of an entry": Damage("journal_entry", "receivable = receivable + 0.01"),
        "day of an entry": Damage("journal_entry", "occurred_on = occurred_on - 1", "kind = 'payment'"),
        "balance of a dealer": Damage("dealer_account", "balance = balance + 0.01"),
        "balance at the end of a month": Damage("account_snapshot", "closing = closing + 0.01"),
        "debits and credits of an account at the end of a month": Damage(
            "account_snapshot", "debits[1] = debits[1] + 1", "cardinality(debits) > 0"
        ),
        "trial balance at the end of a month": Damage(
            "account_snapshot", "credits[1] = credits[1] + 0.01", "cardinality(credits) > 0"
        ),
        "settled of an entry": Damage("allocation", "amount = amount + 99999999"),
        "sides, month and day of an allocation": Damage("allocation", "occurred_on = occurred_on - 1"),
        "left of a deposit": Damage(
            "account_document", "amount = 0.01", "number IN (SELECT source FROM account_document)"
        ),
        "net, tax and gross of a note": Damage("rebate_note", "net = net - 0.01, tax = tax + 0.01"),
        "credit beside an open debt": Damage("allocation", "", f"amount > 0 AND {_LAST_DEALER}"),
        "what settles what": Damage("allocation", "amount = amount - 0.01", _LAST_DEALER),
    },
    "statements": {
        "opening, movements and closing of a statement": Damage("statement", "debits = debits + 0.01"),
        "a statement after the one before": Damage("statement", "opening = opening + 0.01"),
        "ages of a statement": Damage("statement", "days_1_30 = days_1_30 + 0.01"),
        "open document of a statement": Damage(
            "statement",
            "snapshot = jsonb_set(snapshot, '{due,0,open_amount}', '\"0.01\"')",
            "jsonb_array_length(snapshot -> 'due') > 0",
        ),
        "open entry at the end of a month": Damage(
            "account_snapshot", "open_amounts[1] = open_amounts[1] + 0.01", "cardinality(open_amounts) > 0"
        ),
    },
    "money": {
        "limit or terms in force": Damage(
            "dealer_account", "credit_limit = credit_limit + 1", "dealer_id = 1"
        ),
        "exposure within the limit": Damage("dealer_account", "balance = balance + 99999999", _PLAIN_DEALER),
        "amount of a dunning letter": Damage("dunning_letter", "amount = amount + 0.01"),
        "debt in a dunning letter": Damage("dunning_item", "amount = amount + 0.01"),
        "interest in a dunning letter": Damage("dunning_item", "interest = interest + 0.01"),
        "closing balance of a bank statement": Damage("bank_statement", "closing = closing + 3"),
        "payment matched with a booking": Damage(
            "bank_booking", "amount = amount + 0.01", "id IN (SELECT booking_id FROM bank_match)"
        ),
        "online payment in the books": Damage("online_payment", "captured = captured + 5"),
        "amount of an online posting": Damage("online_posting", "amount = amount + 0.01"),
        "line of a quote": Damage("repair_quote_line", "tax = tax + 0.01"),
        "sum of a quote": Damage("repair_quote", "tax = tax + 7"),
        "invoice of a repair": Damage("service_invoice", "gross = gross + 0.01, net = net + 0.01"),
    },
    "rebates": {
        "rebate of a period": Damage("rebate_accrual", "accrued = accrued + 0.01"),
        "lines behind a rebate": Damage("rebate_accrual_line"),
        "line behind a rebate": Damage("rebate_accrual_line", "amount = amount + 0.01"),
    },
    "rebate_money": {
        "paid by a settlement": Damage("rebate_settlement", "paid = paid + 0.01"),
        "advances left of a settled period": Damage(
            "rebate_settlement", "advanced = advanced + 1", "kind = 'final'"
        ),
        "carried of a programme": Damage("rebate_settlement", "carried_in = carried_in + 1"),
        "note of a settlement": Damage(
            "rebate_note",
            "gross = gross - 0.01",
            "number IN (SELECT note_no FROM rebate_settlement) AND number NOT IN ("
            "SELECT paid_no FROM rebate_claim WHERE paid_no IS NOT NULL)",
        ),
        "tax of a line of a rebate note": Damage("rebate_note_line", "tax = tax + 0.01"),
        "note of a claim": Damage(
            "rebate_note", "gross = gross - 0.01", "number IN (SELECT paid_no FROM rebate_claim)"
        ),
        "invoices of a claim": Damage(
            "rebate_claim_invoice",
            "amount = amount + 0.01",
            "(dealer_id, claim_id) IN (SELECT dealer_id, id FROM rebate_claim WHERE state = 'paid')",
        ),
        "reserved and spent of a budget": Damage("rebate_budget", "spent = spent + 0.01"),
        "held by an activity": Damage("activity", "approved = approved - 0.01", "state = 'approved'"),
        "held by a claim": Damage(
            "budget_use", "amount = amount + 0.01", "left(document, 2) = 'CL' AND state <> 'released'"
        ),
        "owed at the end of a month": Damage("rebate_liability", "amount = amount + 0.01"),
        "liability in the company's books": Damage(
            "company_line", "amount = amount + 0.01", "account = 'rebates'"
        ),
        "day by which a claim is decided": Damage(
            "rebate_claim", "due_at = due_at + interval '1 day'", "due_at IS NOT NULL"
        ),
    },
    "clocks": {
        "promised of a request": Damage("service_request", "resolution_minutes = resolution_minutes + 1"),
        "told of a clock": Damage(
            "service_escalation", "told_at = told_at - interval '400 days'", "clock = 'first_answer'"
        ),
        "terms of an adverse event": Damage("adverse_event", "due_at = due_at + interval '1 minute'"),
        "waited for since": Damage(
            "service_request", "paused_at = paused_at - interval '1 minute'", "paused_at IS NOT NULL"
        ),
        "minutes that a clock stood": Damage("service_request", "stood_minutes = stood_minutes + 1"),
        "first answer due": Damage(
            "service_request", "first_answer_due_at = first_answer_due_at + interval '1 minute'"
        ),
        "resolution due": Damage(
            "service_request", "resolution_due_at = resolution_due_at + interval '1 minute'"
        ),
        "minutes to the first answer": Damage(
            "service_request", "first_answer_took = first_answer_took + 1", "first_answer_took IS NOT NULL"
        ),
    },
}
