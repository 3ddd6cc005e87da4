"""A line may be cheaper than its price times its units: bands of price, discounts, gifts.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TOLERATED = {
    "constraint-missing-not-valid": "before the first release, while the web stops for 0020",
}

# One statement a table reads its lines once.
LINES = """
ALTER TABLE order_line
  ADD COLUMN discount numeric(16, 2) NOT NULL DEFAULT 0,
  ADD COLUMN gift boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT ck_order_line_amount,
  ADD CONSTRAINT ck_order_line_amount CHECK (
    amount >= 0 AND abs(amount + discount - unit_price * quantity) <= 0.005 * quantity),
  ADD CONSTRAINT ck_order_line_discount CHECK (discount >= 0),
  ADD CONSTRAINT ck_order_line_gift CHECK (
    NOT gift OR (unit_price = 0 AND discount = 0 AND amount = 0));
ALTER TABLE invoice_line
  ADD COLUMN discount numeric(16, 2) NOT NULL DEFAULT 0,
  DROP CONSTRAINT ck_invoice_line_amount,
  ADD CONSTRAINT ck_invoice_line_amount CHECK (
    amount * quantity >= 0 AND discount * quantity >= 0
    AND abs(amount + discount - unit_price * quantity) <= 0.005 * abs(quantity) + 0.02);
"""
PRICED = """
DROP TRIGGER order_line_priced ON order_line;
CREATE TRIGGER order_line_priced
  BEFORE UPDATE OF dealer_id, order_id, line_no, product_id, sku, name_zh, name_en, specification, unit,
    quantity, list_price, unit_price, tax_rate, {more}amount, tax, receipt ON order_line
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    """Discount and gift are kept with the line, and stay as they are."""
    op.execute(LINES)
    op.execute(PRICED.format(more="discount, gift, "))


def downgrade() -> None:
    """Every line costs its price times its units again; refused when one does not."""
    op.execute(PRICED.format(more=""))
    for table in ("order_line", "invoice_line"):
        op.drop_constraint(f"ck_{table}_amount", table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_amount"), table, "amount = unit_price * quantity")
        op.drop_column(table, "discount")
    op.drop_column("order_line", "gift")
