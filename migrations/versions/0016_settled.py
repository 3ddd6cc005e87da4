"""What is issued, shipped, closed or published stays as it is, whoever asks; prices are read by those they
concern.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# The triggers are made of conditions wherever one says it; a trigger on columns costs nothing where others
# are written. The owner may drop old papers: the same statement is drawn to the same bytes again
# (docs/decisions/0006).
ISSUED = """
CREATE TRIGGER statement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
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

CREATE FUNCTION refuse_line_of_sent_parcel() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER user_session_ended BEFORE UPDATE OF ended_at ON user_session
  FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at)
    EXECUTE FUNCTION refuse_change();
"""

# A published version ends once, never before now, and never starts again. The owner loads versions of the
# past.
PUBLISHED = """
CREATE OR REPLACE FUNCTION refuse_published_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF NEW.state <> 'draft' AND NEW.published_at NOT BETWEEN now() AND clock_timestamp()
       AND NOT EXISTS (SELECT FROM pg_class c
                        WHERE c.oid = TG_RELID AND c.relowner = current_user::regrole) THEN
      RAISE EXCEPTION 'policy % is published now or not at all', OLD.number USING ERRCODE = 'TL004';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE'
     OR (to_jsonb(NEW) - '{state,valid_to}'::text[]) <> (to_jsonb(OLD) - '{state,valid_to}'::text[])
     OR (NEW.state <> OLD.state AND NEW.state <> 'superseded')
     OR (NEW.valid_to IS DISTINCT FROM OLD.valid_to
         AND (NEW.valid_to IS NULL OR NEW.valid_to < now() OR NEW.valid_to > OLD.valid_to)) THEN
    RAISE EXCEPTION 'policy % is published', OLD.number USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER price_rule_moved BEFORE UPDATE OF policy_id ON price_rule
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# An order, shipment, invoice or entry takes its lines in the transaction that makes it. `xmin` says who wrote
# a row last, which is who made it where nobody may write it again; orders and shipments move on, and keep who
# made them in a column.
WHOLE = """
CREATE FUNCTION refuse_late_{child}() RETURNS trigger LANGUAGE plpgsql AS $$
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

# A temporary table would be found before ours otherwise, and say to a trigger what its maker likes.
OWN_TABLES = """
DO $$ DECLARE f regprocedure; BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
            WHERE p.pronamespace = 'public'::regnamespace AND l.lanname = 'plpgsql' LOOP
    EXECUTE 'ALTER FUNCTION ' || f || ' SET search_path = pg_catalog, public, pg_temp';
  END LOOP;
END $$
"""

# The sub-select is asked once for a statement, and is itself under the policy of policies: nobody's rule for
# no scope.
POLICY_READ = "app_staff() OR (state <> 'draft' AND app_dealer() IS NOT NULL)"
RULE_READ = """
CASE WHEN app_staff() THEN dealer_id IS NULL OR app_everywhere() OR dealer_id IN (SELECT app_dealers())
     ELSE (dealer_id IS NULL OR dealer_id = app_dealer())
          AND policy_id IN (SELECT p.id FROM price_policy p WHERE p.published_at IS NOT NULL) END
"""


def upgrade() -> None:
    """Triggers and policies."""
    for statements in (ISSUED, PLACED, SENT, SHUT, PUBLISHED):
        op.execute(statements)
    made_in, written_by = "made_in = txid_current()", "xmin = pg_current_xact_id()::xid"
    for child, parent, key, made in (
        ("order_line", "sales_order", "order_id", made_in),
        ("shipment_line", "shipment", "shipment_id", made_in),
        ("invoice_line", "invoice", "invoice_id", written_by),
        ("journal_line", "journal_entry", "entry_id", written_by),
    ):
        op.execute(WHOLE.format(child=child, parent=parent, key=key, made=made))
    op.get_bind().exec_driver_sql(OWN_TABLES)
    op.execute(f"ALTER POLICY price_policy_scope ON price_policy USING ({POLICY_READ})")
    op.execute(f"ALTER POLICY price_rule_scope ON price_rule USING ({RULE_READ})")


def downgrade() -> None:
    """There is no way back to documents that change: restore a backup."""
    raise RuntimeError("restore a backup instead")
