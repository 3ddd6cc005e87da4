"""Exchanges, evidence of temperatures, reports opened by a return, and revisions of product drafts.

Revision ID: 0048
Revises: 0047
"""

from __future__ import annotations

import os

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

COLUMNS = """
ALTER TABLE return_line ADD COLUMN remedy text NOT NULL DEFAULT 'credit';
ALTER TABLE return_request
  ADD COLUMN replacement_no text,
  ADD COLUMN evidence text NOT NULL DEFAULT 'not_needed',
  ADD COLUMN temperature_file text,
  ADD COLUMN evidence_findings jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN evidence_by_label text,
  ADD COLUMN evidence_at timestamptz,
  ADD COLUMN evidence_reason text NOT NULL DEFAULT '';
ALTER TABLE nonconforming_report ADD COLUMN document text NOT NULL DEFAULT '';
ALTER TABLE product_change ADD COLUMN revision integer NOT NULL DEFAULT 1;
"""

CHECKS = (
    ("return_line", "ck_return_line_remedy", "remedy IN ('credit', 'exchange')"),
    (
        "return_request",
        "ck_return_request_evidence",
        "evidence IN ('not_needed', 'sound', 'doubtful', 'accepted')",
    ),
    ("return_request", "ck_return_request_replaced", "replacement_no IS NULL OR state = 'settled'"),
    (
        "return_request",
        "ck_return_request_accepted",
        "(evidence = 'accepted') = (evidence_at IS NOT NULL)"
        " AND (evidence <> 'accepted' OR evidence_reason <> '')",
    ),
)

GRANTS = f"""
GRANT UPDATE (replacement_no, evidence, evidence_by_label, evidence_at, evidence_reason)
  ON return_request TO {APP_ROLE};
GRANT UPDATE (revision) ON product_change TO {APP_ROLE};
"""


def upgrade() -> None:
    """Columns; what was asked for before stays a return for credit."""
    op.execute(COLUMNS)
    for table, name, condition in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
    op.execute(GRANTS)
    with op.get_context().autocommit_block():
        for table, name, _ in CHECKS:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
        op.create_index(
            "uq_return_request_replacement_no",
            "return_request",
            ["dealer_id", "replacement_no"],
            unique=True,
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_nonconforming_report_document",
            "nonconforming_report",
            ["document"],
            postgresql_where="document <> ''",
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    """None of it."""
    op.drop_index("ix_nonconforming_report_document", "nonconforming_report")
    for table, columns in (
        ("product_change", ("revision",)),
        ("nonconforming_report", ("document",)),
        (
            "return_request",
            (
                "replacement_no",
                "evidence",
                "temperature_file",
                "evidence_findings",
                "evidence_by_label",
                "evidence_at",
                "evidence_reason",
            ),
        ),
        ("return_line", ("remedy",)),
    ):
        for column in columns:
            op.drop_column(table, column)
