"""A busy month agrees with itself; damage of every kind is found by the check that looks for it, and told."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, time
from decimal import Decimal

import pytest
from sqlalchemy import text

from jobs import check as job
from portal.bank.reference import reference_of
from portal.checks import queries
from portal.checks.run_checks import CHECKS, check
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.ledger.post_credit_note import Returned
from tests import cast, servers
from tests.audit.acts import sealed
from tests.bank import acts as bank
from tests.checks import test_served
from tests.checks.acts import found
from tests.claims import acts as claims
from tests.credit.acts import a_change_and_a_stop
from tests.deliveries.acts import counted_and_signed
from tests.dunning.acts import a_letter_each
from tests.ledger import document_acts as documents
from tests.ledger.acts import delivered, no_books_yet, paid, returned, reversed_
from tests.payments.acts import paid_online
from tests.played import played
from tests.rebates import acts as rebates
from tests.returns import acts as returns
from tests.returns.acts import settled
from tests.settlements import acts as settlements
from tests.settlements.test_liability import posted
from tests.tax_invoices.acts import a_tax_invoice

pytestmark = pytest.mark.timeout(300)  # programs of our own start, on busy cores too

LAST_MONTH = clock.previous_period(clock.period_of(cast.TODAY))
DAY = clock.last_day(LAST_MONTH)


@played
def a_busy_month(given, database, owner):
    """Shipped, billed, paid, returned, reversed, closed; and open orders in the month after."""
    no_books_yet(owner)
    invoice = delivered(given, database, {cast.gloves: 10, cast.syringe: 20}, on=DAY).invoice_number
    signed_for = delivered(given, database, {cast.gloves: 3}, to=cast.yuegang, on=DAY).shipment_number
    counted_and_signed(database, signed_for, by=cast.yuegang.buyer, short=1, damaged=1)
    paid(database, "50.00", on=DAY)
    sent = delivered(given, database, {cast.gauze: 3}, on=DAY).shipment_number
    given.a_closed_month(LAST_MONTH)
    back = returns.requested(database, sent, returns.asked(cast.gauze, 2)).number
    returns.approved(database, back)
    returns.arrived(database, back)
    returned(database, invoice, Returned(1, 2))
    sealed(database)
    reversed_(database, paid(database, "20.00").document_no)
    paid(database, "900.00")
    settled(database, delivered(given, database, {cast.gloves: 1}).shipment_number, cast.gloves)
    given.an_order({cast.gauze: 10})
    _, programme = rebates.published(database, valid_from=clock.first_day(LAST_MONTH))
    rebates.reckoned(database)
    settlements.settled(database, programme, LAST_MONTH, today=cast.TODAY)
    posted(database, LAST_MONTH, today=cast.TODAY)
    _, kept = rebates.published(database, valid_from=clock.first_day(LAST_MONTH), usable_share=Decimal(10))
    rebates.reckoned(database)
    settlements.settled(database, kept, LAST_MONTH, today=cast.TODAY)
    claims.decided(database, claims.claimed(database, claims.expenses()))
    documents.opened(database, ("OLD-1", "10.00"), dealer=cast.suzhou)
    documents.held(database, "80.00", dealer=cast.suzhou)
    bank.taken(database, bank.mt940(bank.booked("20.00", told=reference_of(cast.huadong.code))))
    paid_online(database, cast.yuegang)
    a_tax_invoice(database, invoice)
    a_change_and_a_stop(database, cast.huadong)
    a_letter_each(database)


def test_a_busy_month_agrees_with_itself(a_busy_month, database):
    assert found(database) == {}


# The table, what is done to it with its triggers off, and the checks that have to find it.
DAMAGE = [
    ("holding", "UPDATE holding SET quantity = quantity + 1", {"custody/holdings", "custody/warehouses"}),
    (
        "custody_movement",
        "UPDATE custody_movement SET quantity = quantity + 1 WHERE kind = 'shipment'",
        {"custody/shipments"},
    ),
    (
        "serial_unit",
        "INSERT INTO serial_unit (product_id, serial, lot_id, state, warehouse_id, document)"
        " SELECT product_id, 'UNSEEN', lot_id, 'quarantined', warehouse_id, 'X' FROM lot_stock LIMIT 1",
        {"custody/serials"},
    ),
    ("stock_transfer", "UPDATE stock_transfer SET state = 'in_transit'", {"transfers/in_transit"}),
    ("stock_transfer", "UPDATE stock_transfer SET state = 'differing'", {"transfers/movements"}),
    (
        "serial_unit",
        "INSERT INTO serial_unit (product_id, serial, lot_id, state, document)"
        " SELECT product_id, 'LOST', id, 'in_transit', 'TR-PAST' FROM lot ORDER BY id LIMIT 1",
        {"transfers/serials"},
    ),
    (
        "nonconforming_report",
        "UPDATE nonconforming_report SET state = 'to_destroy', quantity = 100000",
        {"nonconforming/quarantined"},
    ),
    (
        "serial_unit",
        "INSERT INTO serial_unit (product_id, serial, lot_id, state, warehouse_id, document)"
        " SELECT product_id, 'S-' || n, lot_id, 'saleable', warehouse_id, 'X'"
        " FROM (SELECT * FROM lot_stock ORDER BY lot_id LIMIT 1) k, generate_series(1, on_hand + 1) AS n",
        {"stock/serials"},
    ),
    (
        "serial_unit",
        "INSERT INTO serial_unit (product_id, serial, lot_id, state, warehouse_id, document)"
        " SELECT product_id, 'S-1', lot_id, 'quarantined', warehouse_id, 'X'"
        " FROM lot_stock WHERE on_hand > 0 AND quarantined = 0 ORDER BY lot_id LIMIT 1",
        {"stock/serials"},
    ),
    (
        "goods_receipt_line",
        "UPDATE goods_receipt_line SET quantity = quantity + 1, accepted = accepted + 1",
        {"receiving/movements"},
    ),
    (
        "shipment_line",
        "UPDATE shipment_line SET asked_back = asked_back + 1 WHERE returned + asked_back < quantity",
        {"returns/asked-back"},
    ),
    ("return_line", "UPDATE return_line SET received = 1", {"returns/movements", "returns/asked-back"}),
    (
        "stock_movement",
        "UPDATE stock_movement SET kind = 'count' WHERE kind = 'return'",
        {"counting/movements"},
    ),
    (
        "return_request",
        "UPDATE return_request r SET replacement_no = o.number FROM sales_order o"
        " WHERE (o.dealer_id, o.id) = (r.dealer_id, r.order_id) AND r.credit_note_no IS NOT NULL",
        {"returns/replaced"},
    ),
    (
        "delivery_proof_line",
        "UPDATE delivery_proof_line SET shipped = shipped + 1, received = received + 1",
        {"deliveries/proofs"},
    ),
    (
        "delivery_proof_line",
        "UPDATE delivery_proof_line SET damaged = damaged + 1",
        {"deliveries/cases"},
    ),
    ("delivery_case_line", "DELETE FROM delivery_case_line", {"deliveries/cases"}),
    (
        "stock_level",
        "UPDATE stock_level SET reserved = reserved + 1 WHERE product_id = 301 AND on_hand > 1",
        {"stock/levels"},
    ),
    (
        "sales_order",
        "UPDATE sales_order SET total = total + 0.01 WHERE id = (SELECT min(id) FROM sales_order)",
        {"orders/lines"},
    ),
    (
        "order_line",
        "UPDATE order_line SET tax = tax - 0.01 WHERE order_id = (SELECT min(id) FROM sales_order)",
        {"orders/lines"},
    ),
    (
        "order_line",
        "DELETE FROM order_line WHERE order_id = (SELECT max(id) FROM sales_order)",
        {"orders/lines", "orders/exposure", "stock/levels"},
    ),
    (
        "dealer_account",
        "UPDATE dealer_account SET open_orders = open_orders + 0.01 WHERE dealer_id = 101",
        {"orders/exposure"},
    ),
    (
        "dealer_account",
        "UPDATE dealer_account SET balance = balance - 0.01 WHERE dealer_id = 102",
        {"ledger/accounts"},
    ),
    (
        "journal_line",
        "UPDATE journal_line SET amount = amount + 0.01 WHERE account = 'bank'",
        {"ledger/entries"},
    ),
    (
        "journal_line",
        "DELETE FROM journal_line WHERE account = 'receivable'",
        {"ledger/entries", "ledger/accounts"},
    ),
    ("payment", "UPDATE payment SET amount = amount + 1", {"ledger/documents", "bank/matches"}),
    ("bank_booking", "UPDATE bank_booking SET amount = amount + 1", {"bank/matches"}),
    (
        "bank_match",
        "UPDATE bank_match m SET payment_no = (SELECT p.number FROM payment p JOIN journal_entry r"
        " ON (r.dealer_id, r.document_no) = (p.dealer_id, p.number) AND r.reverses_id IS NOT NULL"
        " WHERE p.dealer_id = m.dealer_id AND p.amount = 20)",
        {"bank/standing"},
    ),
    (
        "payment",
        "DELETE FROM payment p WHERE NOT EXISTS (SELECT FROM bank_match m WHERE m.payment_no = p.number)"
        " AND NOT EXISTS (SELECT FROM online_posting o WHERE o.payment_no = p.number)",
        {"ledger/documents"},
    ),
    ("dunning_letter", "UPDATE dunning_letter SET amount = amount + 1", {"dunning/letters"}),
    ("dunning_letter_pdf", "UPDATE dunning_letter_pdf SET sha256 = repeat('0', 64)", {"dunning/papers"}),
    ("dealer_account", "UPDATE dealer_account SET credit_limit = credit_limit + 1", {"credit/in-force"}),
    ("tax_invoice", "UPDATE tax_invoice SET document_no = 'IN2611-GONE'", {"tax-invoices/documents"}),
    (
        "tax_invoice",
        "INSERT INTO tax_invoice (dealer_id, number, document_no, blue_no, issued_on, net, tax, gross, state,"
        " verdict, sha256, content, taken_by, taken_by_label, taken_at)"
        " SELECT dealer_id, repeat('9', 20), document_no, number, issued_on, -2 * net, -2 * tax, -2 * gross,"
        " 'attached', verdict, sha256, content, taken_by, taken_by_label, taken_at FROM tax_invoice",
        {"tax-invoices/red-letters"},
    ),
    (
        "invoice",
        "UPDATE invoice SET net = net + 1, gross = gross + 1 WHERE kind = 'invoice'",
        {"ledger/documents", "ledger/invoice-lines"},
    ),
    ("invoice_line", "UPDATE invoice_line SET tax = tax + 0.01", {"ledger/invoice-lines"}),
    ("invoice_line", "DELETE FROM invoice_line", {"ledger/invoice-lines", "ledger/billed"}),
    (
        "invoice_line",
        "UPDATE invoice_line SET quantity = quantity * 2, amount = amount * 2",
        {"ledger/invoice-lines", "ledger/billed"},
    ),
    ("order_line", "UPDATE order_line SET returned = 0", {"ledger/billed"}),
    (
        "account_document",
        "UPDATE account_document SET amount = amount + 1 WHERE kind = 'deposit'",
        {"ledger/deposits"},
    ),
    (
        "account_document",
        "UPDATE account_document SET amount = amount + 1 WHERE kind = 'opening'",
        {"ledger/documents"},
    ),
    ("rebate_note_line", "UPDATE rebate_note_line SET gross = gross - 1", {"ledger/rebate-lines"}),
    (
        "rebate_note",
        "UPDATE rebate_note SET gross = gross - 1, net = net - 1",
        {"ledger/documents", "ledger/rebate-lines", "settlements/notes"},
    ),
    (
        "rebate_settlement",
        "UPDATE rebate_settlement SET paid = paid + 1, accrued = accrued + 1",
        {"settlements/notes"},
    ),
    ("company_line", "UPDATE company_line SET amount = amount * 2", {"settlements/owed"}),
    (
        "rebate_balance_entry",
        "UPDATE rebate_balance_entry SET amount = -amount, note_no = 'RN-NONE'",
        {"settlements/balances"},
    ),
    ("rebate_claim", "UPDATE rebate_claim SET approved = approved - 1", {"claims/paid"}),
    ("rebate_claim_step", "DELETE FROM rebate_claim_step WHERE act = 'approved'", {"claims/signed"}),
    ("rebate_claim_mark", "DELETE FROM rebate_claim_mark", {"claims/evidence"}),
    ("rebate_budget", "UPDATE rebate_budget SET spent = spent - 1 WHERE spent > 1", {"budgets/sums"}),
    (
        "budget_use",
        "UPDATE budget_use SET amount = amount - 1 WHERE state = 'spent'",
        {"budgets/sums", "budgets/activities"},
    ),
    (
        "invoice_line",
        "UPDATE invoice_line SET amount = amount - 0.01, discount = 0.01 WHERE quantity = 20",
        {"ledger/invoice-lines", "ledger/billed"},
    ),
    (
        "invoice_line",
        "UPDATE invoice_line SET amount = amount + 0.01, discount = -0.01 WHERE quantity < 0",
        {"ledger/invoice-lines", "ledger/billed"},
    ),
    (
        "account_snapshot",
        "UPDATE account_snapshot SET closing = closing + 1",
        {"ledger/snapshots"},
    ),
    (
        "account_snapshot",
        "UPDATE account_snapshot SET open_amounts[1] = open_amounts[1] + 1 WHERE open_amounts <> '{}'",
        {"ledger/snapshots"},
    ),
    (
        "account_snapshot",
        "UPDATE account_snapshot SET debits[1] = debits[1] + 1 WHERE accounts <> '{}'",
        {"ledger/snapshots"},
    ),
    (
        "allocation",
        "UPDATE allocation SET amount = amount + 1000 WHERE amount > 0",
        {"ledger/allocations", "statements/ageing"},
    ),
    (
        "allocation",
        "UPDATE allocation SET credit_id = debit_id, debit_id = credit_id",
        {"ledger/allocations"},
    ),
    (
        "allocation",
        (
            "DELETE FROM allocation a USING journal_entry r"
            " WHERE r.id = a.posted_with_id AND r.reverses_id IS NOT NULL"
        ),
        {"ledger/allocations"},
    ),
    (
        "allocation",
        "DELETE FROM allocation",
        {"ledger/allocations", "ledger/unallocated", "statements/ageing"},
    ),
    (
        "statement",
        "UPDATE statement SET debits = debits + 1, credits = credits + 1 WHERE dealer_id = 101",
        {"statements/ledger"},
    ),
    ("statement", "UPDATE statement SET line_count = 0 WHERE line_count > 0", {"statements/ledger"}),
    (
        "statement",
        (
            "UPDATE statement SET opening = 1, closing = closing + 1, current_due = current_due + 1"
            " WHERE dealer_id = 103"
        ),
        {"statements/ledger", "statements/ageing"},
    ),
    (
        "statement",
        "UPDATE statement SET days_1_30 = current_due, current_due = 0 WHERE dealer_id = 101",
        {"statements/ageing"},
    ),
    (
        "journal_entry",
        "UPDATE journal_entry SET period = '2020-01' WHERE kind = 'payment'",
        {"statements/ledger", "statements/ageing"},
    ),
    ("statement_pdf", "UPDATE statement_pdf SET content = content || 'x'", {"statements/papers"}),
    ("statement_pdf", "UPDATE statement_pdf SET sha256 = reverse(sha256)", {"statements/papers"}),
    (
        "audit_event",
        "DELETE FROM audit_event WHERE id = (SELECT last FROM audit_batch WHERE number = 1)",
        {"audit/sealed"},
    ),
    ("work_year", "DELETE FROM work_year", {"workdays/years"}),
    ("online_payment", "UPDATE online_payment SET captured = captured - 1", {"payments/posted"}),
    ("online_posting", "UPDATE online_posting SET amount = amount - 1", {"payments/booked"}),
]


@pytest.mark.parametrize(("table", "damage", "checks"), DAMAGE, ids=[damage for _, damage, _ in DAMAGE])
def test_damage_is_found_by_the_check_that_looks_for_it(a_busy_month, database, owner, table, damage, checks):
    with owner.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        assert connection.execute(text(damage)).rowcount
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    assert found(database).keys() >= checks


def test_every_check_is_shown_to_find_something():
    damage = [*DAMAGE, *test_served.DAMAGE]
    assert {one.name for one in CHECKS} == set().union(*(checks for _, _, checks in damage))


def test_no_more_differences_are_told_than_asked_for(a_busy_month, database, owner):
    owner.execute(text("UPDATE dealer_account SET balance = balance + 1"))
    with transaction(database.system_session()) as session:
        results = {result.name: result for result in check(session, actor=SYSTEM, limit=2)}
    assert len(results["ledger/accounts"].told) == 2 and results["ledger/accounts"].more
    assert not results["orders/lines"].more


def last_run(database):
    with transaction(database.system_session()) as session:
        return next(iter(queries.runs(session)), None)


@pytest.fixture
def at_night(monkeypatch, database, settings):
    """The job on this test's database, at half past two at night."""
    monkeypatch.setattr(job.resources, "database", lambda: database)
    monkeypatch.setattr(job.resources, "settings", lambda: settings)
    return datetime.combine(cast.TODAY, time(2, 30), cast.ZONE)


def test_the_night_is_checked_once_and_kept(database, owner, at_night):
    owner.execute(text("UPDATE dealer_account SET balance = 7 WHERE dealer_id = 101"))
    job.sweep(lambda: at_night)
    job.sweep(lambda: at_night)
    assert owner.execute(text("SELECT count(*) FROM check_run")).scalar_one() == 1
    run = last_run(database)
    assert (run.differences, run.asked_by, run.started_at) == (1, "system", at_night)
    [told] = [result.told for result in run.results if result.told]
    assert (told[0].subject, told[0].kept, told[0].counted) == ("huadong", "7.00", "0")


def test_a_night_that_another_process_checks_meanwhile_is_not_checked_twice(database, owner, at_night):
    others = [lambda: job.sweep(lambda: at_night)]

    def while_another_looks() -> datetime:
        if others:
            others.pop()()
        return at_night

    job.sweep(while_another_looks)
    assert owner.execute(text("SELECT count(*) FROM check_run")).scalar_one() == 1


def test_a_dealer_sees_no_run(database, owner, at_night):
    job.sweep(lambda: at_night)
    for person in (cast.huadong.boss, cast.east_manager):
        with transaction(database.session_for(person.actor())) as session:
            assert session.scalar(text("SELECT count(*) FROM check_run")) == 0


def test_the_command_says_what_differs_and_how_it_ends(settings, owner):
    def run():
        command = [sys.executable, "-m", "jobs.check"]
        return subprocess.run(
            command, env=servers.environment(settings), capture_output=True, text=True, check=False
        )

    good = run()
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "0 differences"), good.stderr
    owner.execute(text("UPDATE dealer_account SET balance = 7 WHERE dealer_id = 101"))
    bad = run()
    assert bad.returncode == 1
    assert "  huadong has 7.00, should be 0\n" in bad.stdout and bad.stdout.endswith("1 differences\n")
