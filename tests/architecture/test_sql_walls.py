"""A table has one owner: only its capability writes it, and who reads whose tables closes no circle.

The owner is the capability whose models define the table. A fragment that an owner exports is its SQL,
wherever it is put in.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

import pytest

from tests.architecture import sql_tree, tree
from tests.architecture.sql_tree import Statement

# A module and the table of another capability that it writes nevertheless.
WRITES_ELSEWHERE = {
    ("portal.ledger.post_credit_note", "shipment_line"): (
        "one statement counts what came back of shipment and order; shipping imports the books to bill"
    ),
}

# A module and what it imports or reads above its capability.
READS_ABOVE = {
    ("portal.shipping.ship", "portal.ledger.post_invoice"): (
        "a parcel leaves and is billed in one transaction; three modules of the books read shipments"
    ),
    ("portal.shipping.queries", "invoice"): (
        "a shipment is shown with the number of its invoice, in one statement a list"
    ),
    ("portal.orders.locking", "shipment"): (
        "what an order becomes depends on its parcels; they are counted in the statement that reads its lines"
    ),
    ("portal.orders.standing", "journal_entry"): (
        "what is overdue is asked behind the lock of the account, in the statement that reads the offers"
    ),
    ("portal.orders.standing", "allocation"): "the same: what of a debt is settled",
}

# What asks about the server itself, and no table.
ASKS_THE_SERVER = "portal.web.health"


def test_every_sql_string_is_read():
    assert not sql_tree.unrecorded(), (
        "make it a constant, or a function that returns TextClause and takes nothing but flags"
    )
    assert not sql_tree.unparsed(), "no statement contains it: take it out, or give it to `text`"


def test_sql_goes_through_text_only():
    around = {"exec_driver_sql", "literal_column", "raw_connection", "cursor", "DDL", "TextClause"}
    found = {
        (module, node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id)
        for module, path in sql_tree.files().items()
        for node in tree.nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    assert {(module, name) for module, name in found if name in around} == {
        ("portal.kernel.db", "exec_driver_sql")  # the settings of a transaction
    }


def test_only_its_owner_writes_a_table():
    foreign = {
        (use.module, use.table)
        for use in sql_tree.uses()
        if use.writes and sql_tree.place(use.module) != sql_tree.owners()[use.table]
    }
    assert foreign == set(WRITES_ELSEWHERE), (
        "call the verb of its owner, or put in a fragment that the owner exports"
    )


def test_capabilities_need_each_other_without_a_circle():
    assert not sql_tree.circles(_edges(READS_ABOVE)), (
        "read downwards; what reads everything belongs in insight, checks or statements"
    )


@pytest.mark.parametrize("exception", READS_ABOVE, ids=" ".join)
def test_every_read_above_would_close_a_circle(exception):
    assert sql_tree.circles(_edges(READS_ABOVE.keys() - {exception})), "take it off the list"


def _edges(left_out: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(need.by, need.of) for need in sql_tree.needs() if (need.module, need.what) not in left_out}


def test_sql_lies_with_the_capabilities():
    homes = tree.capabilities() | {"kernel"}
    modules = {one.module for one in sql_tree.statements()} | {use.module for use in sql_tree.uses()}
    assert {module for module in modules if sql_tree.place(module) not in homes} == {ASKS_THE_SERVER}, (
        "jobs and screens call the verb or the query of the owner"
    )


def test_the_kernel_owns_the_outbox_and_the_idempotency_keys():
    assert {table for table, owner in sql_tree.owners().items() if owner == "kernel"} == {
        "outbox",
        "idempotency_key",
    }


def test_a_fragment_counts_for_who_wrote_it():
    placing = {one.module: one for one in sql_tree.statements() if "INSERT INTO sales_order" in one.sql}
    assert placing.keys() == {"portal.orders.place_order", "portal.orders.place_replacement"}
    uses = sql_tree.uses_in_sql(placing["portal.orders.place_order"])
    written = {use.table: use.module for use in uses if use.writes}
    assert written == {
        "sales_order": "portal.orders.place_order",
        "order_line": "portal.orders.place_order",
        "stock_level": "portal.stock.fragments",
        "stock_movement": "portal.stock.fragments",
        "dealer_account": "portal.dealers.account",
        "audit_event": "portal.audit.record",
        "outbox": "portal.kernel.outbox",
        "idempotency_key": "portal.kernel.idempotency",
    }


@pytest.mark.parametrize(
    ("sql", "written", "read"),
    [
        ("SELECT FROM lot", "", "lot"),
        ("SELECT 1 WHERE EXISTS (SELECT FROM public.lot)", "", "lot"),
        ("SELECT '销售订单', x FROM lot AS x, dealer", "", "lot dealer"),
        ("SELECT CAST(:at AS date) FROM lot l WHERE l.id = :id FOR UPDATE OF l", "", "lot"),
        ("WITH x AS (DELETE FROM lot RETURNING id) SELECT id FROM x", "lot", ""),
        ("INSERT INTO lot SELECT FROM dealer ON CONFLICT DO NOTHING", "lot", "dealer"),
        ("UPDATE lot SET lot_no = d.code FROM dealer d", "lot", "dealer"),
        ("DELETE FROM lot USING dealer d WHERE d.id = :id", "lot", "dealer"),
        ("MERGE INTO lot USING dealer d ON d.id = lot.id WHEN MATCHED THEN DELETE", "lot", "dealer"),
        ("TRUNCATE lot, dealer", "lot dealer", ""),
        ("SELECT set_config('a', 'UPDATE lot', true) -- FROM dealer", "", ""),
    ],
)
def test_written_and_read_tables_of_a_statement(sql, written, read):
    tables = sql_tree.tables_in(sql)
    assert {table for table, _, writes in tables if writes} == set(written.split())
    assert {table for table, _, writes in tables if not writes} == set(read.split())
    assert all(sql[place:].startswith((table, "public.")) for table, place, _ in tables)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT FROM WHERE",
        "SELECT FROM nobodys_table",
        "WITH lot AS (SELECT 1 AS id) UPDATE lot SET id = 2",
        "SELECT id INTO copied FROM lot",
    ],
)
def test_sql_that_cannot_be_judged_is_refused(sql):
    with pytest.raises(ValueError, match=r"portal\.stock\.queries:1"):
        list(sql_tree.uses_in_sql(Statement("portal.stock.queries", 1, sql, "portal.stock.queries")))


@pytest.mark.parametrize(
    ("edges", "circles"),
    [
        ("", []),
        ("ab bc ac", []),
        ("ab ba", [{"a", "b"}]),
        ("ab bc ca cd", [{"a", "b", "c"}]),
        ("ab ba cd de ec bc", [{"c", "d", "e"}, {"a", "b"}]),
    ],
)
def test_circles_are_groups_that_reach_each_other(edges, circles):
    assert sql_tree.circles((edge[0], edge[1]) for edge in edges.split()) == circles
