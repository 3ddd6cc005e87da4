"""Transfers between warehouses, stock counts, and reports of non-conforming goods.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

STAFF = "USING (app_staff()) WITH CHECK (app_staff())"

MAY_CHANGE = {
    "stock_transfer": "state, expected_on, dispatched_by, dispatched_by_label, dispatched_at, received_by,"
    " received_by_label, received_at",
    "stock_transfer_line": "received, damaged, lost, serials",
    "stock_transfer_outcome": "",
    "stock_count": "state, submitted_by, submitted_by_label, submitted_at, decided_by, decided_by_label,"
    " decided_at, note",
    "stock_count_line": "is_open, round, counted, expected, serials, missing, surplus",
    "stock_count_entry": "",
    "nonconforming_report": "state, decided_by, decided_by_label, decided_at, decision_note, witnessed_by,"
    " witnessed_by_label, witnessed_at",
}
"""What moves on of each table. Nothing of any is deleted."""


def upgrade() -> None:
    """The tables, for headquarters only."""
    _transfers()
    _counts()
    _reports()
    for table, columns in MAY_CHANGE.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} {STAFF}")
        update = f", UPDATE ({columns})" if columns else ""
        op.execute(f"GRANT SELECT, INSERT{update} ON {table} TO {APP_ROLE}")
    for table in ("stock_transfer_outcome", "stock_count_entry"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _identity() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _units(name: str, **how: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), **{"nullable": False, **how})


def _word(name: str, **how: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), **{"nullable": False, **how})


def _list(name: str) -> sa.Column[Any]:
    return sa.Column(name, JSONB(), nullable=False)


def _done(act: str, *, nullable: bool = True) -> list[sa.Column[Any]]:
    """Who did something, and when."""
    return [
        sa.Column(f"{act}_by", sa.Text(), nullable=nullable),
        sa.Column(f"{act}_by_label", sa.Text(), nullable=nullable),
        sa.Column(f"{act}_at", sa.DateTime(timezone=True), nullable=nullable),
    ]


def _entered() -> list[sa.Column[Any]]:
    """Who wrote a row that is never changed, and when."""
    return [_word("actor"), _word("actor_label"), sa.Column("at", sa.DateTime(timezone=True), nullable=False)]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _check(table: str, name: str, sql: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(sql, name=op.f(f"ck_{table}_{name}"))


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _transfers() -> None:
    table = "stock_transfer"
    op.create_table(
        table,
        _identity(),
        _word("number"),
        _key("from_warehouse_id"),
        _key("to_warehouse_id"),
        _word("state", server_default="draft"),
        sa.Column("expected_on", sa.Date(), nullable=True),
        _word("note", server_default=""),
        *_done("made", nullable=False),
        *_done("dispatched"),
        *_done("received"),
        _check(table, "state", "state IN ('draft', 'in_transit', 'differing', 'received', 'cancelled')"),
        _check(table, "two_warehouses", "from_warehouse_id <> to_warehouse_id"),
        _refers(table, "from_warehouse_id", "warehouse"),
        _refers(table, "to_warehouse_id", "warehouse"),
        _primary(table, "id"),
        sa.UniqueConstraint("number", name=op.f("uq_stock_transfer_number")),
    )
    op.create_index("ix_stock_transfer_state", table, ["state", "made_at", "id"])
    op.create_index("ix_stock_transfer_made_at", table, ["made_at", "id"])
    _transfer_lines()


def _transfer_lines() -> None:
    table = "stock_transfer_line"
    op.create_table(
        table,
        _key("transfer_id"),
        _units("line_no"),
        _key("product_id"),
        _key("lot_id"),
        _units("quantity"),
        _units("received", server_default="0"),
        _units("damaged", server_default="0"),
        _units("lost", server_default="0"),
        _list("serials"),
        _check(table, "quantity", "quantity > 0"),
        _check(
            table,
            "within_quantity",
            "received >= 0 AND damaged >= 0 AND lost >= 0 AND received + damaged + lost <= quantity",
        ),
        _refers(table, "transfer_id", "stock_transfer"),
        _refers(table, "product_id", "product"),
        _refers(table, "lot_id", "lot"),
        _primary(table, "transfer_id", "line_no"),
    )
    op.create_index("ix_stock_transfer_line_product_id", table, ["product_id"])
    table = "stock_transfer_outcome"
    op.create_table(
        table,
        _identity(),
        _key("transfer_id"),
        _units("line_no"),
        _word("outcome"),
        _units("units"),
        _list("serials"),
        _word("reason", server_default=""),
        *_entered(),
        _check(table, "outcome", "outcome IN ('received', 'damaged', 'found', 'lost')"),
        _check(table, "units", "units > 0"),
        sa.ForeignKeyConstraint(
            ["transfer_id", "line_no"],
            ["stock_transfer_line.transfer_id", "stock_transfer_line.line_no"],
            name=op.f("fk_stock_transfer_outcome_transfer_id"),
        ),
        _primary(table, "id"),
    )
    op.create_index("ix_stock_transfer_outcome_transfer_id", table, ["transfer_id"])


def _counts() -> None:
    table = "stock_count"
    op.create_table(
        table,
        _identity(),
        _word("number"),
        _key("warehouse_id"),
        _list("scope"),
        _word("state", server_default="counting"),
        *_done("opened", nullable=False),
        *_done("submitted"),
        *_done("decided"),
        _word("note", server_default=""),
        _check(
            table,
            "state",
            "state IN ('counting', 'recounting', 'submitted', 'approved', 'rejected', 'cancelled')",
        ),
        _refers(table, "warehouse_id", "warehouse"),
        _primary(table, "id"),
        sa.UniqueConstraint("number", name=op.f("uq_stock_count_number")),
    )
    op.create_index("ix_stock_count_state", table, ["state", "opened_at", "id"])
    op.create_index("ix_stock_count_opened_at", table, ["opened_at", "id"])
    _count_lines()


def _count_lines() -> None:
    table = "stock_count_line"
    standing = "standing IN ('saleable', 'inspecting', 'quarantined')"
    op.create_table(
        table,
        _key("count_id"),
        _key("lot_id"),
        _word("standing"),
        _key("product_id"),
        _key("warehouse_id"),
        sa.Column("is_open", sa.Boolean(), server_default="true", nullable=False),
        _units("expected_start"),
        _units("round", server_default="1"),
        _units("counted", nullable=True),
        _units("expected", nullable=True),
        _list("serials"),
        _list("missing"),
        _list("surplus"),
        _check(table, "standing", standing),
        _check(table, "counted", "counted >= 0"),
        _check(table, "expected", "(counted IS NULL) = (expected IS NULL)"),
        _check(table, "round", "round BETWEEN 1 AND 2"),
        _refers(table, "count_id", "stock_count"),
        _refers(table, "lot_id", "lot"),
        _refers(table, "product_id", "product"),
        _refers(table, "warehouse_id", "warehouse"),
        _primary(table, "count_id", "lot_id", "standing"),
    )
    op.create_index(
        "uq_stock_count_line_open",
        table,
        ["warehouse_id", "lot_id", "standing"],
        unique=True,
        postgresql_where="is_open",
    )
    table = "stock_count_entry"
    op.create_table(
        table,
        _identity(),
        _key("count_id"),
        _key("lot_id"),
        _word("standing"),
        _units("round"),
        _units("units"),
        _units("expected"),
        _list("serials"),
        *_entered(),
        sa.ForeignKeyConstraint(
            ["count_id", "lot_id", "standing"],
            ["stock_count_line.count_id", "stock_count_line.lot_id", "stock_count_line.standing"],
            name=op.f("fk_stock_count_entry_count_id"),
        ),
        _primary(table, "id"),
    )
    op.create_index("ix_stock_count_entry_line", table, ["count_id", "lot_id", "standing"])


def _reports() -> None:
    table = "nonconforming_report"
    op.create_table(
        table,
        _identity(),
        _word("number"),
        _key("warehouse_id"),
        _key("product_id"),
        _key("lot_id"),
        _units("quantity"),
        _word("source"),
        _word("reason"),
        _list("serials"),
        _word("state", server_default="reported"),
        *_done("reported", nullable=False),
        *_done("decided"),
        _word("decision_note", server_default=""),
        *_done("witnessed"),
        _check(table, "state", "state IN ('reported', 'released', 'sent_back', 'to_destroy', 'destroyed')"),
        _check(
            table,
            "source",
            "source IN ('inspection', 'return', 'cold_chain', 'transfer', 'count', 'expiry', 'by_hand')",
        ),
        _check(table, "quantity", "quantity > 0"),
        _check(table, "decided", "(state = 'reported') = (decided_at IS NULL)"),
        _check(table, "witnessed", "(state = 'destroyed') = (witnessed_at IS NOT NULL)"),
        _check(table, "another_decides", "decided_by <> reported_by"),
        _check(table, "another_witnesses", "witnessed_by <> decided_by"),
        _refers(table, "warehouse_id", "warehouse"),
        _refers(table, "product_id", "product"),
        _refers(table, "lot_id", "lot"),
        _primary(table, "id"),
        sa.UniqueConstraint("number", name=op.f("uq_nonconforming_report_number")),
    )
    op.create_index("ix_nonconforming_report_state", table, ["state", "reported_at", "id"])
    op.create_index("ix_nonconforming_report_reported_at", table, ["reported_at", "id"])
    op.create_index("ix_nonconforming_report_lot", table, ["warehouse_id", "lot_id"])


def downgrade() -> None:
    """No transfers, counts and reports."""
    for table in reversed(MAY_CHANGE):
        op.drop_table(table)
