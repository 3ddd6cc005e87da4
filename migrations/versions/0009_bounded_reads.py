"""Lists and counts that do not grow with what is open: orders by status, by dealer and by the dealer's
number; licences that end.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = text("status IN ('confirmed', 'on_hold', 'picking', 'partially_shipped')")

# A licence that was renewed is of no interest to whoever looks after the dealers; those would have to be
# passed over for ever.
LATEST = """
CREATE FUNCTION mark_latest_licence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := coalesce(NEW.dealer_id, OLD.dealer_id);
BEGIN
  UPDATE dealer_licence l SET latest = l.id = newest.id
    FROM (SELECT DISTINCT ON (device_class) device_class, id FROM dealer_licence
           WHERE dealer_id = owner ORDER BY device_class, valid_to DESC NULLS FIRST, id DESC) newest
   WHERE l.dealer_id = owner AND l.device_class = newest.device_class AND l.latest <> (l.id = newest.id);
  RETURN NULL;
END $$;
CREATE TRIGGER dealer_licence_latest
  AFTER INSERT OR DELETE OR UPDATE OF dealer_id, device_class, valid_to ON dealer_licence
  FOR EACH ROW EXECUTE FUNCTION mark_latest_licence();
"""
MARK_ALL = """
UPDATE dealer_licence l SET latest = false
 WHERE EXISTS (SELECT FROM dealer_licence n
                WHERE n.dealer_id = l.dealer_id AND n.device_class = l.device_class
                  AND (coalesce(n.valid_to, 'infinity'), n.id) > (coalesce(l.valid_to, 'infinity'), l.id))
"""


def upgrade() -> None:
    """An index for each way in."""
    op.drop_index("ix_sales_order_desk", "sales_order")
    op.create_index(
        "ix_sales_order_status",
        "sales_order",
        ["status", "placed_at", "id"],
        postgresql_include=["dealer_id"],
    )
    op.create_index(
        "ix_sales_order_dealer_id_status", "sales_order", ["dealer_id", "status", "placed_at", "id"]
    )
    capitals = sa.Computed("upper(purchase_order_no)", persisted=True)
    op.add_column("sales_order", sa.Column("purchase_order_key", sa.Text(), capitals, nullable=False))
    op.create_index(
        "ix_sales_order_purchase_order_key",
        "sales_order",
        ["purchase_order_key"],
        postgresql_where=text("purchase_order_key <> ''"),
    )
    op.add_column("dealer_licence", sa.Column("latest", sa.Boolean(), nullable=False, server_default="true"))
    op.execute("SELECT set_config('app.region_ids', '*', true)")
    op.execute(MARK_ALL)
    op.execute("SELECT set_config('app.region_ids', '', true)")
    op.execute(LATEST)
    op.create_index(
        "ix_dealer_licence_ending",
        "dealer_licence",
        ["valid_to", "dealer_id"],
        postgresql_where=text("latest"),
    )


def downgrade() -> None:
    """Back to one index of the open orders."""
    op.drop_index("ix_dealer_licence_ending", "dealer_licence")
    op.execute("DROP TRIGGER dealer_licence_latest ON dealer_licence")
    op.execute("DROP FUNCTION mark_latest_licence()")
    op.drop_column("dealer_licence", "latest")
    for name in ("purchase_order_key", "dealer_id_status", "status"):
        op.drop_index(f"ix_sales_order_{name}", "sales_order")
    op.drop_column("sales_order", "purchase_order_key")
    op.create_index(
        "ix_sales_order_desk", "sales_order", ["placed_at", "id", "status"], postgresql_where=OPEN
    )
