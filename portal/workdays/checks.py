"""What has to be true of the calendar: nobody reckons into a year of unknown holidays."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_
from portal.workdays.rules import REACH_DAYS

YEARS = "workdays/years"

CHECKS = (
    Check(
        YEARS,
        N_("The table of working days is complete for every year that clocks reach into."),
        f"""
        SELECT reached.year::text AS subject, count(d.day)::text AS kept, 'complete' AS counted
          FROM generate_series(extract(year FROM app_today())::int,
                               extract(year FROM app_today() + {REACH_DAYS})::int) AS reached (year)
          LEFT JOIN work_year y ON y.year = reached.year
          LEFT JOIN work_day d ON d.day >= make_date(reached.year, 1, 1)
                              AND d.day < make_date(reached.year + 1, 1, 1)
         WHERE y.year IS NULL
         GROUP BY reached.year
        """,
    ),
)
