"""Letters about activities: to the dealer's buyers, with what was decided and why."""

from __future__ import annotations

from tests import cast
from tests.budgets import acts
from tests.jobs.test_mail import body


def test_the_dealers_buyers_are_told_what_became_of_an_activity(database, letters):
    pot = acts.open_pot(database)
    approved = acts.approved(database, acts.planned(database), pot, "300.00", reason="预算有限")
    acts.returned(database, acts.planned(database))
    acts.rejected(database, acts.planned(database))
    told = [body(one) for one in letters(cast.huadong.buyer)]
    assert len(told) == 3 and letters(cast.huadong.boss) == []
    first = next(one for one in told if approved in one)
    assert "¥300.00" in first and "预算有限" in first and f"/rebates/activities/{approved}" in first
    assert sum("请补充参会名单" in one for one in told) == 1
    assert sum("不符合政策" in one for one in told) == 1
