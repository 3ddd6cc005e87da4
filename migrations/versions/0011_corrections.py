"""What settles what, as rows; corrections that wait for a second person; and the same bank reference
recognised again.

What was paid so far is allocated as the statements issued so far say, each at the end of its month.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

WITHIN = "(dealer_id = app_dealer() OR app_everywhere() OR dealer_id IN (SELECT app_dealers()))"
REFERENCE_KEY = r"lower(regexp_replace(normalize(reference, NFKC), '\s+', '', 'g'))"
DECISION = "state, decided_by, decided_by_label, decided_at, decision_note, posted_no"

# The account's lock is held by every verb that posts. Taken here as well, it makes the sums below true for
# whoever allocates beside them.
WITHIN_ITS_ENTRIES = """
CREATE FUNCTION check_allocations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM dealer_account WHERE dealer_id IN (SELECT m.dealer_id FROM made m)
   ORDER BY dealer_id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM (SELECT m.dealer_id, v.entry_id FROM made m
                  CROSS JOIN LATERAL (VALUES (m.credit_id), (m.debit_id)) v(entry_id)
                  GROUP BY m.dealer_id, v.entry_id) t
      JOIN journal_entry e ON (e.dealer_id, e.id) = (t.dealer_id, t.entry_id)
     CROSS JOIN LATERAL (
       SELECT (SELECT coalesce(sum(a.amount), 0) FROM allocation a
                WHERE (a.dealer_id, a.debit_id) = (e.dealer_id, e.id)) AS settled,
              (SELECT coalesce(sum(a.amount), 0) FROM allocation a
                WHERE (a.dealer_id, a.credit_id) = (e.dealer_id, e.id)) AS spent) s
     WHERE s.settled NOT BETWEEN 0 AND greatest(e.receivable, 0)
        OR s.spent NOT BETWEEN 0 AND greatest(-e.receivable, 0)
  ) THEN
    RAISE EXCEPTION 'more is allocated of a journal entry than there is' USING ERRCODE = 'TL011';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER allocation_within AFTER INSERT ON allocation REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION check_allocations();
"""

# What a statement said until now: every month anew, the debts that fell due first were paid by all that was
# given by its end. So each month allocates what this reckoning says at its end, less what the months before
# it allocated. Debts and credits of a dealer are laid end to end, in the order in which they settle each
# other: between two ends of either, one credit lies over one debt. An entry that was reversed by then and its
# reversal settle each other.
BACKFILL = """
WITH reversal AS (
  SELECT r.dealer_id, r.id, r.reverses_id, o.receivable
    FROM journal_entry r JOIN journal_entry o ON (o.dealer_id, o.id) = (r.dealer_id, r.reverses_id)
   WHERE r.period <= :period
), standing AS (
  SELECT e.* FROM journal_entry e
   WHERE e.period <= :period AND e.reverses_id IS NULL
     AND NOT EXISTS (SELECT FROM reversal r WHERE (r.dealer_id, r.reverses_id) = (e.dealer_id, e.id))
), laid AS MATERIALIZED (
  SELECT dealer_id, id, receivable > 0 AS is_debt, row_number() OVER w AS place,
         sum(abs(receivable)) OVER w AS upto
    FROM standing WHERE receivable <> 0
  WINDOW w AS (PARTITION BY dealer_id, receivable > 0
               ORDER BY CASE WHEN receivable > 0 THEN coalesce(due_on, occurred_on) END,
                        CASE WHEN receivable < 0 THEN period END, occurred_on, id)
), piece AS (
  SELECT dealer_id, upto - coalesce(lag(upto) OVER (PARTITION BY dealer_id ORDER BY upto), 0) AS amount,
         min(place) FILTER (WHERE is_debt) OVER (PARTITION BY dealer_id ORDER BY upto DESC) AS debt_place,
         min(place) FILTER (WHERE NOT is_debt)
           OVER (PARTITION BY dealer_id ORDER BY upto DESC) AS credit_place
    FROM laid
), said AS (
  SELECT p.dealer_id, c.id AS credit_id, d.id AS debit_id, p.amount
    FROM piece p
    JOIN laid d ON d.is_debt AND (d.dealer_id, d.place) = (p.dealer_id, p.debt_place)
    JOIN laid c ON NOT c.is_debt AND (c.dealer_id, c.place) = (p.dealer_id, p.credit_place)
   WHERE p.amount > 0
  UNION ALL
  SELECT dealer_id, CASE WHEN receivable < 0 THEN reverses_id ELSE id END,
         CASE WHEN receivable < 0 THEN id ELSE reverses_id END, abs(receivable)
    FROM reversal WHERE receivable <> 0
), before AS (
  SELECT dealer_id, credit_id, debit_id, sum(amount) AS amount FROM allocation
   GROUP BY dealer_id, credit_id, debit_id
)
INSERT INTO allocation (dealer_id, credit_id, debit_id, amount, period, posted_with_id)
SELECT c.dealer_id, c.credit_id, c.debit_id, c.change, :period,
       (SELECT max(e.id) FROM journal_entry e WHERE e.dealer_id = c.dealer_id AND e.period = :period)
  FROM (SELECT dealer_id, credit_id, debit_id, coalesce(said.amount, 0) - coalesce(before.amount, 0) AS change
          FROM said FULL JOIN before USING (dealer_id, credit_id, debit_id)) c
 WHERE c.change <> 0
"""


def backfill(connection: sa.Connection) -> None:
    """Allocate what was settled so far, month by month."""
    for period in connection.scalars(
        sa.text("SELECT DISTINCT period FROM journal_entry ORDER BY period")
    ).all():
        connection.execute(sa.text(BACKFILL), {"period": period})


def upgrade() -> None:
    """Two tables, a column, an index, a trigger; and what was settled so far."""
    op.create_index(
        "uq_journal_entry_document",
        "journal_entry",
        ["dealer_id", "document_no"],
        unique=True,
        postgresql_where="reverses_id IS NULL",
    )
    op.add_column(
        "payment",
        sa.Column("reference_key", sa.Text(), sa.Computed(REFERENCE_KEY, persisted=True), nullable=False),
    )
    op.create_index("ix_payment_number", "payment", ["number"])
    op.create_index(
        "ix_payment_dealer_id_reference_key",
        "payment",
        ["dealer_id", "reference_key"],
        postgresql_where="reference_key <> ''",
    )
    _allocation()
    _correction_request()
    for table in ("allocation", "correction_request"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_scope ON {table} USING ({WITHIN}) WITH CHECK ({WITHIN})")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}")
    op.execute(f"GRANT UPDATE ({DECISION}) ON correction_request TO {APP_ROLE}")
    op.execute("SELECT set_config('app.region_ids', '*', true)")  # the policies bind the owner too
    backfill(op.get_bind())
    op.execute(WITHIN_ITS_ENTRIES)
    op.execute(
        "CREATE TRIGGER allocation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON allocation"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _allocation() -> None:
    op.create_table(
        "allocation",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("credit_id", sa.BigInteger(), nullable=False),
        sa.Column("debit_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(16, 2), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("posted_with_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_allocation")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_allocation_dealer_id")),
        *(
            sa.ForeignKeyConstraint(
                ["dealer_id", column],
                ["journal_entry.dealer_id", "journal_entry.id"],
                name=op.f(f"fk_allocation_dealer_id_{column}"),
            )
            for column in ("credit_id", "debit_id", "posted_with_id")
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_allocation_amount")),
    )
    op.create_index("ix_allocation_dealer_id_credit_id", "allocation", ["dealer_id", "credit_id"])
    op.create_index("ix_allocation_dealer_id_debit_id", "allocation", ["dealer_id", "debit_id"])


def _correction_request() -> None:
    texts = {
        name: sa.Column(name, sa.Text(), nullable=False)
        for name in ("number", "kind", "subject", "reason", "proposed_by", "proposed_by_label")
    }
    op.create_table(
        "correction_request",
        sa.Column("dealer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        *texts.values(),
        sa.Column("amount", sa.Numeric(16, 2), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_by_label", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decision_note", sa.Text(), server_default="", nullable=False),
        sa.Column("posted_no", sa.Text()),
        sa.PrimaryKeyConstraint("dealer_id", "id", name=op.f("pk_correction_request")),
        sa.ForeignKeyConstraint(["dealer_id"], ["dealer.id"], name=op.f("fk_correction_request_dealer_id")),
        sa.UniqueConstraint("dealer_id", "number", name=op.f("uq_correction_request_dealer_id_number")),
        sa.CheckConstraint("kind IN ('reversal', 'credit_note')", name=op.f("ck_correction_request_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'rejected')", name=op.f("ck_correction_request_state")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_correction_request_amount")),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_by IS NULL) AND decided_by IS DISTINCT FROM proposed_by",
            name=op.f("ck_correction_request_other_person"),
        ),
    )
    op.create_index("ix_correction_request_number", "correction_request", ["number"])
    op.create_index("ix_correction_request_state_id", "correction_request", ["state", "id"])
    op.create_index("ix_correction_request_dealer_id_subject", "correction_request", ["dealer_id", "subject"])
    op.create_index(
        "uq_correction_request_waiting",
        "correction_request",
        ["dealer_id", "kind", "subject"],
        unique=True,
        postgresql_where="state = 'waiting'",
    )


def downgrade() -> None:
    """Corrections that were posted stay in the journal; who decided on them would be lost."""
    raise RuntimeError("restore a backup instead")
