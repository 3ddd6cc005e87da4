"""Units set apart, serial numbers in their one place, bins.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

from migrations.tenancy import WITHIN, scope_table

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

KINDS = "'receipt', 'reservation', 'release', 'shipment', 'return', 'expiry'"
MORE_KINDS = "'inspection', 'quarantine', 'dispatch', 'transfer', 'count', 'scrap'"

NOBODYS_TOO = f"{WITHIN} OR (dealer_id IS NULL AND app_staff())"


def upgrade() -> None:
    """Expired units lie in quarantine from now on; levels keep counting what may be sold."""
    for column in ("inspecting", "quarantined"):
        op.add_column("lot_stock", sa.Column(column, sa.Integer(), server_default="0", nullable=False))
        op.add_column(
            "stock_movement", sa.Column(f"{column}_delta", sa.Integer(), server_default="0", nullable=False)
        )
    op.add_column("lot_stock", sa.Column("location", sa.Text(), server_default="", nullable=False))
    op.execute(
        "ALTER TABLE lot_stock ADD CONSTRAINT ck_lot_stock_set_apart"
        " CHECK (inspecting >= 0 AND quarantined >= 0) NOT VALID"
    )
    op.execute(
        f"ALTER TABLE stock_movement DROP CONSTRAINT ck_stock_movement_kind,"
        f" ADD CONSTRAINT ck_stock_movement_kind CHECK (kind IN ({KINDS}, {MORE_KINDS})) NOT VALID"
    )
    _move_expired()
    _serials()
    op.execute(f"GRANT INSERT (product_id, lot_no, produced_on, expires_on) ON lot TO {APP_ROLE}")
    op.execute(
        "GRANT INSERT (warehouse_id, lot_id, product_id, on_hand, location),"
        f" UPDATE (inspecting, quarantined, location) ON lot_stock TO {APP_ROLE}"
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE lot_stock VALIDATE CONSTRAINT ck_lot_stock_set_apart")
        op.execute("ALTER TABLE stock_movement VALIDATE CONSTRAINT ck_stock_movement_kind")


def _move_expired() -> None:
    """What left the level by its expiry lies in quarantine; the movement says so beside the old one."""
    op.execute(
        """
        INSERT INTO stock_movement (at, warehouse_id, product_id, lot_id, kind, quarantined_delta,
                                    document, actor)
        SELECT now(), warehouse_id, product_id, lot_id, 'expiry', on_hand, 'EXPIRED', 'system'
          FROM lot_stock WHERE state = 'expired' AND on_hand > 0
        """
    )
    op.execute(
        "UPDATE lot_stock SET quarantined = on_hand, on_hand = 0 WHERE state = 'expired' AND on_hand > 0"
    )


def _serials() -> None:
    op.create_table(
        "serial_unit",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=True),
        sa.Column("dealer_id", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('inspecting', 'saleable', 'quarantined', 'in_transit', 'shipped', 'scrapped')",
            name=op.f("ck_serial_unit_state"),
        ),
        sa.CheckConstraint(
            "(warehouse_id IS NOT NULL) = (state IN ('inspecting', 'saleable', 'quarantined'))",
            name=op.f("ck_serial_unit_here"),
        ),
        sa.CheckConstraint(
            "(dealer_id IS NOT NULL) = (state = 'shipped')", name=op.f("ck_serial_unit_shipped")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_serial_unit_product_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_serial_unit_lot_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_serial_unit_warehouse_id")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_serial_unit_dealer_id")),
        sa.PrimaryKeyConstraint("product_id", "serial", name=op.f("pk_serial_unit")),
    )
    op.create_index(
        "ix_serial_unit_lot",
        "serial_unit",
        ["warehouse_id", "lot_id"],
        postgresql_where="warehouse_id IS NOT NULL",
    )
    op.create_index(
        "ix_serial_unit_document",
        "serial_unit",
        ["dealer_id", "document"],
        postgresql_where="dealer_id IS NOT NULL",
    )
    op.execute(
        """
        INSERT INTO serial_unit (product_id, serial, lot_id, state, dealer_id, document)
        SELECT DISTINCT ON (l.product_id, n.serial) l.product_id, n.serial, l.lot_id, 'shipped', l.dealer_id,
               s.number
          FROM shipment_line l
          JOIN shipment s ON (s.dealer_id, s.id) = (l.dealer_id, l.shipment_id) AND s.status <> 'picking'
         CROSS JOIN LATERAL unnest(l.serials) AS n(serial)
         WHERE l.returned = 0
         ORDER BY l.product_id, n.serial, s.shipped_at DESC
        """
    )
    for statement in scope_table("serial_unit", seen=NOBODYS_TOO, written=NOBODYS_TOO):
        op.execute(statement)
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (lot_id, state, warehouse_id, dealer_id, document)"
        f" ON serial_unit TO {APP_ROLE}"
    )


def downgrade() -> None:
    """Expired units are on hand again, in no level; refused once a movement of a new kind is written."""
    op.drop_table("serial_unit")
    op.execute(f"REVOKE INSERT ON lot FROM {APP_ROLE}")
    op.execute(f"REVOKE INSERT ON lot_stock FROM {APP_ROLE}")
    op.execute("UPDATE lot_stock SET on_hand = on_hand + quarantined WHERE state = 'expired'")
    op.execute("ALTER TABLE stock_movement DROP CONSTRAINT ck_stock_movement_kind")
    op.execute(f"ALTER TABLE stock_movement ADD CONSTRAINT ck_stock_movement_kind CHECK (kind IN ({KINDS}))")
    for column in ("inspecting", "quarantined"):
        op.drop_column("stock_movement", f"{column}_delta")
        op.drop_column("lot_stock", column)
    op.drop_column("lot_stock", "location")
