"""The feed on its pages: read, acknowledged, downloaded by dealers; written, followed at headquarters."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from tests import cast
from tests.feed.acts import A_PDF, numbers_of
from tests.identity.custom_role_acts import composed
from tests.identity.custom_role_acts import given as gives


def shown(visitor, path, status=200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return answer.get_data(as_text=True)


def english(visitor):
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def buyer(sign_in):
    return english(sign_in(cast.huadong.buyer))


@pytest.fixture
def manager(sign_in):
    return english(sign_in(cast.national_manager))


TYPED = {
    "kind": "training",
    "title_zh": "装机培训",
    "title_en": "Installation training",
    "text_zh": "第一段\n\n- 甲\n- 乙",
    "text_en": "<script>alert(1)</script>",
    "region": ["east"],
    "tier": ["S"],
    "valid_until": "2099-12-31",
    "must_acknowledge": "1",
}


def drafted(manager, **typed) -> str:
    """Address of a new draft."""
    answer = manager.post("/hq/notices", TYPED | typed)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    return answer.location


def revision_on(page: str) -> str:
    return re.search(r'name="revision" value="(\d+)"', page).group(1)


def test_from_the_draft_to_the_acknowledgement(manager, buyer, database):
    address = drafted(manager)
    page = shown(manager, address)
    assert "Reaches 1 dealer" in page and "<script>alert" not in page and "<li>甲</li>" in page
    name, content = A_PDF
    answer = manager.post(f"{address}/files", {"file": (BytesIO(content), name)})
    assert answer.status_code == 303
    published = manager.post(f"{address}/publication", {"revision": revision_on(page)})
    assert published.status_code == 303
    number = address.rpartition("/")[2]

    listed = shown(buyer, "/feed")
    assert f'href="/feed/{number}"' in listed and "To acknowledge" in listed
    opened = shown(buyer, f"/feed/{number}")
    assert "I have read and understood this" in opened and "&lt;script&gt;" in opened
    file = buyer.get(f"/feed/{number}/files/1")
    assert file.data == content and file.mimetype == "application/pdf"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert buyer.post(f"/feed/{number}/acknowledgement").status_code == 303
    assert "Acknowledged" in shown(buyer, f"/feed/{number}")
    readers = shown(manager, f"{address}/readers")
    assert cast.huadong.buyer.display_name in readers
    assert manager.get(f"{address}/readers?export=csv").status_code == 200


def test_the_cart_leads_to_what_has_to_be_acknowledged(given, buyer):
    buyer.post("/cart", {"sku": "GLOVES", "quantity": "1", "mode": "add"})
    number = given.an_entry(must_acknowledge=True, title_en="Recall")
    page = shown(buyer, "/cart")
    assert f'href="/feed/{number}"' in page and 'href="#acknowledge"' in page and "Recall" in page
    assert re.search(r"disabled[^>]*>.*?Place the order", page, re.DOTALL)
    refused = buyer.post("/orders", {"seen": "", "idempotency_key": "k"})
    assert refused.status_code == 422 and f"/feed/{number}" in refused.get_data(as_text=True)
    assert "Notices to acknowledge before you order" in shown(buyer, "/")
    buyer.post(f"/feed/{number}/acknowledgement")
    assert f"/feed/{number}" not in shown(buyer, "/cart")


def test_a_preview_counts_and_escapes_while_one_types(manager):
    answer = manager.post("/hq/notices/preview", TYPED | {"tier": [], "dealers": "yuegang，suzhou"})
    said = answer.get_data(as_text=True)
    assert "Reaches 3 dealers" in said and "&lt;script&gt;" in said and "<html" not in said
    wrong = manager.post("/hq/notices/preview", TYPED | {"dealers": "nobody"}).get_data(as_text=True)
    assert "There is no nobody." in wrong and "Reaches" not in wrong


@pytest.mark.parametrize(
    ("typed", "beside"),
    [
        ({"title_en": ""}, "field-title_en-error"),
        ({"valid_until": "2026-02-31"}, "field-valid_until-error"),
        ({"valid_from": "2100-01-01"}, "field-valid_until-error"),
        ({"dealers": "nobody"}, "field-dealers-error"),
        ({"region": ["nowhere"]}, "field-region-error"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(manager, typed, beside):
    for address in ("/hq/notices", drafted(manager)):
        revision = {} if address == "/hq/notices" else {"revision": "1"}
        answer = manager.post(address, TYPED | revision | typed)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422 and f'id="{beside}"' in page
        assert "第一段\n\n- 甲" in page


def test_a_region_that_is_chosen_stays_chosen(manager):
    page = shown(manager, drafted(manager))
    assert re.search(r'<option value="east" selected>', page)
    assert re.search(r'<option value="31">', page)
    assert re.search(r'value="S"\s+checked', page) and 'value="2099-12-31"' in page


def test_a_file_that_is_none_is_refused_beside_its_field(manager):
    address = drafted(manager)
    for file in ({}, {"file": (BytesIO(b"<html>"), "a.pdf")}):
        answer = manager.post(f"{address}/files", file)
        assert answer.status_code == 422 and 'id="field-file-error"' in answer.get_data(as_text=True)


def test_an_overtaken_form_changes_nothing(manager, database):
    address = drafted(manager)
    assert manager.post(address, TYPED | {"revision": "1", "title_zh": "新"}).status_code == 303
    assert manager.post(address, TYPED | {"revision": "1", "title_zh": "旧"}).status_code == 409
    assert manager.post(f"{address}/publication", {"revision": "1"}).status_code == 409
    assert numbers_of(database, cast.huadong.buyer) == []


def test_a_publication_is_put_off_to_a_minute_and_a_wrong_one_asked_again(manager, buyer):
    address = drafted(manager)
    wrong = manager.post(f"{address}/publication", {"revision": "1", "publish_at": "soon"})
    assert wrong.status_code == 422 and "data-opened" in wrong.get_data(as_text=True)
    put_off = {"revision": "1", "publish_at": "2099-01-01T08:00"}
    assert manager.post(f"{address}/publication", put_off).status_code == 303
    assert "Scheduled" in shown(manager, address)
    assert shown(buyer, f"/feed/{address.rpartition('/')[2]}", 404)


def test_who_may_not_publish_is_not_offered_it(sign_in, manager):
    desk = english(sign_in(cast.order_desk))
    address = drafted(desk)
    page = shown(desk, address)
    assert "Save" in page and 'data-dialog="publish"' not in page
    assert desk.post(f"{address}/publication", {"revision": "1"}).status_code == 403


def test_corrections_and_withdrawals_ask_for_a_reason(manager, given):
    address = f"/hq/notices/{given.an_entry()}"
    page = shown(manager, address)
    typed = {"revision": revision_on(page), "kind": "notice", "title_zh": "改", "title_en": "Changed"}
    refused = manager.post(f"{address}/correction", typed | {"reason": ""})
    assert refused.status_code == 422 and 'id="field-reason-error"' in refused.get_data(as_text=True)
    assert manager.post(f"{address}/correction", typed | {"reason": "typo"}).status_code == 303
    assert manager.post(f"{address}/withdrawal", {"revision": "3", "reason": "wrong"}).status_code == 303
    assert "Withdrawn" in shown(manager, address)


def test_reminding_says_how_many_get_a_mail(manager, given):
    address = f"/hq/notices/{given.an_entry(dealers=['huadong'])}"
    manager.post(f"{address}/reminder")
    people = len(cast.huadong.people)
    assert f"{people} people get a mail." in shown(manager, f"{address}/readers")
    manager.post(f"{address}/reminder")
    assert f"{people} were reminded today already." in shown(manager, f"{address}/readers")


def test_who_may_acknowledge_by_a_role_of_the_dealers_own_is_reminded_of_it(manager, given, issuer_database):
    code = composed(issuer_database, rights=["notices:read", "notices:acknowledge"])
    gives(issuer_database, cast.huadong.finance, code)
    address = f"/hq/notices/{given.an_entry(dealers=['huadong'], must_acknowledge=True)}"
    manager.post(f"{address}/reminder")
    assert "3 people get a mail." in shown(manager, f"{address}/readers")


def test_the_list_is_narrowed_in_the_address_and_exported(buyer, given):
    given.an_entry(kind="policy", title_zh="价格政策")
    given.an_entry(kind="training", title_zh="=培训")
    assert "价格政策" not in shown(buyer, "/feed?kind=training&column=number")
    file = buyer.get("/feed?q=培训&export=csv")
    rows = file.data.decode("utf-8-sig").splitlines()
    assert len(rows) == 2 and rows[1].startswith("Shipping over")
