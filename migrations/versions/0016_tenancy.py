"""Which rows a transaction sees and may write, the owner's too: forced row-level security.

Revision ID: tenancy
Revises: lists
"""

from __future__ import annotations

from alembic import op

from migrations.tenancy import WITHIN, scope_table

revision = "tenancy"
down_revision = "lists"
branch_labels = None
depends_on = None

OWNED = (
    "allocation",
    "cart_line",
    "close_task",
    "correction_request",
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
"""Tables whose every row belongs to a dealer."""

OR_NOBODYS = f"{WITHIN} OR (dealer_id IS NULL AND app_staff())"
ONESELF = f"{WITHIN} OR 'user:' || id = app_actor()"
OWN_SIGN_INS = "'user:' || user_id = app_actor() OR app_everywhere()"
OWN_ATTEMPTS = "app_everywhere() OR subject = app_actor()"
OWN_VIEWS = "'user:' || user_id = app_actor()"  # not even those who see every dealer

# The sub-select is asked once for a statement, and is itself under the policy of policies: nobody's rule for
# no scope.
RULE_READ = """
CASE WHEN app_staff() THEN dealer_id IS NULL OR app_everywhere() OR dealer_id IN (SELECT app_dealers())
     ELSE (dealer_id IS NULL OR dealer_id = app_dealer())
          AND policy_id IN (SELECT p.id FROM price_policy p WHERE p.published_at IS NOT NULL) END
"""

SPECIAL = {
    "dealer": (
        "id = app_dealer() OR app_everywhere() OR region_id = ANY (app_regions())",
        "app_everywhere() OR region_id = ANY (app_regions())",
    ),
    "price_policy": (
        "app_staff() OR (state <> 'draft' AND app_dealer() IS NOT NULL)",
        "app_staff()",
    ),
    "price_rule": (RULE_READ, f"app_staff() AND (dealer_id IS NULL OR {WITHIN})"),
    "stock_movement": (OR_NOBODYS, OR_NOBODYS),
    "outbox": (WITHIN, OR_NOBODYS),
    "audit_event": (WITHIN, f"actor = app_actor() AND ({OR_NOBODYS})"),
    "idempotency_key": (
        "actor = app_actor() OR app_everywhere()",
        "app_everywhere() OR (actor = app_actor()"
        " AND (dealer_id IS NULL OR dealer_id = app_dealer() OR dealer_id IN (SELECT app_dealers())))",
    ),
    "user_account": (ONESELF, ONESELF),
    "api_client": (f"{WITHIN} OR 'client:' || id = app_actor()", WITHIN),
    "user_session": (OWN_SIGN_INS, OWN_SIGN_INS),
    "refused_attempt": (OWN_ATTEMPTS, OWN_ATTEMPTS),
    "saved_view": (OWN_VIEWS, OWN_VIEWS),
    "check_run": ("app_everywhere()", "app_everywhere()"),
}
"""Tables whose rows may belong to nobody or to a person: what may be seen, what may be written."""

# For `forget_sign_ins`, which acts as the owner and for nobody.
RUN_OUT = """
CREATE POLICY user_session_run_out ON user_session TO CURRENT_USER
  USING (expires_at < now() - interval '7 days') WITH CHECK (expires_at < now() - interval '7 days');
CREATE POLICY refused_attempt_run_out ON refused_attempt TO CURRENT_USER
  USING (hour < now() - interval '90 days') WITH CHECK (hour < now() - interval '90 days');
"""


def upgrade() -> None:
    """Tables of dealers alike; the others each with its own words."""
    for table in OWNED:
        _execute(scope_table(table))
    for table, (seen, written) in SPECIAL.items():
        _execute(scope_table(table, seen=seen, written=written))
    op.execute(RUN_OUT)


def _execute(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    """There is no way back from the first release: restore a backup."""
    raise RuntimeError("restore a backup instead")
