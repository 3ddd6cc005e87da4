"""No run of the suite crosses a midnight of its business."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.business_zone import zone_of_a_run


@pytest.mark.parametrize("minutes", range(0, 24 * 60, 15))
def test_the_business_day_does_not_turn_while_a_run_lasts(minutes):
    begin = datetime(2026, 11, 28, tzinfo=UTC) + timedelta(minutes=minutes)
    zone = ZoneInfo(zone_of_a_run(begin))
    assert begin.astimezone(zone).date() == (begin + timedelta(minutes=110)).astimezone(zone).date()


def test_it_is_china_except_in_its_late_evening():
    evening = datetime(2026, 11, 28, 22, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert zone_of_a_run(evening - timedelta(minutes=1)) == "Asia/Shanghai"
    assert zone_of_a_run(evening) == "Africa/Johannesburg"
    assert zone_of_a_run(evening + timedelta(hours=2)) == "Asia/Shanghai"
