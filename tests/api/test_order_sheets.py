"""An order sheet through the API: every row is answered; nothing is guessed, written or reserved."""

from __future__ import annotations

import io

from portal.orders.vocabulary import OrderRight
from tests import cast
from tests.api.contract import kept

SHEET = (
    "GAUZE\t4\r\n"
    "gloves , １２\n"
    "\ufeffSTENT\u00a0\t1\u200b\n"
    "NO-SUCH-1\t5\n"
    "LAST;1\n"
    "GAUZE\t4\n"
    "SYRINGE\tabc\n"
    '=HYPERLINK("x")\t3\n'
)


def test_every_pasted_row_is_answered(huadong):
    sheet = kept(huadong.post("/order-sheets", {"text": SHEET}))
    assert [row["row"] for row in sheet["rows"]] == list(range(1, 9))
    good = {row["sku"]: row["quantity"] for row in sheet["rows"] if not row["errors"]}
    assert good == {"GAUZE": 4, "GLOVES": 12, "STENT": 1, "LAST": 1}
    bad = {row["row"]: [one["code"] for one in row["errors"]] for row in sheet["rows"] if row["errors"]}
    assert bad == {4: ["unknown_sku"], 7: ["quantity_not_whole"], 8: ["formula"]}
    assert (sheet["accepted"], sheet["refused"]) == (5, 3)
    again = sheet["rows"][5]
    assert again["merged_into"] == 1 and [note["code"] for note in again["notes"]] == ["merged"]
    assert sheet["rows"][0]["amount"] == "80.00"  # 8 × 10.00


def test_a_file_is_read_as_a_text_is(huadong):
    content = "货号,数量,单位\nGLOVES,3,盒\nSYRINGE,20,盒\n".encode("gbk")
    sheet = kept(huadong.request("POST", "/order-sheets", data={"file": (io.BytesIO(content), "订单.csv")}))
    assert [row["sku"] for row in sheet["rows"]] == ["GLOVES", "SYRINGE"]
    assert sheet["rows"][1]["errors"][0]["code"] == "unit_differs"
    assert [one["because"] for one in sheet["skipped"]] == ["head"]


def test_prices_are_hidden_from_who_may_not_see_them(system):
    blind = system(OrderRight.WRITE, dealer=cast.huadong)
    sheet = kept(blind.post("/order-sheets", {"text": "GLOVES 3"}))
    assert sheet["accepted"] == 1 and "total" not in sheet
    assert not {"unit_price", "amount"} & sheet["rows"][0].keys()
