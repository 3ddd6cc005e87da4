"""Forms that name a person: whoever sends another than the page offers is told beside the field."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.claims import chains
from portal.claims.rules import Approver, ChainStep, ClaimKind
from portal.kernel.db import transaction
from portal.kernel.money import ZERO
from tests import cast
from tests.repairs.acts import a_request
from tests.service.acts import a_team, seen

DEALERS = str(cast.huadong.buyer.id)
FORGED = ["x", "999999999", "-1", "1e3", "９", "9" * 5000, DEALERS]
VISIT = {
    "starts_at": f"{cast.TODAY + timedelta(days=3)}T09:00",
    "ends_at": f"{cast.TODAY + timedelta(days=3)}T11:00",
    "address": "人民路 1 号",
    "contact": "李医生",
    "phone": "021-5555",
}
TEAM = {"team": "0", "revision": "0", "name_zh": "设备组", "name_en": "Devices", "lead": ""}
DUTY = {"duty_kind": "", "category": "", "region": ""}


def english(sign_in, person):
    visitor = sign_in(person)
    visitor.post("/locale/en")
    return visitor


def told(visitor, path: str, form: dict[str, str], words: str) -> None:
    answer = visitor.post(path, data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422, (path, form, answer.status_code)
    assert words in page, (path, form)


def a_chain_waits(database) -> None:
    """Somebody has proposed other steps: the page shows a chain that nobody may propose."""
    by = cast.finance_colleague
    with transaction(database.session_for(by.actor())) as session:
        chains.propose_chain(
            session,
            actor=by.actor(),
            kind=ClaimKind.MARKETING,
            revision=1,
            steps=[ChainStep(ZERO, Approver.HQ_FINANCE)],
            reason="audit of the year",
            at=cast.NOW,
        )


def test_who_is_forged_is_told_beside_the_field(given, database, sign_in):
    number = a_request(database)
    desk, finance = english(sign_in, cast.service_desk), english(sign_in, cast.hq_finance)
    a_chain_waits(database)
    revision = str(seen(database, number).revision)
    at = f"/hq/service-requests/{number}"
    for who in FORGED:
        told(desk, f"{at}/assignment", {"assignee": who, "revision": revision}, "does not serve this dealer")
        told(desk, f"{at}/visits", VISIT | {"technician": who}, "does not serve this dealer")
        told(desk, "/hq/service/teams", TEAM | DUTY | {"person": who}, "This is not in the list.")
        lead = TEAM | DUTY | {"person": str(cast.technician.id), "lead": who}
        told(desk, "/hq/service/teams", lead, "There is no such person.")
        for kind in ("marketing", "period"):  # one that waits for a decision, one that does not
            chain = {"above": "0", "approver": who, "revision": "1", "reason": "audit"}
            told(finance, f"/hq/rebates/claims/chains/{kind}", chain, "Say who signs.")
        days = {"from_day": str(cast.TODAY), "to_day": str(cast.TODAY), "reason": "Holiday"}
        told(
            finance, "/hq/rebates/claims/delegations", days | {"to": who}, "Nobody of headquarters who signs"
        )
    told(desk, f"{at}/visits", VISIT | {"technician": "0"}, "does not serve this dealer")
    assert seen(database, number).assignee_id is None


@pytest.mark.parametrize("who", ["", "0"])
def test_nobody_is_nobody_and_no_fault(given, database, sign_in, who):
    a_team(database, (cast.technician, "", "", ""))
    number = a_request(database)
    desk = english(sign_in, cast.service_desk)
    chosen = {"assignee": who, "revision": str(seen(database, number).revision)}
    answer = desk.post(f"/hq/service-requests/{number}/assignment", data=chosen)
    assert answer.status_code == 303
    assert seen(database, number).assignee_id == cast.technician.id
    team = TEAM | DUTY | {"person": str(cast.technician.id), "lead": who}
    assert desk.post("/hq/service/teams", data=team).status_code == 303


def test_a_forged_subject_of_an_amount_is_nobody(given, database, sign_in):
    boss = english(sign_in, cast.huadong.boss)
    for who in FORGED:
        answer = boss.post("/approval-amounts", data={"subject": who, "amount": "5"})
        assert answer.status_code in (404, 422), (who, answer.status_code)


def test_a_cursor_or_a_line_of_five_thousand_digits_is_none(given, sign_in):
    manager = english(sign_in, cast.east_manager)
    for cursor in ("9" * 5000, "９", "-1", "x"):
        assert manager.get(f"/hq/policies/1/rehearsals/1?cursor={cursor}").status_code < 500
