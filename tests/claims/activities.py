"""Activities that headquarters has approved, for claims of expenses: there is plenty of money."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, text

from tests import cast
from tests.roles import Dealer
from tests.shared_portal import MARK

NUMBER = "AC-1"


def open_activities(connection: Connection, dealers: Sequence[Dealer]) -> None:
    """An approved activity of this number for each dealer, with ¥1,000,000 reserved for it."""
    budget = connection.execute(_BUDGET, {"reserved": 1_000_000 * len(dealers)}).scalar_one()
    for dealer in dealers:
        connection.execute(_ACTIVITY, {"dealer": dealer.id, "budget": budget, "number": NUMBER})


@pytest.fixture(autouse=True)
def activities(owner: Connection, request: pytest.FixtureRequest) -> None:
    """Every dealer that claims here has one."""
    if request.node.get_closest_marker(MARK) is None:
        open_activities(owner, cast.dealers)


_BUDGET = text(
    """
    INSERT INTO rebate_budget (number, title_zh, title_en, kind, state, first_day, last_day, amount, reserved,
                               created_at)
    VALUES ('BG-PLENTY', '市场费用', 'Marketing', 'marketing', 'open', '2020-01-01', '2099-12-31', 100000000,
            :reserved, now())
    RETURNING id
    """
)
_ACTIVITY = text(
    """
    WITH made AS (
      INSERT INTO activity (dealer_id, number, kind, state, title, place, first_day, last_day, planned,
                            approved, budget_id, asked_by, asked_by_label, asked_at, decided_by, decided_at)
      VALUES (:dealer, :number, 'marketing', 'approved', '科室会', '上海', '2020-01-01', '2099-12-31',
              1000000, 1000000, :budget, 'user:0', 'x', now(), 'user:-1', now()))
    INSERT INTO budget_use (dealer_id, document, budget_id, amount, state, changed_at)
    VALUES (:dealer, :number, :budget, 1000000, 'reserved', now())
    """
)
