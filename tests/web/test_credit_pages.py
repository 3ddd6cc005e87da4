"""Limits, terms, exposure and the stop list on their pages; nothing typed is lost."""

from __future__ import annotations

import pytest

from tests import cast
from tests.credit.acts import change, proposed, stopped

NOBODYS = "2611-00000000A"


def page(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def typed(**said):
    usual = {
        "dealer": "huadong",
        "kind": "limit",
        "amount": "￥８００，０００",
        "days": "",
        "valid_from": cast.TODAY.isoformat(),
        "valid_until": "",
        "reason": "销量增长",
        "form_key": "once",
    }
    return usual | said


def test_a_limit_is_proposed_and_approved_on_its_pages(sign_in, database):
    hq, colleague = sign_in(cast.hq_finance), sign_in(cast.finance_colleague)
    assert "/hq/credit-limits/new" in page(hq, "/hq/dealers/huadong")
    wrong = hq.post("/hq/credit-limits", typed(amount="1e5", valid_from="昨天", reason="x\x00"))
    said = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "1e5" in said and "昨天" in said
    for _ in range(2):
        made = hq.post("/hq/credit-limits", typed())
        assert made.status_code == 303
    path = made.headers["Location"]
    assert page(hq, "/hq/credit-limits").count('href="/hq/credit-limits/LM') == 1
    assert f"{path}/approval" not in page(hq, path) and f"{path}/withdrawal" in page(hq, path)
    shown = page(colleague, path)
    assert f"{path}/approval" in shown and f"{path}/rejection" in shown
    nothing = colleague.post(f"{path}/rejection", {"revision": "1", "reason": " "})
    assert nothing.status_code == 422
    assert colleague.post(f"{path}/approval", {"revision": "9"}).status_code == 409
    assert colleague.post(f"{path}/approval", {"revision": "1"}).status_code == 303
    assert change(database, path.rpartition("/")[2]).state == "published"
    finance = sign_in(cast.huadong.finance)
    shown = page(finance, "/credit")
    assert "800,000.00" in shown and cast.hq_finance.display_name not in shown
    assert cast.finance_colleague.display_name in page(hq, "/hq/dealers/huadong")
    assert colleague.post(f"{path}/withdrawal", {"reason": "风险"}).status_code == 303
    assert "800,000.00" not in page(hq, "/hq/exposure")


def test_terms_beyond_the_law_are_agreed_with_a_warning(sign_in):
    hq = sign_in(cast.hq_finance)
    made = hq.post("/hq/credit-limits", typed(kind="terms", amount="", days="９０"), follow_redirects=True)
    assert made.status_code == 200 and "超过 60 天" in made.get_data(as_text=True)


def test_exposure_is_shown_by_area_and_taken_as_a_file(sign_in, given):
    given.an_order({cast.gloves: 3})
    hq = sign_in(cast.hq_finance)
    shown = page(hq, "/hq/exposure")
    assert "data-chart" in shown and "华东" in shown and cast.huadong.name_zh in shown
    assert cast.yuegang.name_zh not in page(hq, f"/hq/exposure?region={cast.east.id}")
    assert cast.huadong.name_zh not in page(hq, "/hq/exposure?stopped=yes")
    book = hq.get("/hq/exposure?export=csv").get_data(as_text=True)
    assert len(book.strip().splitlines()) == 1 + len(cast.dealers)
    assert sign_in(cast.east_manager).get("/hq/exposure").status_code == 403


def test_a_dealer_on_the_stop_list_is_told_what_to_do(sign_in, database):
    hq = sign_in(cast.hq_finance)
    wrong = hq.post("/hq/stops", {"dealer": "nobody", "until": "30 February", "reason": ""})
    assert wrong.status_code == 422 and "30 February" in wrong.get_data(as_text=True)
    made = hq.post("/hq/stops", {"dealer": "huadong", "until": "", "reason": "内部：逾期三个月"})
    path = made.headers["Location"]
    assert hq.post("/hq/stops", {"dealer": "huadong", "until": "", "reason": "x"}).status_code == 409
    for person, address in ((cast.huadong.finance, "/credit"), (cast.huadong.buyer, "/")):
        shown = page(sign_in(person), address)
        assert "停供名单" in shown and "逾期三个月" not in shown
    buyer = sign_in(cast.huadong.buyer)
    buyer.post("/cart/lines", {"sku": "GLOVES", "quantity": "1"})
    assert "停供名单" in page(buyer, "/cart")
    assert "停供名单" not in page(sign_in(cast.yuegang.buyer), "/")
    assert hq.post(f"{path}/end", {"reason": ""}).status_code == 422
    assert hq.post(f"{path}/end", {"reason": "已付清"}).status_code == 303
    assert "停供名单" not in page(sign_in(cast.huadong.buyer), "/")


@pytest.mark.only_asks
@pytest.mark.parametrize("path", [f"/hq/credit-limits/LM{NOBODYS}", f"/hq/stops/XS{NOBODYS}"])
def test_what_is_not_there_is_not_found(sign_in, path):
    hq = sign_in(cast.hq_finance)
    assert hq.get(path).status_code == 404
    assert sign_in(cast.huadong.finance).get(path).status_code in (403, 404)


def test_employees_with_regions_see_their_own(sign_in, database):
    number, stop = proposed(database, dealer=cast.yuegang), stopped(database, dealer=cast.yuegang)
    assert number and stop
    assert sign_in(cast.east_manager).get(f"/hq/credit-limits/{number}").status_code == 403
