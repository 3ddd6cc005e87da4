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


# What the camera saw.


def verdicts(visitor, *codes: tuple[str, str], path: str = "/scan") -> str:
    data = {"data": [text for text, _ in codes], "symbology": [mark for _, mark in codes]}
    answer = visitor.post(path, data, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize(
    ("who", "path"),
    [(cast.huadong.buyer, "/scan"), (cast.order_desk, "/hq/scan")],
    ids=["dealer", "headquarters"],
)
def test_a_code_before_the_camera_is_told_and_may_be_taken_as_it_is_typed(sign_in, who, path):
    said = verdicts(sign_in(who), (CODE, "]d2"), path=path)
    for word in (DI, "AB-7", "SN5", "2028-02-29", "医用检查手套"):
        assert word in said, word
    assert f'data-scan-take="(01){DI}(17)280200(10)AB-7(21)SN5"' in said
    assert "<html" not in said, "it goes into the dialog"


def test_the_camera_asks_what_was_lost_and_takes_nothing_by_itself(sign_in):
    said = verdicts(sign_in(cast.huadong.buyer), (AMBIGUOUS, "]C1"))
    assert f'data-scan-ask="(01){DI}(10)A1(21)S9"' in said and "data-scan-take" not in said


def test_each_of_several_codes_is_told(sign_in):
    codes = [("GLOVES", "]C0"), ("MF0123456789*BN1", "]d1"), ("MA.156.M0.100761.21234561", "]Q1")]
    said = verdicts(sign_in(cast.huadong.buyer), *codes, ("x\x00<b>", "]d1"), (DI, "]C0"))
    assert said.count('class="scanner-said"') == 5
    assert 'data-scan-take="GLOVES"' in said, "an SKU on a label of our own"
    assert 'data-scan-take="MA.156.M0.100761.21234561"' in said
    assert "MF0123456789*BN1" in said and 'data-scan-take="MF' not in said


@pytest.mark.parametrize("count", [0, 9])
def test_as_many_codes_as_a_label_has_are_read_at_once(sign_in, count):
    visitor = sign_in(cast.huadong.buyer)
    data = {"data": [DI] * count, "symbology": ["]E0"] * count}
    answer = visitor.post("/scan", data, headers={"HX-Request": "true"})
    assert answer.status_code == (400 if count else 200)


def test_the_worker_may_compile_webassembly_and_no_page_may(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    policy = {
        path: visitor.get(path).headers["Content-Security-Policy"]
        for path in ("/scan", "/static/js/scan_worker.js")
    }
    assert "wasm" not in policy["/scan"]
    assert "'wasm-unsafe-eval'" in policy["/static/js/scan_worker.js"]
    assert "default-src 'none'" in policy["/static/js/scan_worker.js"]
    assert visitor.get("/static/vendor/zxing-wasm-3.1.4/zxing_reader.wasm").mimetype == "application/wasm"


def test_the_dialog_is_brought_alone(sign_in):
    answer = sign_in(cast.huadong.buyer).fragment("/scan", headers={"HX-Target": "scanner"})
    shown = answer.get_data(as_text=True)
    assert shown.count('id="scanner"') == 1 and "<html" not in shown
