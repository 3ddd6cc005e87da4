"""Books that close in turn, lots that come back, and a close that tries the failed ones last.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PERIOD = "period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'"

# Stands in for a foreign key, whose check would write a lock on the one row of the month for every posting of
# every dealer. The gate of the books (portal.ledger.period_lock) keeps the answer true until the commit.
OPEN_PERIOD = """
CREATE FUNCTION refuse_shut_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM posted p LEFT JOIN accounting_period a ON a.period = p.period
     WHERE a.state IS DISTINCT FROM 'open'
  ) THEN
    RAISE EXCEPTION 'the period of a journal entry is not open' USING ERRCODE = 'TL005';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journal_entry_period AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS posted
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_shut_period();
"""


def upgrade() -> None:
    """Constraints, a column, indexes, a trigger."""
    op.drop_constraint("fk_journal_entry_period", "journal_entry", type_="foreignkey")
    op.create_check_constraint(op.f("ck_accounting_period_period"), "accounting_period", PERIOD)
    op.execute(OPEN_PERIOD)
    op.execute(
        "ALTER TABLE shipment_line ADD COLUMN returned integer NOT NULL DEFAULT 0,"
        " ADD CONSTRAINT ck_shipment_line_returned CHECK (returned BETWEEN 0 AND quantity)"
    )
    op.drop_index("ix_close_task_waiting", "close_task")
    op.create_index(
        "ix_close_task_waiting",
        "close_task",
        ["period", "attempts", "dealer_id"],
        postgresql_where="state = 'waiting'",
    )
    op.create_index("ix_close_task_period", "close_task", ["period", "state"])


def downgrade() -> None:
    """There is no way back from the first release: restore a backup."""
    raise RuntimeError("restore a backup instead")
