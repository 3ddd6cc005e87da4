"""API clients are kept by who owns them: two secrets or keys, networks, last use; tokens can be revoked.

Revision ID: 0085
Revises: 0082
"""

from __future__ import annotations

import os

from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
ISSUER_ROLE = os.environ.get("TONGLU_ISSUER_ROLE", "portal_issuer")

TOLERATED = {"ban-drop-not-null": "only the release that knows clients with keys leaves the hash empty"}

COLUMNS = """
ALTER TABLE api_client
  ALTER COLUMN secret_hash DROP NOT NULL,
  ADD COLUMN method text NOT NULL DEFAULT 'secret',
  ADD COLUMN former_secret_hash text,
  ADD COLUMN former_secret_until timestamptz,
  ADD COLUMN secret_made_at timestamptz,
  ADD COLUMN keys jsonb,
  ADD COLUMN keys_url text,
  ADD COLUMN generation bigint NOT NULL DEFAULT 1,
  ADD COLUMN networks text[] NOT NULL DEFAULT '{}',
  ADD COLUMN last_used_at timestamptz,
  ADD COLUMN last_used_from text,
  ADD COLUMN created_by_label text,
  ADD COLUMN revision bigint NOT NULL DEFAULT 1,
  ADD CONSTRAINT ck_api_client_method CHECK (method IN ('secret', 'private_key')) NOT VALID,
  ADD CONSTRAINT ck_api_client_credentials CHECK (
    CASE WHEN method = 'secret' THEN secret_hash IS NOT NULL AND keys IS NULL AND keys_url IS NULL
         ELSE secret_hash IS NULL AND former_secret_hash IS NULL AND (keys IS NULL) <> (keys_url IS NULL)
     END) NOT VALID,
  ADD CONSTRAINT ck_api_client_former
    CHECK ((former_secret_hash IS NULL) = (former_secret_until IS NULL)) NOT VALID
"""
SEEN = (
    "method, former_secret_until, secret_made_at, keys, keys_url, generation, networks, last_used_at,"
    " last_used_from, created_by_label, revision"
)

TABLES = """
CREATE TABLE used_assertion (
  client_id bigint NOT NULL,
  token_hash text NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT pk_used_assertion PRIMARY KEY (client_id, token_hash),
  CONSTRAINT fk_used_assertion_client_id FOREIGN KEY (client_id) REFERENCES api_client (id)
);
CREATE INDEX ix_used_assertion_expires_at ON used_assertion (expires_at);

CREATE TABLE revoked_token (
  token_hash text NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT pk_revoked_token PRIMARY KEY (token_hash)
);
CREATE INDEX ix_revoked_token_expires_at ON revoked_token (expires_at);
"""

# What has run out proves nothing any more: a day is for clocks that differ.
FORGET = """
CREATE OR REPLACE FUNCTION forget_sign_ins() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH codes AS (DELETE FROM authorization_code WHERE expires_at < now() - interval '7 days' RETURNING 1),
       tokens AS (DELETE FROM refresh_token WHERE expires_at < now() - interval '7 days' RETURNING 1),
       sessions AS (DELETE FROM user_session WHERE expires_at < now() - interval '7 days' RETURNING 1),
       attempts AS (DELETE FROM refused_attempt WHERE hour < now() - interval '90 days' RETURNING 1),
       resets AS (DELETE FROM password_reset WHERE expires_at < now() - interval '7 days' RETURNING 1),
       signed_in AS (DELETE FROM sign_in WHERE at < now() - interval '184 days' RETURNING 1),
       steps AS (DELETE FROM sign_in_step WHERE expires_at < now() - interval '7 days' RETURNING 1),
       assertions AS (DELETE FROM used_assertion WHERE expires_at < now() - interval '1 day' RETURNING 1),
       revoked AS (DELETE FROM revoked_token WHERE expires_at < now() - interval '1 day' RETURNING 1)
  SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM tokens) + (SELECT count(*) FROM sessions)
         + (SELECT count(*) FROM attempts) + (SELECT count(*) FROM resets) + (SELECT count(*) FROM signed_in)
         + (SELECT count(*) FROM steps) + (SELECT count(*) FROM assertions) + (SELECT count(*) FROM revoked)
$$
"""

FORGET_BEFORE = """
CREATE OR REPLACE FUNCTION forget_sign_ins() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH codes AS (DELETE FROM authorization_code WHERE expires_at < now() - interval '7 days' RETURNING 1),
       tokens AS (DELETE FROM refresh_token WHERE expires_at < now() - interval '7 days' RETURNING 1),
       sessions AS (DELETE FROM user_session WHERE expires_at < now() - interval '7 days' RETURNING 1),
       attempts AS (DELETE FROM refused_attempt WHERE hour < now() - interval '90 days' RETURNING 1),
       resets AS (DELETE FROM password_reset WHERE expires_at < now() - interval '7 days' RETURNING 1),
       signed_in AS (DELETE FROM sign_in WHERE at < now() - interval '184 days' RETURNING 1),
       steps AS (DELETE FROM sign_in_step WHERE expires_at < now() - interval '7 days' RETURNING 1)
  SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM tokens) + (SELECT count(*) FROM sessions)
         + (SELECT count(*) FROM attempts) + (SELECT count(*) FROM resets) + (SELECT count(*) FROM signed_in)
         + (SELECT count(*) FROM steps)
$$
"""


def upgrade() -> None:
    """Hashes are seen by the issuer's role alone; what was revoked, by whoever checks tokens."""
    op.execute(COLUMNS)
    op.execute(TABLES)
    op.execute(f"GRANT SELECT ({SEEN}) ON api_client TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT ON used_assertion, revoked_token TO {ISSUER_ROLE}")
    op.execute(f"GRANT SELECT ON revoked_token TO {APP_ROLE}")
    op.execute(FORGET)


def downgrade() -> None:
    """Clients with keys are shut out: the release before knows secrets alone."""
    op.execute(FORGET_BEFORE)
    op.execute("DROP TABLE revoked_token, used_assertion")
    op.execute("UPDATE api_client SET secret_hash = '' WHERE secret_hash IS NULL")
    op.execute(
        "ALTER TABLE api_client DROP CONSTRAINT ck_api_client_former,"
        " DROP CONSTRAINT ck_api_client_credentials, DROP CONSTRAINT ck_api_client_method,"
        " DROP COLUMN revision, DROP COLUMN created_by_label, DROP COLUMN last_used_from,"
        " DROP COLUMN last_used_at, DROP COLUMN networks, DROP COLUMN generation, DROP COLUMN keys_url,"
        " DROP COLUMN keys, DROP COLUMN secret_made_at, DROP COLUMN former_secret_until,"
        " DROP COLUMN former_secret_hash, DROP COLUMN method, ALTER COLUMN secret_hash SET NOT NULL"
    )
