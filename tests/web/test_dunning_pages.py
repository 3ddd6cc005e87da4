"""Runs of letters on their pages: reviewed, released, read by the dealer; levels and interest set."""

from __future__ import annotations

import pytest

from tests import cast
from tests.dunning.acts import letters_of, owing, policy_is, sent
from tests.ledger.acts import no_books_yet
from tests.played import played


@played
def overdue(given, database, owner):
    no_books_yet(owner)
    policy_is(database)
    return owing(given, database, days_late=10), owing(given, database, days_late=9, to=cast.yuegang)


def page(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_a_run_is_reviewed_and_its_letters_are_read(sign_in, database, overdue):
    hq, invoice = sign_in(cast.hq_finance), overdue[0]
    made = hq.post("/hq/dunning", {"form_key": "once"})
    assert made.status_code == 303 and hq.post("/hq/dunning", {"form_key": "once"}).status_code == 303
    assert hq.post("/hq/dunning", {}).status_code == 409
    path = made.headers["Location"]
    run = path.rpartition("/")[2]
    by_code = {one.dealer_code: one.number for one in letters_of(database, run)}
    shown = page(hq, path)
    assert all(number in shown for number in by_code.values())
    assert hq.post(f"{path}/release", {"which": "ticked"}).status_code == 422, "none is ticked"
    mine = by_code["huadong"]
    assert hq.post(f"{path}/release", {"which": "ticked", "letter": [mine]}).status_code == 303
    assert hq.post(f"{path}/release", {"which": "all"}).status_code == 409
    finance = sign_in(cast.huadong.finance)
    assert finance.get(f"/dunning-letters/{mine}").status_code == 404, "not sent yet"
    sent(database, mine)
    assert mine in page(finance, "/dunning-letters") and invoice in page(finance, f"/dunning-letters/{mine}")
    for visitor, address in ((finance, "/dunning-letters"), (hq, "/hq/dunning-letters")):
        for language in ("zh", "en"):
            paper = visitor.get(f"{address}/{mine}.pdf?language={language}")
            assert paper.get_data().startswith(b"%PDF")
    rival = sign_in(cast.yuegang.finance)
    for address in (f"/dunning-letters/{mine}", f"/dunning-letters/{mine}.pdf"):
        assert rival.get(address).status_code == 404
    assert by_code["yuegang"] not in page(rival, "/dunning-letters")
    assert mine in page(hq, "/hq/dunning-letters?status=sent&level=1")
    assert "没有可记账的利息" in hq.post(f"/hq/dunning-letters/{mine}/interest", {}).get_data(as_text=True)


def test_levels_are_set_with_nothing_typed_lost(sign_in, overdue):
    hq, path = sign_in(cast.finance_colleague), "/hq/dunning-policy"
    form = {
        "days": "７、21 x",
        "minimum": "-1",
        "interest_rate": "99",
        "day_count": "365",
        "stop_level": "0",
        "respite": "7",
        "reason": "",
        "seen": "2",
    }
    wrong = hq.post(path, form)
    assert wrong.status_code == 422 and "７、21 x" in wrong.get_data(as_text=True)
    right = form | {"days": "７、21", "minimum": "50", "interest_rate": "4.5", "reason": "试行"}
    assert hq.post(path, right).status_code == 303
    assert "7, 21" in page(hq, path)
    assert hq.post(path, right).status_code == 409, "somebody set one meanwhile"
    assert sign_in(cast.order_desk).get(path).status_code == 403


@pytest.mark.only_asks
def test_what_is_not_there_is_not_found(sign_in):
    hq = sign_in(cast.hq_finance)
    for path in ("/hq/dunning/DG2611-00000000B", "/hq/dunning-letters/DN2611-00000000A"):
        assert hq.get(path).status_code == 404
        assert hq.post(f"{path}/release" if "dunning/" in path else f"{path}/interest", {}).status_code == 404
