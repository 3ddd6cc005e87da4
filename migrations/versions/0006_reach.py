"""The dealers within reach of an employee's regions, behind a function: cheap to have in a policy for those
who have none.

The sub-select on `dealer` in every policy was prepared for every statement of every dealer, with the policy
of `dealer` inside it, and never run: a third of what writing an order cost the database. A set-returning
function in a select list is not inlined, and is run once for a statement, for employees with regions only.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REACH = """
CREATE FUNCTION app_dealers() RETURNS SETOF bigint LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000 AS
$$ SELECT d.id FROM dealer d WHERE app_regions() <> '{}' AND d.region_id = ANY (app_regions()) $$
"""
BY_FUNCTION = "dealer_id IN (SELECT app_dealers())"
BY_SUBSELECT = "dealer_id IN (SELECT d.id FROM dealer d WHERE d.region_id = ANY (app_regions()))"

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


def policies(reached: str) -> list[tuple[str, str, str]]:
    """Table, what may be seen, what may be written, for one way to say which dealers are within reach."""
    within = f"(dealer_id = app_dealer() OR app_everywhere() OR {reached})"
    or_nobodys = f"{within} OR (dealer_id IS NULL AND app_staff())"
    oneself = "'user:' || id = app_actor()"
    return [
        *((table, within, within) for table in OWNED),
        ("user_account", f"{within} OR {oneself}", f"{within} OR {oneself}"),
        ("api_client", f"{within} OR 'client:' || id = app_actor()", within),
        ("price_rule", f"dealer_id IS NULL OR {within}", f"app_staff() AND (dealer_id IS NULL OR {within})"),
        ("stock_movement", or_nobodys, or_nobodys),
        ("audit_event", within, or_nobodys),
        ("outbox", within, or_nobodys),
        (
            "idempotency_key",
            "actor = app_actor() OR app_everywhere()",
            (
                "app_everywhere()"
                f" OR (actor = app_actor() AND (dealer_id IS NULL OR dealer_id = app_dealer() OR {reached}))"
            ),
        ),
    ]


def upgrade() -> None:
    """Say the same more cheaply."""
    op.execute(REACH)
    _say(BY_FUNCTION)


def downgrade() -> None:
    """Say it as before."""
    _say(BY_SUBSELECT)
    op.execute("DROP FUNCTION app_dealers()")


def _say(reached: str) -> None:
    for table, seen, written in policies(reached):
        op.execute(f"ALTER POLICY {table}_scope ON {table} USING ({seen}) WITH CHECK ({written})")
