"""Documents of rebates are found from everywhere, by whom they are for."""

from __future__ import annotations

import pytest

from tests import cast
from tests.claims import acts as claims
from tests.rebates.acts import draft
from tests.settlements.acts import a_note
from tests.web.test_search import found


@pytest.fixture
def numbers(database) -> dict[str, str]:
    _, programme = draft(database, title_en="Autumn rebate")
    return {"note": a_note(database), "programme": programme}


def test_notes_and_programmes_are_found_by_whom_they_are_for(sign_in, numbers):
    note, programme = numbers["note"], numbers["programme"]
    assert f"/rebate-notes/{note}" in found(sign_in(cast.huadong.finance), note[:-3])
    assert f"/hq/rebate-notes/{note}" in found(sign_in(cast.hq_finance), note.replace("-", "").lower())
    manager = sign_in(cast.east_manager)
    assert f"/hq/rebates/{programme}" in found(manager, programme)
    assert f"/hq/rebates/{programme}" in found(manager, "autumn REB")
    for stranger in (cast.yuegang.boss, cast.south_manager):
        visitor = sign_in(stranger)
        assert not any(one in " ".join(found(visitor, one)) for one in (note, programme))


def test_a_claim_is_found_by_its_dealer_and_once_submitted_by_headquarters(sign_in, database):
    draft_claim = claims.drafted(database, claims.expenses()).number
    finance, manager = sign_in(cast.huadong.finance), sign_in(cast.east_manager)
    assert f"/rebates/claims/{draft_claim}" in found(finance, draft_claim)
    assert not any(draft_claim in one for one in found(manager, draft_claim))
    said = claims.expenses(invoices=(claims.an_invoice("24310001"),))
    submitted = claims.claimed(database, said)
    assert f"/hq/rebates/claims/{submitted}" in found(manager, submitted)
    for stranger in (cast.yuegang.boss, cast.south_manager):
        assert not any(submitted in one for one in found(sign_in(stranger), submitted))
