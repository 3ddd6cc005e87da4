"""Signing people in is a role of its own, and the serving role may do to each table what the portal does, no
more.

What is granted here is checked table by table in tests/architecture/test_rights.py; the reasons are in
docs/decisions/0026.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")
ISSUER_ROLE = os.environ.get("TONGLU_ISSUER_ROLE", "portal_issuer")

# Table by table what the serving role may write; INSERT and DELETE speak of rows, UPDATE of columns.
REFERENCE = (
    "category",
    "dealer",
    "dealer_address",
    "dealer_authorisation",
    "dealer_licence",
    "list_price",
    "lot",
    "product",
    "product_certificate",
    "region",
    "tax_rate",
    "warehouse",
    "warehouse_service",
)
APPENDED = (
    "invoice",
    "invoice_line",
    "journal_entry",
    "journal_line",
    "payment",
    "statement",
    "statement_pdf",
    "stock_movement",
)
WRITTEN = {
    "accounting_period": ("INSERT", "UPDATE (state, closing_at, closing_by, closed_at)"),
    "cart_line": ("INSERT", "DELETE", "UPDATE (quantity)"),
    "close_task": ("INSERT", "UPDATE (state, attempts, last_error, finished_at)"),
    "dealer_account": ("UPDATE (balance, open_orders)",),
    "idempotency_key": ("INSERT", "DELETE", "UPDATE (status, body)"),
    "lot_stock": ("UPDATE (on_hand, allocated, state)",),
    "order_line": ("INSERT", "UPDATE (reserved, shipped, cancelled, returned)"),
    "outbox": ("INSERT", "DELETE", "UPDATE (not_before, attempts, last_error, dispatched_at)"),
    "price_policy": (
        (
            "INSERT (number, version, title_zh, title_en, text, region_id, valid_from, valid_to, created_by,"
            " supersedes_id)"
        ),
        "DELETE",
        (
            "UPDATE (title_zh, title_en, text, region_id, valid_from, valid_to, state, published_by,"
            " published_at, revision)"
        ),
    ),
    "price_rule": (
        "INSERT",
        "DELETE",
        'UPDATE (dealer_id, region_id, tier, product_id, category_code, kind, min_quantities, "values")',
    ),
    "sales_order": (
        "INSERT",
        "UPDATE (status, holds, released_at, cancelled_at, cancel_reason, received_at)",
    ),
    "shipment": (
        "INSERT",
        "DELETE",
        "UPDATE (status, carrier, tracking_no, shipped_at, shipped_on, shipped_by, received_at, received_by)",
    ),
    "shipment_line": ("INSERT", "UPDATE (serials, returned)"),
    "stock_level": ("UPDATE (on_hand, reserved)",),
}
SIGN_IN = (
    "api_client",
    "authorization_code",
    "refresh_token",
    "refused_attempt",
    "signing_key",
    "user_account",
    "user_session",
)

# A week, as a token that comes back after its use still gives a thief away for a while.
FORGET = """
CREATE FUNCTION forget_sign_ins() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH codes AS (DELETE FROM authorization_code WHERE expires_at < now() - interval '7 days' RETURNING 1),
       tokens AS (DELETE FROM refresh_token WHERE expires_at < now() - interval '7 days' RETURNING 1),
       sessions AS (DELETE FROM user_session WHERE expires_at < now() - interval '7 days' RETURNING 1),
       attempts AS (DELETE FROM refused_attempt WHERE hour < now() - interval '90 days' RETURNING 1)
  SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM tokens) + (SELECT count(*) FROM sessions)
         + (SELECT count(*) FROM attempts)
$$;
CREATE POLICY user_session_run_out ON user_session TO CURRENT_USER
  USING (expires_at < now() - interval '7 days') WITH CHECK (expires_at < now() - interval '7 days');
CREATE POLICY refused_attempt_run_out ON refused_attempt TO CURRENT_USER
  USING (hour < now() - interval '90 days') WITH CHECK (hour < now() - interval '90 days');
"""

WITHIN = "(dealer_id = app_dealer() OR app_everywhere() OR dealer_id IN (SELECT app_dealers()))"
NOTED = f"({WITHIN} OR (dealer_id IS NULL AND app_staff()))"


def upgrade() -> None:
    """Take back what was granted by the dozen, and grant by name."""
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ISSUER_ROLE}")
    op.execute(f"GRANT SELECT ON alembic_version, dealer, region TO {ISSUER_ROLE}")
    _serve()
    _date()
    _sign_in()
    _witness()


def _serve() -> None:
    op.execute(
        f"REVOKE INSERT, UPDATE, DELETE ON {', '.join((*REFERENCE, *APPENDED, *WRITTEN))} FROM {APP_ROLE}"
    )
    op.execute(f"GRANT INSERT ON {', '.join(APPENDED)} TO {APP_ROLE}")
    for table, acts in WRITTEN.items():
        op.execute(f"GRANT {', '.join(acts)} ON {table} TO {APP_ROLE}")


def _date() -> None:
    """Which transaction made a row that is written again later is not for the writer to say: its lines are
    asked for it (0016).
    """
    for table in ("sales_order", "shipment"):
        op.add_column(
            table,
            sa.Column("made_in", sa.BigInteger(), nullable=False, server_default=sa.text("txid_current()")),
        )
        op.execute(f"REVOKE INSERT ON {table} FROM {APP_ROLE}")
        op.execute(f"GRANT INSERT ({_columns(table, but='made_in')}) ON {table} TO {APP_ROLE}")


def _sign_in() -> None:
    """Secrets are read and written by the issuer's role only."""
    op.drop_column("signing_key", "public_jwk")
    op.execute(f"REVOKE ALL ON {', '.join(SIGN_IN)} FROM {APP_ROLE}")
    op.execute(
        f"GRANT SELECT ({_columns('user_account', but='password_hash')}),"
        f" UPDATE (locale) ON user_account TO {APP_ROLE}"
    )
    op.execute(f"GRANT SELECT ({_columns('api_client', but='secret_hash')}) ON api_client TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, UPDATE (ended_at) ON user_session TO {APP_ROLE}")
    op.execute(FORGET)
    op.execute("REVOKE ALL ON FUNCTION forget_sign_ins() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION forget_sign_ins() TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON api_client, user_account TO {ISSUER_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON authorization_code TO {ISSUER_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (used_at, revoked_at) ON refresh_token TO {ISSUER_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (retired_at) ON signing_key TO {ISSUER_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (expires_at, ended_at) ON user_session TO {ISSUER_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE (attempts, last_at) ON refused_attempt TO {ISSUER_ROLE}")


def _witness() -> None:
    """When an event was written and by which role is not for the writer to say; nor, but for the issuer,
    by whom.
    """
    op.add_column("audit_event", sa.Column("database_user", sa.Text(), nullable=True))
    op.alter_column("audit_event", "database_user", server_default=sa.text("SESSION_USER"))
    op.execute(f"REVOKE INSERT ON audit_event FROM {APP_ROLE}")
    said = _columns("audit_event", but="id at database_user")
    op.execute(f"GRANT INSERT ({said}) ON audit_event TO {APP_ROLE}, {ISSUER_ROLE}")
    op.execute(
        f"ALTER POLICY audit_event_scope ON audit_event USING ({WITHIN})"
        f" WITH CHECK (actor = app_actor() AND {NOTED})"
    )
    op.execute(
        f"CREATE POLICY audit_event_vouched_for ON audit_event FOR INSERT TO {ISSUER_ROLE}, CURRENT_USER"
        " WITH CHECK (app_everywhere())"
    )


def _columns(table: str, *, but: str) -> str:
    """The columns of a table as they are by now, without those named."""
    names = op.get_bind().scalars(
        sa.text(
            "SELECT quote_ident(attname) FROM pg_attribute"
            " WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped"
            " AND attname <> ALL (:but) ORDER BY attnum"
        ),
        {"table": table, "but": but.split()},
    )
    return ", ".join(names)


def downgrade() -> None:
    """There is no way back to keys whose rows were believed: restore a backup."""
    raise RuntimeError("restore a backup instead")
