"""What is issued, placed, sent or shut stays as it is, whoever asks (docs/decisions/0027).

Revision ID: settled
Revises: tenancy
"""

from __future__ import annotations

from alembic import op

revision = "settled"
down_revision = "tenancy"
branch_labels = None
depends_on = None

# The triggers are made of conditions wherever one says it; a trigger on columns costs nothing where others
# are written. The owner may drop old papers: the same statement is drawn to the same bytes again
# (docs/decisions/0006).
APPEND_ONLY = (
    "allocation",
    "audit_event",
    "invoice",
    "invoice_line",
    "journal_entry",
    "journal_line",
    "payment",
    "statement",
    "stock_movement",
)
KEPT = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
PAPERS = """
CREATE TRIGGER statement_pdf_append_only BEFORE UPDATE OR TRUNCATE ON statement_pdf
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

PLACED = """
CREATE TRIGGER sales_order_placed
  BEFORE UPDATE OF dealer_id, id, number, names, currency, total, tax ON sales_order
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sales_order_kept BEFORE DELETE OR TRUNCATE ON sales_order
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_line_priced
  BEFORE UPDATE OF dealer_id, order_id, line_no, product_id, sku, name_zh, name_en, specification, unit,
    quantity, list_price, unit_price, tax_rate, amount, tax, receipt ON order_line
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_line_kept BEFORE DELETE OR TRUNCATE ON order_line
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

SENT = """
CREATE TRIGGER shipment_sent
  BEFORE UPDATE OF dealer_id, id, number, order_id, warehouse_id, carrier, tracking_no, picked_at, picked_by,
    shipped_at, shipped_on, shipped_by ON shipment
  FOR EACH ROW WHEN (OLD.status <> 'picking') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shipment_received BEFORE UPDATE OF status, received_at, received_by ON shipment
  FOR EACH ROW WHEN (OLD.status = 'received' OR (OLD.status = 'shipped' AND NEW.status <> 'received'))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER shipment_kept BEFORE DELETE ON shipment
  FOR EACH ROW WHEN (OLD.status <> 'picking') EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_line_of_sent_parcel() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM shipment s
              WHERE s.dealer_id = OLD.dealer_id AND s.id = OLD.shipment_id AND s.status <> 'picking') THEN
    RAISE EXCEPTION 'line of a parcel that was sent' USING ERRCODE = 'TL002';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER shipment_line_sent
  BEFORE DELETE OR UPDATE OF dealer_id, shipment_id, line_no, lot_id, product_id, quantity, lot_no,
    expires_on, registration_no, serials ON shipment_line
  FOR EACH ROW EXECUTE FUNCTION refuse_line_of_sent_parcel();
"""

SHUT = """
CREATE TRIGGER accounting_period_shut BEFORE UPDATE ON accounting_period
  FOR EACH ROW WHEN (OLD.state = 'closed' OR NEW.period <> OLD.period
                     OR (OLD.state = 'closing' AND NEW.state = 'open'))
  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER accounting_period_kept BEFORE DELETE ON accounting_period
  FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER correction_request_decided BEFORE UPDATE ON correction_request
  FOR EACH ROW WHEN (OLD.state <> 'waiting') EXECUTE FUNCTION refuse_change();
"""

# An order, shipment, invoice or entry takes its lines in the transaction that makes it. `xmin` says who wrote
# a row last, which is who made it where nobody may write it again; orders and shipments move on, and keep who
# made them in a column.
WHOLE = """
CREATE FUNCTION refuse_late_{child}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT FROM written w WHERE NOT EXISTS (
      SELECT FROM {parent} p WHERE p.dealer_id = w.dealer_id AND p.id = w.{key} AND p.{made})
  ) THEN
    RAISE EXCEPTION 'a line after its document' USING ERRCODE = 'TL002';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER {child}_whole AFTER INSERT ON {child} REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_{child}();
"""
MADE_IN, WRITTEN_BY = "made_in = txid_current()", "xmin = pg_current_xact_id()::xid"
LINES = (
    ("order_line", "sales_order", "order_id", MADE_IN),
    ("shipment_line", "shipment", "shipment_id", MADE_IN),
    ("invoice_line", "invoice", "invoice_id", WRITTEN_BY),
    ("journal_line", "journal_entry", "entry_id", WRITTEN_BY),
)


def upgrade() -> None:
    """Triggers."""
    for table in APPEND_ONLY:
        op.execute(KEPT.format(table=table))
    for statements in (PAPERS, PLACED, SENT, SHUT):
        op.execute(statements)
    for child, parent, key, made in LINES:
        op.execute(WHOLE.format(child=child, parent=parent, key=key, made=made))


def downgrade() -> None:
    """There is no way back from the first release: restore a backup."""
    raise RuntimeError("restore a backup instead")
