"""The audit is sealed in batches: hashed, chained, signed; what was not sealed yet is known by its id.

Revision ID: 0081
Revises: 0080
"""

from __future__ import annotations

import os

from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TABLES = """
CREATE TABLE audit_batch (
  number bigint NOT NULL,
  after bigint NOT NULL,
  last bigint NOT NULL,
  events bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  root bytea NOT NULL,
  previous bytea NOT NULL,
  sealed_at timestamptz NOT NULL,
  key bytea NOT NULL,
  signature bytea NOT NULL,
  digest bytea NOT NULL,
  leaves bytea NOT NULL,
  CONSTRAINT pk_audit_batch PRIMARY KEY (number),
  CONSTRAINT uq_audit_batch_after UNIQUE (after),
  CONSTRAINT ck_audit_batch_span CHECK (number > 0 AND after >= 0 AND last > after AND events > 0),
  CONSTRAINT ck_audit_batch_lengths CHECK (
    octet_length(root) = 32 AND octet_length(previous) = 32 AND octet_length(key) = 32
    AND octet_length(signature) = 64 AND octet_length(digest) = 32 AND octet_length(leaves) = 32 * events)
);
CREATE UNIQUE INDEX ix_audit_batch_last ON audit_batch (last);
CREATE INDEX ix_audit_batch_last_at ON audit_batch (last_at);
CREATE UNIQUE INDEX ix_audit_batch_digest ON audit_batch (digest);
CREATE TRIGGER audit_batch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_batch
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE audit_horizon (
  id smallint NOT NULL,
  last bigint NOT NULL,
  transaction bigint NOT NULL,
  cluster bigint NOT NULL,
  CONSTRAINT pk_audit_horizon PRIMARY KEY (id),
  CONSTRAINT ck_audit_horizon_one CHECK (id = 1)
);
INSERT INTO audit_horizon (id, last, transaction, cluster) VALUES (1, 0, 0, 0);
"""

# A trigger of the statement runs before the defaults of its rows are reckoned, and the id is one of them.
NUMBERED = """
CREATE FUNCTION number_transaction() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_current_xact_id();
  RETURN NULL;
END $$;
CREATE TRIGGER audit_event_in_numbered_transaction BEFORE INSERT ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION number_transaction();
"""


# What a dealer may know of the seals, who sees neither batches nor how many events there are.
ROOT = f"""
CREATE FUNCTION audit_root() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT encode(digest, 'hex') FROM audit_batch ORDER BY number DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION audit_root() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_root() TO {APP_ROLE};
"""


def upgrade() -> None:
    """Seen and written by headquarters and the portal's own work."""
    op.execute(TABLES)
    op.execute(NUMBERED)
    op.execute(ROOT)
    op.execute(f"GRANT SELECT, INSERT ON audit_batch TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, UPDATE (last, transaction, cluster) ON audit_horizon TO {APP_ROLE}")
    for table in ("audit_batch", "audit_horizon"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_staff ON {table} USING (app_staff())")


def downgrade() -> None:
    """Seals are lost, events are kept."""
    op.execute("DROP TRIGGER audit_event_in_numbered_transaction ON audit_event")
    op.execute("DROP FUNCTION number_transaction()")
    op.execute("DROP FUNCTION audit_root()")
    op.execute("DROP TABLE audit_horizon, audit_batch")
