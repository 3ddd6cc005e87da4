"""The books as of any day: the day from which an allocation counts, and each account as a month closed it.

Revision ID: 0075
Revises: 0074
"""

from __future__ import annotations

import os

from alembic import op

from migrations.tenancy import scope_table

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TOLERATED = {
    "adding-not-nullable-field": "every row has its day by then; the table is read once more for it",
    "require-concurrent-index-creation": "the table is locked while its rows get their day",
}

# Of the three entries an allocation stands on, those that count in its month give the latest day.
DAYS = """
ALTER TABLE allocation ADD COLUMN occurred_on date;
ALTER TABLE allocation DISABLE TRIGGER allocation_append_only;
UPDATE allocation a SET occurred_on = coalesce(
  (SELECT max(e.occurred_on) FROM journal_entry e
    WHERE e.dealer_id = a.dealer_id AND e.id IN (a.credit_id, a.debit_id, a.posted_with_id)
      AND e.period = a.period),
  (a.period || '-01')::date);
ALTER TABLE allocation ENABLE TRIGGER allocation_append_only;
ALTER TABLE allocation ALTER COLUMN occurred_on SET NOT NULL;
CREATE INDEX ix_allocation_dealer_id_period ON allocation (dealer_id, period, occurred_on);
"""

# An allocation counts from the latest of its entries, and not before what was undone of them: else a day in
# between would show more allocated of an entry than there is. What undoes counts no earlier than what it
# undoes.
DATED = """
CREATE FUNCTION date_allocation() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  latest record;
BEGIN
  SELECT r.period, r.occurred_on INTO latest FROM (
    SELECT e.period, e.occurred_on FROM journal_entry e
     WHERE e.dealer_id = NEW.dealer_id AND e.id IN (NEW.credit_id, NEW.debit_id, NEW.posted_with_id)
    UNION ALL
    SELECT a.period, a.occurred_on FROM allocation a
     WHERE (a.dealer_id, a.credit_id) = (NEW.dealer_id, NEW.credit_id)
       AND (a.amount < 0 OR (NEW.amount < 0 AND a.debit_id = NEW.debit_id))
    UNION ALL
    SELECT a.period, a.occurred_on FROM allocation a
     WHERE (a.dealer_id, a.debit_id) = (NEW.dealer_id, NEW.debit_id) AND a.amount < 0
  ) r ORDER BY r.period DESC, r.occurred_on DESC LIMIT 1;
  IF NEW.period > latest.period THEN
    NEW.occurred_on := (NEW.period || '-01')::date;
  ELSE
    NEW.period := latest.period;
    NEW.occurred_on := latest.occurred_on;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER allocation_dated BEFORE INSERT ON allocation FOR EACH ROW EXECUTE FUNCTION date_allocation();
"""

TABLE = """
CREATE TABLE account_snapshot (
  dealer_id bigint NOT NULL,
  period text NOT NULL,
  closing numeric(16,2) NOT NULL,
  open_entries bigint[] NOT NULL,
  open_due date[] NOT NULL,
  open_amounts numeric(16,2)[] NOT NULL,
  taken_at timestamptz NOT NULL,
  CONSTRAINT pk_account_snapshot PRIMARY KEY (dealer_id, period),
  CONSTRAINT fk_account_snapshot_dealer_id FOREIGN KEY (dealer_id) REFERENCES dealer (id),
  CONSTRAINT fk_account_snapshot_period FOREIGN KEY (period) REFERENCES accounting_period (period),
  CONSTRAINT ck_account_snapshot_open CHECK (cardinality(open_entries) = cardinality(open_due)
    AND cardinality(open_entries) = cardinality(open_amounts))
);
"""

# What a snapshot says can only be true for good when nothing more is posted in its month.
STANDS = """
CREATE TRIGGER account_snapshot_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_snapshot
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_early_snapshot() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM taken t LEFT JOIN accounting_period a ON a.period = t.period
              WHERE a.state IS NULL OR a.state = 'open') THEN
    RAISE EXCEPTION 'the month of a snapshot is still open' USING ERRCODE = 'TL100';
  END IF;
  IF EXISTS (SELECT FROM taken t
              WHERE t.closing <> (SELECT coalesce(sum(o), 0) FROM unnest(t.open_amounts) o)) THEN
    RAISE EXCEPTION 'the open items of a snapshot are not its balance' USING ERRCODE = 'TL101';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER account_snapshot_final AFTER INSERT ON account_snapshot REFERENCING NEW TABLE AS taken
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_early_snapshot();
"""

# Of every month that has statements: what its allocations had left open by then. An entry is open from its
# month to the one in which the last of it was settled.
FILL = """
WITH settled AS (
  SELECT dealer_id, entry_id, sum(amount) AS amount, max(period) AS last
    FROM (SELECT dealer_id, credit_id AS entry_id, amount, period FROM allocation
           UNION ALL SELECT dealer_id, debit_id, amount, period FROM allocation) a
   GROUP BY dealer_id, entry_id
), entry AS (
  SELECT e.dealer_id, e.id, e.period, coalesce(e.due_on, e.occurred_on) AS due, e.receivable, s.amount, s.last
    FROM journal_entry e LEFT JOIN settled s ON (s.dealer_id, s.entry_id) = (e.dealer_id, e.id)
), item AS (
  SELECT s.dealer_id, s.period, e.id, e.due, sign(e.receivable) * (abs(e.receivable)
           - coalesce((SELECT sum(a.amount) FROM allocation a
                        WHERE (a.dealer_id, a.debit_id) = (e.dealer_id, e.id) AND a.period <= s.period), 0)
           - coalesce((SELECT sum(a.amount) FROM allocation a
                        WHERE (a.dealer_id, a.credit_id) = (e.dealer_id, e.id) AND a.period <= s.period), 0)
         ) AS amount
    FROM statement s
    JOIN entry e ON e.dealer_id = s.dealer_id AND e.period <= s.period
     AND (e.amount IS NULL OR e.amount < abs(e.receivable) OR e.last > s.period)
)
INSERT INTO account_snapshot (dealer_id, period, closing, open_entries, open_due, open_amounts, taken_at)
SELECT s.dealer_id, s.period, s.closing,
       coalesce(array_agg(i.id ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{}'),
       coalesce(array_agg(i.due ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{}'),
       coalesce(array_agg(i.amount ORDER BY i.id) FILTER (WHERE i.id IS NOT NULL), '{}'), s.issued_at
  FROM statement s
  LEFT JOIN item i ON (i.dealer_id, i.period) = (s.dealer_id, s.period) AND i.amount <> 0
 GROUP BY s.dealer_id, s.id, s.period, s.closing, s.issued_at
"""


def upgrade() -> None:
    """Every allocation has its day, every closed account its snapshot."""
    for statements in (DAYS, DATED, TABLE, FILL, STANDS):
        op.execute(statements)
    for statement in scope_table("account_snapshot"):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT ON account_snapshot TO {APP_ROLE}")


def downgrade() -> None:
    """What was added can be reckoned again."""
    op.execute("DROP TABLE account_snapshot")
    op.execute("DROP FUNCTION refuse_early_snapshot()")
    op.execute("DROP TRIGGER allocation_dated ON allocation")
    op.execute("DROP FUNCTION date_allocation()")
    op.execute("DROP INDEX ix_allocation_dealer_id_period")
    op.drop_column("allocation", "occurred_on")
