"""The days and hours the company works, with China's holidays as far as they are announced.

Revision ID: 0057
Revises: 0056
"""

from __future__ import annotations

import os

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

APP_ROLE = os.environ.get("TONGLU_APP_ROLE", "portal_app")

TABLES = """
CREATE TABLE work_setting (
  id smallint NOT NULL,
  opens smallint[] NOT NULL,
  closes smallint[] NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  set_by_label text NOT NULL DEFAULT '',
  set_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT pk_work_setting PRIMARY KEY (id),
  CONSTRAINT ck_work_setting_one_row CHECK (id = 1),
  CONSTRAINT ck_work_setting_spans
    CHECK (cardinality(opens) BETWEEN 1 AND 4 AND cardinality(closes) = cardinality(opens))
);
CREATE TABLE work_day (
  day date NOT NULL,
  is_working boolean NOT NULL,
  name_zh text NOT NULL DEFAULT '',
  name_en text NOT NULL DEFAULT '',
  source text NOT NULL DEFAULT '',
  CONSTRAINT pk_work_day PRIMARY KEY (day)
);
CREATE TABLE work_year (
  year smallint NOT NULL,
  source text NOT NULL,
  entered_by_label text NOT NULL DEFAULT '',
  entered_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT pk_work_year PRIMARY KEY (year)
);
INSERT INTO work_setting (id, opens, closes) VALUES (1, '{540,810}', '{720,1080}');
"""

NEW_YEAR, SPRING, TOMBS = ("元旦", "New Year"), ("春节", "Spring Festival"), ("清明节", "Qingming Festival")
LABOUR, DRAGON = ("劳动节", "Labour Day"), ("端午节", "Dragon Boat Festival")
AUTUMN, NATIONAL = ("中秋节", "Mid-Autumn Festival"), ("国庆节", "National Day")
BOTH = ("国庆节、中秋节", "National Day and Mid-Autumn Festival")

OF_2025, OF_2026 = "国办发明电〔2024〕12号", "国办发明电〔2025〕7号"
BY_LAW = "全国年节及纪念日放假办法（2024）"
"""What is certain of a year before its notice: the thirteen days of the law, without what is moved."""

# First and last day off, and the days worked for them.
HOLIDAYS = (
    (OF_2025, NEW_YEAR, "2025-01-01", "2025-01-01", ()),
    (OF_2025, SPRING, "2025-01-28", "2025-02-04", ("2025-01-26", "2025-02-08")),
    (OF_2025, TOMBS, "2025-04-04", "2025-04-06", ()),
    (OF_2025, LABOUR, "2025-05-01", "2025-05-05", ("2025-04-27",)),
    (OF_2025, DRAGON, "2025-05-31", "2025-06-02", ()),
    (OF_2025, BOTH, "2025-10-01", "2025-10-08", ("2025-09-28", "2025-10-11")),
    (OF_2026, NEW_YEAR, "2026-01-01", "2026-01-03", ("2026-01-04",)),
    (OF_2026, SPRING, "2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    (OF_2026, TOMBS, "2026-04-04", "2026-04-06", ()),
    (OF_2026, LABOUR, "2026-05-01", "2026-05-05", ("2026-05-09",)),
    (OF_2026, DRAGON, "2026-06-19", "2026-06-21", ()),
    (OF_2026, AUTUMN, "2026-09-25", "2026-09-27", ()),
    (OF_2026, NATIONAL, "2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
    (BY_LAW, NEW_YEAR, "2027-01-01", "2027-01-01", ()),
    (BY_LAW, SPRING, "2027-02-05", "2027-02-08", ()),
    (BY_LAW, TOMBS, "2027-04-05", "2027-04-05", ()),
    (BY_LAW, LABOUR, "2027-05-01", "2027-05-02", ()),
    (BY_LAW, DRAGON, "2027-06-09", "2027-06-09", ()),
    (BY_LAW, AUTUMN, "2027-09-15", "2027-09-15", ()),
    (BY_LAW, NATIONAL, "2027-10-01", "2027-10-03", ()),
)


def upgrade() -> None:
    """Everybody reads them; headquarters changes them."""
    op.execute(TABLES)
    for source, (name_zh, name_en), first, last, worked in HOLIDAYS:
        op.execute(
            "INSERT INTO work_day (day, is_working, name_zh, name_en, source)"
            f" SELECT day::date, false, '{name_zh}', '{name_en}', '{source}'"
            f" FROM generate_series(timestamp '{first}', '{last}', interval '1 day') AS day"
        )
        for day in worked:
            op.execute(
                "INSERT INTO work_day (day, is_working, name_zh, name_en, source)"
                f" VALUES ('{day}', true, '{name_zh}调休上班', '{name_en}: worked instead', '{source}')"
            )
    op.execute(f"INSERT INTO work_year (year, source) VALUES (2025, '{OF_2025}'), (2026, '{OF_2026}')")
    op.execute(
        f"GRANT SELECT, UPDATE (opens, closes, revision, set_by_label, set_at) ON work_setting TO {APP_ROLE}"
    )
    op.execute(f"GRANT SELECT, INSERT, DELETE ON work_day, work_year TO {APP_ROLE}")


def downgrade() -> None:
    """Monday to Friday again."""
    for table in ("work_year", "work_day", "work_setting"):
        op.drop_table(table)
