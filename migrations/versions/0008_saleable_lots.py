"""What may be sold follows from the day: the expiry of a lot beside its units, so that one look finds the
lots that ran out.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The lot says when it expires; whoever writes its units need not know, and cannot say otherwise.
EXPIRY = """
CREATE FUNCTION lot_stock_expiry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT l.expires_on INTO NEW.expires_on FROM lot l WHERE l.id = NEW.lot_id;
  RETURN NEW;
END $$;
CREATE TRIGGER lot_stock_expiry BEFORE INSERT OR UPDATE OF lot_id, expires_on ON lot_stock
  FOR EACH ROW EXECUTE FUNCTION lot_stock_expiry();

CREATE FUNCTION lot_expiry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lot_stock SET expires_on = NEW.expires_on WHERE lot_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER lot_expiry AFTER UPDATE OF expires_on ON lot
  FOR EACH ROW WHEN (OLD.expires_on IS DISTINCT FROM NEW.expires_on) EXECUTE FUNCTION lot_expiry();
"""


def upgrade() -> None:
    """Copy the expiry once, then keep it."""
    op.add_column("lot_stock", sa.Column("expires_on", sa.Date()))
    op.execute(
        "UPDATE lot_stock k SET expires_on = l.expires_on FROM lot l"
        " WHERE l.id = k.lot_id AND l.expires_on IS NOT NULL"
    )
    op.execute(EXPIRY)
    op.create_index(
        "ix_lot_stock_saleable",
        "lot_stock",
        ["warehouse_id", "product_id", "expires_on"],
        postgresql_where=sa.text("state = 'saleable'"),
    )


def downgrade() -> None:
    """Leave the expiry to the lots."""
    op.drop_index("ix_lot_stock_saleable", "lot_stock")
    op.execute("DROP TRIGGER lot_expiry ON lot")
    op.execute("DROP TRIGGER lot_stock_expiry ON lot_stock")
    op.execute("DROP FUNCTION lot_expiry()")
    op.execute("DROP FUNCTION lot_stock_expiry()")
    op.drop_column("lot_stock", "expires_on")
