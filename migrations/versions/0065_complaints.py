"""Complaints, adverse events with their reports, and the terms of the regulator.

Revision ID: 0065
Revises: 0064
"""

from __future__ import annotations

import os

from alembic import op

from migrations.tenancy import WITHIN, scope_table

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

# What headquarters finds out no session of a dealer sees or writes, at whatever door.
OURS = f"{WITHIN} AND app_staff()"

HELD = """
ALTER TABLE service_request ADD COLUMN somebody_harmed boolean NOT NULL DEFAULT false;
ALTER TABLE service_request ADD COLUMN is_held boolean NOT NULL DEFAULT false;
UPDATE service_request SET is_held = true
 WHERE kind = 'complaint' AND state IN ('new', 'assigned', 'in_progress', 'waiting');
"""

TABLES = """
CREATE TABLE complaint (
  dealer_id bigint NOT NULL,
  id bigint NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  state text NOT NULL,
  stop_use text NOT NULL DEFAULT '',
  measure text NOT NULL DEFAULT '',
  answer text NOT NULL DEFAULT '',
  closed_at timestamptz,
  closed_round smallint,
  CONSTRAINT pk_complaint PRIMARY KEY (dealer_id, id),
  CONSTRAINT fk_complaint_dealer_id_id FOREIGN KEY (dealer_id, id) REFERENCES service_request (dealer_id, id),
  CONSTRAINT ck_complaint_state CHECK (state IN ('new', 'proposed', 'triaged', 'closed')),
  CONSTRAINT ck_complaint_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
  CONSTRAINT ck_complaint_round CHECK ((closed_at IS NULL) = (closed_round IS NULL)),
  CONSTRAINT ck_complaint_answered CHECK (closed_at IS NULL OR (measure <> '' AND answer <> ''))
);

CREATE TABLE complaint_analysis (
  dealer_id bigint NOT NULL,
  id bigint NOT NULL,
  category text NOT NULL,
  grade text NOT NULL,
  possible_event boolean NOT NULL,
  event_reason text NOT NULL,
  product_id bigint,
  lot_no text NOT NULL DEFAULT '',
  serials text NOT NULL DEFAULT '',
  cause text NOT NULL DEFAULT '',
  follow_up text NOT NULL DEFAULT '',
  told_how text NOT NULL DEFAULT '',
  told_at timestamptz,
  proposed_by_label text NOT NULL,
  proposed_at timestamptz NOT NULL,
  decided_by_label text NOT NULL DEFAULT '',
  decided_at timestamptz,
  closed_by_label text NOT NULL DEFAULT '',
  CONSTRAINT pk_complaint_analysis PRIMARY KEY (dealer_id, id),
  CONSTRAINT fk_complaint_analysis_dealer_id_id FOREIGN KEY (dealer_id, id)
    REFERENCES complaint (dealer_id, id),
  CONSTRAINT fk_complaint_analysis_product_id FOREIGN KEY (product_id) REFERENCES product (id),
  CONSTRAINT ck_complaint_analysis_category CHECK (category IN ('quality', 'performance', 'packaging',
    'labelling', 'delivery', 'use', 'service', 'other')),
  CONSTRAINT ck_complaint_analysis_grade CHECK (grade IN ('critical', 'major', 'minor')),
  CONSTRAINT ck_complaint_analysis_told CHECK ((told_at IS NULL) = (told_how = '')),
  CONSTRAINT ck_complaint_analysis_decided CHECK ((decided_by_label = '') = (decided_at IS NULL))
);
CREATE INDEX ix_complaint_analysis_lot ON complaint_analysis (product_id, lot_no) WHERE lot_no <> '';

CREATE TABLE complaint_entry (
  dealer_id bigint NOT NULL,
  complaint_id bigint NOT NULL,
  entry_no integer NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  author text NOT NULL,
  author_label text NOT NULL,
  said_at timestamptz NOT NULL,
  CONSTRAINT pk_complaint_entry PRIMARY KEY (dealer_id, complaint_id, entry_no),
  CONSTRAINT fk_complaint_entry_dealer_id_complaint_id FOREIGN KEY (dealer_id, complaint_id)
    REFERENCES complaint (dealer_id, id)
);

CREATE TABLE adverse_event (
  dealer_id bigint NOT NULL,
  id bigint NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  state text NOT NULL DEFAULT 'open',
  source text NOT NULL,
  harm text NOT NULL,
  is_group boolean NOT NULL DEFAULT false,
  aware_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  warn_first_at timestamptz NOT NULL,
  warn_last_at timestamptz NOT NULL,
  notice_due_at timestamptz,
  notice_at timestamptz,
  notice_how text NOT NULL DEFAULT '',
  notice_by_label text NOT NULL DEFAULT '',
  opened_by_label text NOT NULL,
  opened_at timestamptz NOT NULL,
  version_no smallint NOT NULL DEFAULT 0,
  submitted_no smallint NOT NULL DEFAULT 0,
  submitted_at timestamptz,
  ended_at timestamptz,
  ended_by_label text NOT NULL DEFAULT '',
  ending_note text NOT NULL DEFAULT '',
  CONSTRAINT pk_adverse_event PRIMARY KEY (dealer_id, id),
  CONSTRAINT fk_adverse_event_dealer_id_id FOREIGN KEY (dealer_id, id)
    REFERENCES service_request (dealer_id, id),
  CONSTRAINT ck_adverse_event_state CHECK (state IN ('open', 'submitted', 'closed', 'dismissed')),
  CONSTRAINT ck_adverse_event_source CHECK (source IN ('dealer', 'triage')),
  CONSTRAINT ck_adverse_event_harm CHECK (harm IN ('death', 'serious', 'other')),
  CONSTRAINT ck_adverse_event_ended CHECK ((state IN ('closed', 'dismissed')) = (ended_at IS NOT NULL)),
  CONSTRAINT ck_adverse_event_submitted
    CHECK ((state IN ('submitted', 'closed')) = (submitted_at IS NOT NULL)),
  CONSTRAINT ck_adverse_event_submitted_no CHECK ((submitted_no > 0) = (submitted_at IS NOT NULL)),
  CONSTRAINT ck_adverse_event_versions CHECK (submitted_no <= version_no),
  CONSTRAINT ck_adverse_event_group_notice CHECK (is_group = (notice_due_at IS NOT NULL)),
  CONSTRAINT ck_adverse_event_notice CHECK ((notice_at IS NULL) = (notice_how = '')),
  CONSTRAINT ck_adverse_event_clock CHECK (aware_at <= warn_first_at AND warn_last_at <= due_at)
);
CREATE INDEX ix_adverse_event_due ON adverse_event (due_at, id);
CREATE INDEX ix_adverse_event_open ON adverse_event (warn_first_at) WHERE state IN ('open', 'submitted');

CREATE TABLE adverse_report (
  dealer_id bigint NOT NULL,
  event_id bigint NOT NULL,
  version_no smallint NOT NULL,
  kind text NOT NULL,
  content jsonb NOT NULL,
  written_by text NOT NULL,
  written_by_label text NOT NULL,
  written_at timestamptz NOT NULL,
  CONSTRAINT pk_adverse_report PRIMARY KEY (dealer_id, event_id, version_no),
  CONSTRAINT uq_adverse_report_dealer_id_event_id_version_no_written_by
    UNIQUE (dealer_id, event_id, version_no, written_by),
  CONSTRAINT fk_adverse_report_dealer_id_event_id FOREIGN KEY (dealer_id, event_id)
    REFERENCES adverse_event (dealer_id, id),
  CONSTRAINT ck_adverse_report_kind CHECK (kind IN ('first', 'follow_up'))
);

CREATE TABLE adverse_submission (
  dealer_id bigint NOT NULL,
  event_id bigint NOT NULL,
  version_no smallint NOT NULL,
  written_by text NOT NULL,
  submitted_by text NOT NULL,
  submitted_by_label text NOT NULL,
  submitted_on date NOT NULL,
  reference text NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT pk_adverse_submission PRIMARY KEY (dealer_id, event_id, version_no),
  CONSTRAINT fk_adverse_submission_dealer_id_event_id_version_no_written_by
    FOREIGN KEY (dealer_id, event_id, version_no, written_by)
    REFERENCES adverse_report (dealer_id, event_id, version_no, written_by),
  CONSTRAINT ck_adverse_submission_another_submits CHECK (submitted_by <> written_by),
  CONSTRAINT ck_adverse_submission_reference CHECK (reference <> '')
);

CREATE TABLE adverse_paper (
  dealer_id bigint NOT NULL,
  event_id bigint NOT NULL,
  version_no smallint NOT NULL,
  locale text NOT NULL,
  content bytea NOT NULL,
  sha256 text NOT NULL,
  rendered_at timestamptz NOT NULL,
  CONSTRAINT pk_adverse_paper PRIMARY KEY (dealer_id, event_id, version_no, locale),
  CONSTRAINT fk_adverse_paper_dealer_id_event_id_version_no FOREIGN KEY (dealer_id, event_id, version_no)
    REFERENCES adverse_report (dealer_id, event_id, version_no)
);

CREATE TABLE adverse_warning (
  dealer_id bigint NOT NULL,
  event_id bigint NOT NULL,
  due_at timestamptz NOT NULL,
  stage text NOT NULL,
  told_at timestamptz NOT NULL,
  CONSTRAINT pk_adverse_warning PRIMARY KEY (dealer_id, event_id, due_at, stage),
  CONSTRAINT fk_adverse_warning_dealer_id_event_id FOREIGN KEY (dealer_id, event_id)
    REFERENCES adverse_event (dealer_id, id),
  CONSTRAINT ck_adverse_warning_stage CHECK (stage IN ('first', 'last', 'overdue'))
);

CREATE TABLE complaint_term (
  name text NOT NULL,
  set_no integer NOT NULL,
  valid_from date NOT NULL,
  amount integer NOT NULL,
  unit text NOT NULL,
  warn_first smallint NOT NULL,
  warn_last smallint NOT NULL,
  set_by_label text NOT NULL,
  set_at timestamptz NOT NULL,
  CONSTRAINT pk_complaint_term PRIMARY KEY (name, set_no),
  CONSTRAINT ck_complaint_term_name CHECK (name IN ('death', 'serious', 'other', 'group', 'group_notice',
    'trend_days', 'trend_count')),
  CONSTRAINT ck_complaint_term_unit CHECK (unit IN ('day', 'hour', 'complaint')),
  CONSTRAINT ck_complaint_term_amount CHECK (amount > 0),
  CONSTRAINT ck_complaint_term_warnings CHECK (0 < warn_first AND warn_first < warn_last AND warn_last < 100)
);
"""

APPENDED = ("complaint_entry", "adverse_report", "adverse_submission", "adverse_warning", "adverse_paper")

GRANTS = f"""
GRANT UPDATE (is_held) ON service_request TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE (revision, state, stop_use, measure, answer, closed_at, closed_round)
   ON complaint TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE (category, grade, possible_event, event_reason, product_id, lot_no, serials,
   cause, follow_up, told_how, told_at, proposed_by_label, proposed_at, decided_by_label, decided_at,
   closed_by_label)
   ON complaint_analysis TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE (revision, state, harm, is_group, aware_at, due_at, warn_first_at, warn_last_at,
   notice_due_at, notice_at, notice_how, notice_by_label, version_no, submitted_no, submitted_at, ended_at,
   ended_by_label, ending_note) ON adverse_event TO {APP_ROLE};
GRANT SELECT, INSERT ON {", ".join(APPENDED)}, complaint_term TO {APP_ROLE};
"""

# A request that is held ends only after quality closed its complaint, since it was reopened last.
_HOLDS = """
CREATE FUNCTION refuse_end_of_held() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF OLD.is_held AND (NEW.kind <> OLD.kind
      OR (NEW.is_held AND NEW.state IN ('resolved', 'closed', 'cancelled', 'merged'))
      OR (NOT NEW.is_held AND NOT EXISTS (
            SELECT FROM complaint c WHERE (c.dealer_id, c.id) = (NEW.dealer_id, NEW.id)
               AND c.closed_round = OLD.reopenings))) THEN
    RAISE EXCEPTION 'only quality ends a complaint' USING ERRCODE = 'TL066';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER service_request_held BEFORE UPDATE ON service_request FOR EACH ROW
  EXECUTE FUNCTION refuse_end_of_held();
"""

_STANDS = """
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF OLD.state IN ('closed', 'dismissed') THEN
    RAISE EXCEPTION 'an adverse event that is over never changes' USING ERRCODE = 'TL067';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER adverse_event_stands BEFORE UPDATE ON adverse_event FOR EACH ROW
  EXECUTE FUNCTION refuse_event_change();
"""

# Of the law: death 7 days, serious harm and what could have led to it 20 days, a group 12 hours and 24.
_DEFAULTS = """
INSERT INTO complaint_term (name, set_no, valid_from, amount, unit, warn_first, warn_last, set_by_label,
                            set_at)
SELECT t.name, 1, date '2020-01-01', t.amount, t.unit, 50, 80, 'system', timestamptz '2020-01-01 00:00:00+08'
  FROM (VALUES ('death', 7, 'day'), ('serious', 20, 'day'), ('other', 20, 'day'), ('group', 24, 'hour'),
               ('group_notice', 12, 'hour'), ('trend_days', 30, 'day'), ('trend_count', 3, 'complaint'))
       AS t(name, amount, unit)
"""


def upgrade() -> None:
    """The dealer sees what it is answered; what is found out belongs to headquarters."""
    op.execute(HELD)
    op.execute(TABLES)
    for statement in scope_table("complaint"):
        op.execute(statement)
    for table in ("complaint_analysis", "adverse_event", *APPENDED):
        for statement in scope_table(table, seen=OURS, written=OURS):
            op.execute(statement)
    op.execute(GRANTS)
    for table in (*APPENDED, "complaint_term"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(_HOLDS)
    op.execute(_STANDS)
    op.execute(_DEFAULTS)


def downgrade() -> None:
    """Nobody complained."""
    op.execute("DROP TRIGGER service_request_held ON service_request")
    for table in (*APPENDED, "adverse_event", "complaint_analysis", "complaint", "complaint_term"):
        op.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
    op.execute("DROP FUNCTION refuse_end_of_held")
    op.execute("DROP FUNCTION refuse_event_change")
    op.execute("ALTER TABLE service_request DROP COLUMN is_held, DROP COLUMN somebody_harmed")
