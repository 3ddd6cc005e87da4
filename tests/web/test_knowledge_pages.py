"""The knowledge base on both sides, by page and by call."""

from __future__ import annotations

import io
import re

import pytest

from tests import cast
from tests.files.acts import a_pdf
from tests.knowledge.acts import PUMP, drafted, published, seen, submitted

FORM = {
    "title_zh": "退货怎么办",
    "title_en": "How to return goods",
    "text_zh": "先提交退货申请。",
    "text_en": "",
    "words": "退换",
    "kind": ["return_question"],
    "revision": "0",
}


@pytest.fixture
def author(sign_in):
    return sign_in(cast.order_desk)


@pytest.fixture
def publisher(sign_in):
    return sign_in(cast.quality)


@pytest.fixture
def reader(sign_in):
    return sign_in(cast.huadong.service)


def number_in(answer) -> str:
    return answer.location.rpartition("/")[2]


def test_an_article_goes_from_its_form_to_a_reader(author, publisher, reader):
    file = {"files": (io.BytesIO(a_pdf()), "流程.pdf")}
    made = author.post("/hq/knowledge", FORM | file)
    assert made.status_code == 303
    number = number_in(made)
    page = author.get(f"/hq/knowledge/{number}").text
    assert "退货怎么办" in page and "流程.pdf" in page
    assert reader.get(f"/knowledge/{number}").status_code == 404
    assert author.post(f"/hq/knowledge/{number}/submission", {"revision": "1"}).status_code == 303
    assert "/publication" not in author.get(f"/hq/knowledge/{number}").text
    assert "待发布文章" in publisher.get("/hq/").text
    assert publisher.post(f"/hq/knowledge/{number}/publication", {"revision": "2"}).status_code == 303
    shown = reader.get(f"/knowledge/{number}").text
    assert "先提交退货申请。" in shown and "流程.pdf" in shown and "退换" not in shown
    [path] = re.findall(r'href="(/files/[^"/]+)"', shown)[:1]
    assert reader.get(path).data.startswith(b"%PDF")


def test_what_is_refused_comes_back_as_it_was_typed(author):
    answer = author.post("/hq/knowledge", FORM | {"title_en": "", "text_zh": " "})
    assert answer.status_code == 422
    assert 'id="field-title_en-error"' in answer.text and 'id="field-text_zh-error"' in answer.text
    assert 'value="退货怎么办"' in answer.text and re.search(
        r'value="return_question"[^>]*checked', answer.text
    )


def test_a_second_tab_is_told(author, database):
    number = drafted(database)
    form = FORM | {"revision": "1"}
    assert author.post(f"/hq/knowledge/{number}/edit", form).status_code == 303
    answer = author.post(f"/hq/knowledge/{number}/edit", form | {"title_zh": "另一个"})
    assert answer.status_code == 409 and 'value="另一个"' in answer.text
    assert seen(database, number).title_zh == "退货怎么办"


def test_a_form_that_is_sent_twice_drafts_once(author):
    form = FORM | {"form_key": "k" * 22}
    assert number_in(author.post("/hq/knowledge", form)) == number_in(author.post("/hq/knowledge", form))


def test_sending_back_needs_a_reason_beside_its_field(publisher, database):
    number = submitted(database, drafted(database))
    answer = publisher.post(f"/hq/knowledge/{number}/rejection", {"revision": "2", "reason": " "})
    assert answer.status_code == 422 and 'id="reason-rejection-error"' in answer.text
    answer = publisher.post(f"/hq/knowledge/{number}/rejection", {"revision": "2", "reason": "请补图"})
    assert answer.status_code == 303 and "请补图" in publisher.get(f"/hq/knowledge/{number}").text


def test_dealers_search_and_are_proposed_articles_while_they_type(reader, database):
    number = published(database)
    assert number in reader.get("/knowledge", query_string={"q": "堵管"}).text
    assert number not in reader.get("/knowledge", query_string={"q": "显微镜"}).text
    assert number in reader.get("/knowledge", query_string={"kind": "repair"}).text
    part = reader.fragment("/knowledge/suggestions?of=subject&by=product&subject=泵报警&product=&kind=repair")
    assert part.text.lstrip().startswith('<div id="knowledge-suggestions"') and number in part.text
    empty = reader.fragment("/knowledge/suggestions", query_string={"of": "subject", "subject": "显微镜"})
    assert "<li>" not in empty.text and 'id="knowledge-suggestions"' in empty.text
    whole = reader.get("/knowledge/suggestions", query_string={"q": "泵报警"}).text
    assert "<html" in whole and number in whole
    for odd in ("\x00", "x" * 5000, "%", "'; --", "１" * 600):
        assert (
            reader.fragment("/knowledge/suggestions", query_string={"q": odd, "kind": odd}).status_code == 200
        )
    assert number in reader.get("/search", query_string={"q": "E03"}).text


def test_a_reader_says_that_no_request_is_needed(reader, author, database):
    number = published(database)
    assert reader.post(f"/knowledge/{number}/vote", {"said": "solved"}).status_code == 303
    assert "您表示问题已解决。" in reader.get(f"/knowledge/{number}").text
    assert seen(database, number).solved == 1
    assert reader.post("/knowledge/KB2611-NONE/vote", {"said": "yes"}).status_code == 404
    assert number in author.get("/hq/knowledge?state=published").text


@pytest.mark.only_asks
def test_whoever_has_no_right_sees_neither(sign_in):
    assert sign_in(cast.hq_finance).get("/hq/knowledge").status_code == 403
    assert sign_in(cast.hq_finance).get("/knowledge").status_code in (403, 404)
    assert sign_in(cast.huadong.buyer).get("/hq/knowledge").status_code in (403, 404)


def test_an_article_is_written_and_read_by_calls(api, database):
    erp, dealer = api(cast.erp), api(cast.huadong.system)
    body = {"title_zh": "退货怎么办", "title_en": "How to return", "text_zh": "先申请。", "words": "退换"}
    made = erp.post("/hq/knowledge", body, key="k1").json
    number = made["number"]
    assert (made["state"], made["revision"]) == ("draft", 1)
    assert erp.request("PUT", f"/hq/knowledge/{number}", json=body | {"revision": 7}).status_code == 409
    changed = erp.request("PUT", f"/hq/knowledge/{number}", json=body | {"kinds": ["return_question"]})
    assert changed.json["kinds"] == ["return_question"]
    assert erp.post(f"/hq/knowledge/{number}/submission", {}).json["state"] == "submitted"
    assert erp.post(f"/hq/knowledge/{number}/publication", {}).status_code == 403
    pump = published(database)
    assert [one["number"] for one in dealer.get("/knowledge?q=E03").json["items"]] == [pump]
    assert dealer.get(f"/knowledge/{pump}").json["text_zh"] == PUMP.text_zh
    voted = dealer.post(f"/knowledge/{pump}/vote", {"helpful": True})
    assert voted.json["helpful"] is True
    assert dealer.get(f"/knowledge/{number}").status_code == 404
