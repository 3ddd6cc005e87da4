"""An uploaded ledger can be discarded, is replaced by a newer one, and is not tried for ever.

Revision ID: 0074
Revises: 0073
"""

from __future__ import annotations

import os

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

TOLERATED = {
    "constraint-missing-not-valid": "own_ledger has a few rows a month of each dealer",
}

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

_STATES = "'draft', 'running', 'done', 'failed', 'superseded', 'discarded'"

COLUMNS = f"""
ALTER TABLE own_ledger
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN tried_at timestamptz,
  ADD COLUMN superseded_by text,
  ADD COLUMN discarded_at timestamptz,
  ADD COLUMN discarded_by_label text,
  DROP CONSTRAINT ck_own_ledger_state,
  DROP CONSTRAINT ck_own_ledger_content,
  ADD CONSTRAINT ck_own_ledger_state CHECK (state IN ({_STATES})),
  ADD CONSTRAINT ck_own_ledger_content CHECK
    (octet_length(content) <= 20971520 AND (octet_length(content) = 0) = (state = 'discarded')),
  ADD CONSTRAINT ck_own_ledger_superseded CHECK ((state = 'superseded') <= (superseded_by IS NOT NULL)),
  ADD CONSTRAINT ck_own_ledger_discarded CHECK
    ((state = 'discarded') = (discarded_at IS NOT NULL)
     AND (discarded_at IS NULL) = (discarded_by_label IS NULL));
"""

# What was uploaded is what was compared and signed: it can go, and never becomes another.
STANDS = """
CREATE FUNCTION keep_uploaded_ledger() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'an uploaded ledger never becomes another' USING ERRCODE = 'TL095';
END $$;
CREATE TRIGGER own_ledger_content BEFORE UPDATE OF content ON own_ledger
  FOR EACH ROW WHEN (octet_length(NEW.content) > 0) EXECUTE FUNCTION keep_uploaded_ledger();
CREATE TRIGGER own_ledger_over BEFORE UPDATE ON own_ledger
  FOR EACH ROW WHEN (OLD.state = 'discarded') EXECUTE FUNCTION keep_uploaded_ledger();
"""

MOVES = "content, attempts, tried_at, superseded_by, discarded_at, discarded_by_label"


def upgrade() -> None:
    """What was uploaded before goes on."""
    op.execute(COLUMNS)
    op.execute(STANDS)
    op.execute(f"GRANT UPDATE ({MOVES}) ON own_ledger TO {APP_ROLE}")


def downgrade() -> None:
    """What was discarded is gone; what was replaced stands beside the newer one again."""
    op.execute("DROP TRIGGER own_ledger_over ON own_ledger")
    op.execute("DROP TRIGGER own_ledger_content ON own_ledger")
    op.execute("DROP FUNCTION keep_uploaded_ledger")
    op.execute("ALTER TABLE own_ledger DROP CONSTRAINT ck_own_ledger_discarded")
    op.execute("ALTER TABLE own_ledger DROP CONSTRAINT ck_own_ledger_superseded")
    op.execute("ALTER TABLE own_ledger DROP CONSTRAINT ck_own_ledger_content")
    op.execute("ALTER TABLE own_ledger DROP CONSTRAINT ck_own_ledger_state")
    op.execute(
        "DELETE FROM own_ledger_difference f USING own_ledger o"
        " WHERE (o.dealer_id, o.id) = (f.dealer_id, f.ledger_id) AND o.state = 'discarded'"
    )
    op.execute("DELETE FROM own_ledger WHERE state = 'discarded'")
    op.execute("UPDATE own_ledger SET state = 'done' WHERE state = 'superseded'")
    op.execute(
        "ALTER TABLE own_ledger DROP COLUMN attempts, DROP COLUMN tried_at, DROP COLUMN superseded_by,"
        " DROP COLUMN discarded_at, DROP COLUMN discarded_by_label,"
        " ADD CONSTRAINT ck_own_ledger_state CHECK (state IN ('draft', 'running', 'done', 'failed')),"
        " ADD CONSTRAINT ck_own_ledger_content CHECK (octet_length(content) BETWEEN 1 AND 20971520)"
    )
