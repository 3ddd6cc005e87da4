"""What every account came to by the end of a month; what Stripe told of money that is set aside, and by whom.

Transports of cold goods that came in are read by when they were recorded.

Revision ID: 0079
Revises: 0078
"""

from __future__ import annotations

import os

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TOLERATED = {
    "require-concurrent-index-creation": "both tables get a few rows a day",
    "adding-not-nullable-field": "every snapshot has its sums by then; the table is read once more for it",
    "constraint-missing-not-valid": "the tables are read once, while nobody writes them",
}

SUMS = """
ALTER TABLE account_snapshot ADD COLUMN accounts text[];
ALTER TABLE account_snapshot ADD COLUMN debits numeric(16,2)[];
ALTER TABLE account_snapshot ADD COLUMN credits numeric(16,2)[];
ALTER TABLE account_snapshot DISABLE TRIGGER account_snapshot_append_only;
WITH month AS (
  SELECT e.dealer_id, e.period, l.account, coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) AS debit,
         coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0) AS credit
    FROM journal_entry e JOIN journal_line l ON (l.dealer_id, l.entry_id) = (e.dealer_id, e.id)
   WHERE l.amount <> 0 GROUP BY e.dealer_id, e.period, l.account
), total AS (
  SELECT s.dealer_id, s.period, m.account, sum(m.debit) AS debit, sum(m.credit) AS credit
    FROM account_snapshot s JOIN month m ON m.dealer_id = s.dealer_id AND m.period <= s.period
   GROUP BY s.dealer_id, s.period, m.account
), kept AS (
  SELECT dealer_id, period, array_agg(account ORDER BY account) AS accounts,
         array_agg(debit ORDER BY account) AS debits, array_agg(credit ORDER BY account) AS credits
    FROM total GROUP BY dealer_id, period
)
UPDATE account_snapshot s SET accounts = coalesce(k.accounts, '{}'), debits = coalesce(k.debits, '{}'),
       credits = coalesce(k.credits, '{}')
  FROM account_snapshot a LEFT JOIN kept k ON (k.dealer_id, k.period) = (a.dealer_id, a.period)
 WHERE (a.dealer_id, a.period) = (s.dealer_id, s.period);
ALTER TABLE account_snapshot ENABLE TRIGGER account_snapshot_append_only;
ALTER TABLE account_snapshot ALTER COLUMN accounts SET NOT NULL;
ALTER TABLE account_snapshot ALTER COLUMN debits SET NOT NULL;
ALTER TABLE account_snapshot ALTER COLUMN credits SET NOT NULL;
ALTER TABLE account_snapshot ADD CONSTRAINT ck_account_snapshot_accounts
  CHECK (cardinality(accounts) = cardinality(debits) AND cardinality(accounts) = cardinality(credits));
"""

EVENTS = """
ALTER TABLE stripe_event
  ADD COLUMN decided_by text NOT NULL DEFAULT '',
  ADD COLUMN unbooked numeric(16,2) NOT NULL DEFAULT 0,
  ADD COLUMN closed_by text NOT NULL DEFAULT '',
  ADD COLUMN closed_by_label text NOT NULL DEFAULT '',
  ADD COLUMN closed_at timestamptz,
  ADD COLUMN close_reason text NOT NULL DEFAULT '',
  DROP CONSTRAINT ck_stripe_event_state,
  DROP CONSTRAINT ck_stripe_event_trouble,
  DROP CONSTRAINT ck_stripe_event_note;
ALTER TABLE stripe_event
  ADD CONSTRAINT ck_stripe_event_state
    CHECK (state IN ('kept', 'done', 'ignored', 'waiting', 'aside', 'closed')),
  ADD CONSTRAINT ck_stripe_event_trouble CHECK (state <> 'waiting' OR trouble <> ''),
  ADD CONSTRAINT ck_stripe_event_note CHECK (state NOT IN ('aside', 'closed') OR note <> ''),
  ADD CONSTRAINT ck_stripe_event_closed CHECK ((state = 'closed') = (closed_by <> '')),
  ADD CONSTRAINT ck_stripe_event_close_reason CHECK ((state = 'closed') = (close_reason <> '')),
  ADD CONSTRAINT ck_stripe_event_other_person CHECK (closed_by = '' OR closed_by <> decided_by);
CREATE OR REPLACE FUNCTION refuse_stripe_event_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  moving text[] := '{state,trouble,note,payment,decided_by,decided_by_label,decided_at}'::text[]
    || '{unbooked,closed_by,closed_by_label,closed_at,close_reason}'::text[];
BEGIN
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - moving) = (to_jsonb(OLD) - moving) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what Stripe said never changes' USING ERRCODE = 'TL085';
END $$;
UPDATE stripe_event SET unbooked = CASE content #>> '{object,object}'
    WHEN 'payment_intent' THEN
      coalesce(content #>> '{object,amount_received}', content #>> '{object,amount}')::numeric / 100
    WHEN 'charge' THEN - coalesce(content #>> '{object,amount_refunded}', '0')::numeric / 100
    ELSE - (content #>> '{object,amount}')::numeric / 100 END
 WHERE state IN ('waiting', 'aside')
   AND (content #>> '{object,object}', content #>> '{object,status}') IN
       (('payment_intent', 'succeeded'), ('charge', 'succeeded'), ('dispute', 'lost'));
CREATE INDEX ix_stripe_event_unbooked ON stripe_event (told_at, id)
 WHERE state IN ('waiting', 'aside') AND unbooked <> 0;
"""


def upgrade() -> None:
    """Every snapshot has the sums of its accounts, every event that waits the money that is not booked."""
    op.execute(SUMS)
    op.execute(EVENTS)
    op.execute("CREATE INDEX ix_cold_receipt_recorded_at ON cold_receipt (recorded_at, number)")
    op.execute(
        "GRANT UPDATE (decided_by, unbooked, closed_by, closed_by_label, closed_at, close_reason)"
        f" ON stripe_event TO {APP_ROLE}"
    )


def downgrade() -> None:
    """What was added can be reckoned again, as long as nobody closed an event."""
    op.execute("DROP INDEX ix_cold_receipt_recorded_at")
    op.execute("DROP INDEX ix_stripe_event_unbooked")
    op.execute(
        """
        ALTER TABLE stripe_event
          DROP CONSTRAINT ck_stripe_event_state, DROP CONSTRAINT ck_stripe_event_trouble,
          DROP CONSTRAINT ck_stripe_event_note, DROP CONSTRAINT ck_stripe_event_closed,
          DROP CONSTRAINT ck_stripe_event_close_reason, DROP CONSTRAINT ck_stripe_event_other_person;
        UPDATE stripe_event SET trouble = '' WHERE state <> 'waiting';
        UPDATE stripe_event SET note = '' WHERE state <> 'aside';
        ALTER TABLE stripe_event
          ADD CONSTRAINT ck_stripe_event_state
            CHECK (state IN ('kept', 'done', 'ignored', 'waiting', 'aside')),
          ADD CONSTRAINT ck_stripe_event_trouble CHECK ((state = 'waiting') = (trouble <> '')),
          ADD CONSTRAINT ck_stripe_event_note CHECK ((state = 'aside') = (note <> ''));
        CREATE OR REPLACE FUNCTION refuse_stripe_event_change() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
          moving text[] := '{state,trouble,note,payment,decided_by_label,decided_at}';
        BEGIN
          IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - moving) = (to_jsonb(OLD) - moving) THEN
            RETURN NEW;
          END IF;
          RAISE EXCEPTION 'what Stripe said never changes' USING ERRCODE = 'TL085';
        END $$;
        """
    )
    columns = ("decided_by", "unbooked", "closed_by", "closed_by_label", "closed_at", "close_reason")
    for column in columns:
        op.drop_column("stripe_event", column)
    for column in ("accounts", "debits", "credits"):
        op.drop_column("account_snapshot", column)
