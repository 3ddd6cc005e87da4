"""What the database itself refuses: scope by dealer, edits of posted facts, unbalanced entries, unsaleable
lots.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import os

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

# The scope of a transaction, as `portal.kernel.db` sets it. Plain SQL functions, so the planner inlines them.
SCOPE = """
CREATE FUNCTION app_dealer() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.dealer_id', true), '')::bigint $$;
CREATE FUNCTION app_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('app.actor_id', true), '') $$;
CREATE FUNCTION app_everywhere() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('app.region_ids', true), '') = '*' $$;
CREATE FUNCTION app_staff() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('app.region_ids', true), '') <> '' $$;
CREATE FUNCTION app_regions() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN coalesce(current_setting('app.region_ids', true), '') IN ('', '*') THEN '{}'::bigint[]
               ELSE current_setting('app.region_ids', true)::bigint[] END $$;
"""

WITHIN = """(dealer_id = app_dealer() OR app_everywhere()
  OR dealer_id IN (SELECT d.id FROM dealer d WHERE d.region_id = ANY (app_regions())))"""

OWNED = (
    "cart_line",
    "close_task",
    "dealer_account",
    "dealer_address",
    "dealer_authorisation",
    "dealer_licence",
    "invoice",
    "invoice_line",
    "journal_entry",
    "journal_line",
    "order_line",
    "payment",
    "sales_order",
    "shipment",
    "shipment_line",
    "statement",
    "statement_pdf",
)

# Tables whose `dealer_id` may be empty, and the dealer table itself: (table, what may be seen, what may be
# written).
SPECIAL = (
    (
        "dealer",
        "id = app_dealer() OR app_everywhere() OR region_id = ANY (app_regions())",
        "app_everywhere() OR region_id = ANY (app_regions())",
    ),
    ("user_account", f"{WITHIN} OR 'user:' || id = app_actor()", f"{WITHIN} OR 'user:' || id = app_actor()"),
    ("api_client", WITHIN, WITHIN),
    ("price_rule", f"dealer_id IS NULL OR {WITHIN}", f"app_staff() AND (dealer_id IS NULL OR {WITHIN})"),
    (
        "stock_movement",
        f"{WITHIN} OR (dealer_id IS NULL AND app_staff())",
        f"{WITHIN} OR (dealer_id IS NULL AND app_staff())",
    ),
    ("audit_event", WITHIN, f"{WITHIN} OR (dealer_id IS NULL AND app_staff())"),
    ("outbox", WITHIN, f"{WITHIN} OR (dealer_id IS NULL AND app_staff())"),
    ("idempotency_key", "actor = app_actor() OR app_everywhere()", "actor = app_actor() OR app_everywhere()"),
    ("price_policy", "state <> 'draft' OR app_staff()", "app_staff()"),
)

APPEND_ONLY = (
    "audit_event",
    "journal_entry",
    "journal_line",
    "invoice",
    "invoice_line",
    "payment",
    "stock_movement",
)

IMMUTABLE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'TL002';
END $$;
"""

BALANCE = """
CREATE FUNCTION check_entry_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  entry bigint;
  total numeric;
  receivable numeric;
  booked numeric;
BEGIN
  IF TG_TABLE_NAME = 'journal_entry' THEN entry := NEW.id; ELSE entry := NEW.entry_id; END IF;
  SELECT sum(l.amount), coalesce(sum(l.amount) FILTER (WHERE l.account = 'receivable'), 0)
    INTO total, booked
    FROM journal_line l WHERE l.dealer_id = NEW.dealer_id AND l.entry_id = entry;
  SELECT e.receivable INTO receivable FROM journal_entry e WHERE e.dealer_id = NEW.dealer_id AND e.id = entry;
  IF total IS DISTINCT FROM 0 OR receivable IS DISTINCT FROM booked THEN
    RAISE EXCEPTION 'journal entry % does not balance', entry USING ERRCODE = 'TL001';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_entry_balance AFTER INSERT ON journal_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_balance();
CREATE CONSTRAINT TRIGGER journal_line_balance AFTER INSERT ON journal_line
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_balance();
"""

SALEABLE = """
CREATE FUNCTION check_shipped_lots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM shipment_line s
      JOIN lot l ON l.id = s.lot_id
      LEFT JOIN lot_stock k ON k.lot_id = s.lot_id AND k.warehouse_id = NEW.warehouse_id
     WHERE s.dealer_id = NEW.dealer_id AND s.shipment_id = NEW.id
       AND (l.expires_on <= NEW.shipped_on OR coalesce(k.state, 'blocked') <> 'saleable')
  ) THEN
    RAISE EXCEPTION 'shipment % holds a lot that is expired or blocked', NEW.number USING ERRCODE = 'TL003';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER shipment_lots AFTER UPDATE OF status ON shipment
  FOR EACH ROW WHEN (OLD.status = 'picking' AND NEW.status <> 'picking')
    EXECUTE FUNCTION check_shipped_lots();
"""

PUBLISHED = """
CREATE FUNCTION refuse_published_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' THEN RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END IF;
  IF TG_OP = 'DELETE'
     OR (to_jsonb(NEW) - '{state,valid_to}'::text[]) <> (to_jsonb(OLD) - '{state,valid_to}'::text[]) THEN
    RAISE EXCEPTION 'policy % is published', OLD.number USING ERRCODE = 'TL004';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER price_policy_published BEFORE UPDATE OR DELETE ON price_policy
  FOR EACH ROW EXECUTE FUNCTION refuse_published_policy();

CREATE FUNCTION refuse_rules_of_published_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM changed c JOIN price_policy p ON p.id = c.policy_id WHERE p.state <> 'draft') THEN
    RAISE EXCEPTION 'rules of a published policy' USING ERRCODE = 'TL004';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER price_rule_inserted AFTER INSERT ON price_rule REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rules_of_published_policy();
CREATE TRIGGER price_rule_updated AFTER UPDATE ON price_rule REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rules_of_published_policy();
CREATE TRIGGER price_rule_deleted AFTER DELETE ON price_rule REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rules_of_published_policy();
"""

DELETABLE = (
    "authorization_code",
    "cart_line",
    "idempotency_key",
    "outbox",
    "price_policy",
    "price_rule",
    "refresh_token",
    "shipment",
    "shipment_line",
)


def upgrade() -> None:
    """Policies, triggers, grants."""
    op.execute(SCOPE)
    for table in OWNED:
        force(table, WITHIN, WITHIN)
    for table, seen, written in SPECIAL:
        force(table, seen, written)
    op.execute(IMMUTABLE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(BALANCE)
    op.execute(SALEABLE)
    op.execute(PUBLISHED)
    grant()


def force(table: str, seen: str, written: str) -> None:
    """Row-level security that binds the owner too."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({seen}) WITH CHECK ({written})")


def grant() -> None:
    """The serving role reads and appends; it updates nothing that is append-only and deletes only what is
    a draft.
    """
    changeable = (
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind = 'r'"
    )
    kept = ", ".join(f"'{table}'" for table in (*APPEND_ONLY, "alembic_version"))
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
    op.execute(f"REVOKE INSERT ON alembic_version FROM {APP_ROLE}")
    op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
    op.execute(
        f"DO $$ DECLARE t text; BEGIN FOR t IN {changeable} AND c.relname NOT IN ({kept}) LOOP"
        f" EXECUTE format('GRANT UPDATE ON %I TO {APP_ROLE}', t); END LOOP; END $$"
    )
    op.execute(f"GRANT DELETE ON {', '.join(DELETABLE)} TO {APP_ROLE}")


def downgrade() -> None:
    """There is no way back from the first release: restore a backup."""
    raise RuntimeError("restore a backup instead")
