"""A code scanned into the page, into the search across the portal, and into the lists that know products."""

from __future__ import annotations

from html import unescape

import pytest

from tests import cast

DI = cast.gloves.udi_di
CODE = f"01{DI}17280200" + "10AB-7\x1d21SN5"
AMBIGUOUS = f"01{DI}10A121S9"


def page(visitor, path: str = "/scan", **query: str) -> str:
    answer = visitor.get(path, query_string=query)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize(
    ("who", "path"),
    [(cast.huadong.buyer, "/scan"), (cast.order_desk, "/hq/scan")],
    ids=["dealer", "headquarters"],
)
def test_the_page_says_what_the_code_says(sign_in, who, path):
    shown = page(sign_in(who), path, data=CODE)
    for said in (DI, "AB-7", "SN5", "2028-02-29", "GS1", "GLOVES", "医用检查手套"):
        assert said in shown, said


def test_a_dealer_is_led_to_the_product_and_headquarters_has_no_such_page(sign_in):
    assert "/catalogue/GLOVES" in page(sign_in(cast.huadong.buyer), data=CODE)
    assert "/catalogue/GLOVES" not in page(sign_in(cast.order_desk), "/hq/scan", data=CODE)
    assert "/catalogue/WITHDRAWN" not in page(sign_in(cast.huadong.buyer), data="WITHDRAWN")


def test_what_may_have_been_lost_is_asked_and_answered_by_a_click(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    shown = page(visitor, data=AMBIGUOUS)
    assert f"(01){DI}(10)A1(21)S9" in shown and 'aria-invalid="true"' in shown
    chosen = page(visitor, data=f"(01){DI}(10)A1(21)S9")
    assert "S9" in chosen and 'aria-invalid="true"' not in chosen


@pytest.mark.parametrize("data", ["hello", "<script>", "MF0123456789*BN1", "x" * 2000, "a\x00b", "٠" * 14])
def test_what_is_no_code_is_told_beside_the_field(sign_in, data):
    answer = sign_in(cast.huadong.buyer).get("/scan", query_string={"data": data})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 200 and 'aria-invalid="true"' in shown
    assert "maxlength" not in shown, "a code that the browser cuts off would say something else"
    assert "<script>" not in shown.partition("<main")[2]


@pytest.mark.parametrize("who", [cast.huadong.buyer, cast.order_desk], ids=["dealer", "headquarters"])
def test_the_search_across_the_portal_leads_to_what_a_code_says(sign_in, who):
    visitor = sign_in(who)

    def found(q: str) -> str:
        answer = visitor.fragment("/search", query_string={"q": q}, headers={"HX-Target": "found"})
        return unescape(answer.get_data(as_text=True))

    assert f"{DI} · AB-7 · SN5" in found(CODE)
    assert "scan?data=" in found(AMBIGUOUS) and "/scan?data=" in found("MA.156.M0.100761.21234561")
    for words in ("手套", "SO2611", "hello", "1234"):
        assert "/scan?data=" not in found(words)

    assert "AB-7" in found(f"https://medizin.example/{'p' * 120}/01/{DI}/10/AB-7"), "nothing is cut off"
    assert ("/catalogue/GLOVES" in found(CODE)) is (who is cast.huadong.buyer)


def test_the_price_lookup_takes_a_scanned_code(sign_in):
    visitor = sign_in(cast.national_manager)
    query = {"dealer": "huadong", "sku": CODE, "quantity": "3"}
    answered = unescape(visitor.get("/hq/prices", query_string=query).get_data(as_text=True))
    assert 'id="answer"' in answered and "医用检查手套" in answered
