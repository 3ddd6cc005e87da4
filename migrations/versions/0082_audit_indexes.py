"""The audit is searched by time, and by the number of a document whatever kind it is of.

Revision ID: 0082
Revises: 0081
"""

from __future__ import annotations

from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_audit_event_at_id": "at, id",
    "ix_audit_event_subject_subject_kind": "subject, subject_kind",
}


def upgrade() -> None:
    """Outside of a transaction, as acts go on meanwhile."""
    with op.get_context().autocommit_block():
        for name, columns in INDEXES.items():
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON audit_event ({columns})")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_audit_event_subject")


def downgrade() -> None:
    """As it was searched before."""
    with op.get_context().autocommit_block():
        op.execute(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_audit_event_subject"
            " ON audit_event (subject_kind, subject)"
        )
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
