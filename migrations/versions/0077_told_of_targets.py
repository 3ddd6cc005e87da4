"""What was told of a clock is told of the target that counted then: one sorted anew is told of once more.

Revision ID: 0077
Revises: 0076
"""

from __future__ import annotations

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

TOLERATED = {
    "adding-serial-primary-key-field": "service_escalation has a few rows of each late request",
    "constraint-missing-not-valid": "service_escalation has a few rows of each late request",
}

# What was told before a request was sorted anew was told of another target.
TARGETS = """
ALTER TABLE service_escalation ADD COLUMN minutes integer NOT NULL DEFAULT 0;
ALTER TABLE service_escalation DISABLE TRIGGER service_escalation_append_only;
UPDATE service_escalation e
   SET minutes = CASE e.clock WHEN 'first_answer' THEN r.first_answer_minutes ELSE r.resolution_minutes END
  FROM service_request r
 WHERE (r.dealer_id, r.id) = (e.dealer_id, e.request_id)
   AND NOT EXISTS (SELECT FROM service_entry n
                    WHERE (n.dealer_id, n.request_id) = (e.dealer_id, e.request_id)
                      AND n.kind = 'sorted' AND n.said_at > e.told_at);
ALTER TABLE service_escalation ENABLE TRIGGER service_escalation_append_only;
ALTER TABLE service_escalation DROP CONSTRAINT pk_service_escalation;
ALTER TABLE service_escalation ADD CONSTRAINT pk_service_escalation
  PRIMARY KEY (dealer_id, request_id, round, clock, stage, minutes);
"""

ONCE = """
ALTER TABLE service_escalation DISABLE TRIGGER service_escalation_append_only;
DELETE FROM service_escalation e USING service_escalation o
 WHERE (o.dealer_id, o.request_id, o.round, o.clock, o.stage)
     = (e.dealer_id, e.request_id, e.round, e.clock, e.stage)
   AND (o.told_at, o.minutes) < (e.told_at, e.minutes);
ALTER TABLE service_escalation ENABLE TRIGGER service_escalation_append_only;
ALTER TABLE service_escalation DROP CONSTRAINT pk_service_escalation;
ALTER TABLE service_escalation ADD CONSTRAINT pk_service_escalation
  PRIMARY KEY (dealer_id, request_id, round, clock, stage);
ALTER TABLE service_escalation DROP COLUMN minutes;
"""


def upgrade() -> None:
    """Each row gets the target that counts; 0 where another counted."""
    op.execute(TARGETS)


def downgrade() -> None:
    """The first that was told of a clock and stage stays."""
    op.execute(ONCE)
