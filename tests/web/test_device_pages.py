"""Devices on their pages: what somebody sees, what is typed comes back, and a rival finds nothing."""

from __future__ import annotations

import io

import pytest

from tests import cast
from tests.devices.acts import HOSPITAL, a_rule, installed, number_of, sent
from tests.files.acts import a_picture

REPORT = {
    "hospital": HOSPITAL,
    "level": "3a",
    "city": "上海",
    "department": "心内科",
    "installed_on": cast.TODAY.isoformat(),
    "installed_by": "赵磊",
    "accepted_on": cast.TODAY.isoformat(),
    "accepted_by": "孙静",
    "signature": "[[10,10,50,60]]",
    "note": "",
    "revision": "1",
}


@pytest.fixture
def number(given, database, owner) -> str:
    """Huadong's device SERIAL-1."""
    a_rule(database)
    sent(given, database, "SERIAL-1")
    return number_of(owner, "SERIAL-1")


def page(visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_a_report_with_signature_and_photo_is_filed_and_told_on_the_page(sign_in, number):
    service = sign_in(cast.huadong.service)
    wrong = REPORT | {"hospital": "", "installed_on": "2099-01-01", "department": "ＩＣＵ<b>"}
    refused = service.post(f"/devices/{number}/installation", wrong)
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "ＩＣＵ&lt;b&gt;" in shown and 'value="赵磊"' in shown
    photo = {"files": (io.BytesIO(a_picture()), "room.jpg")}
    assert service.post(f"/devices/{number}/installation", REPORT | photo).status_code == 303
    shown = page(service, f"/devices/{number}")
    assert HOSPITAL in shown and "room.jpg" in shown and "M10 10 L50 60" in shown and "在保" in shown
    again = service.post(f"/devices/{number}/installation", REPORT)
    assert again.status_code == 409, "somebody else reported meanwhile: the revision is an old one"


def test_a_rival_finds_nothing_on_any_page_and_sends_nothing(sign_in, number):
    rival, nobody = sign_in(cast.yuegang.service), "DV2611-00000000A"
    for path in ("/devices/{}", "/devices/{}/installation", "/devices/{}/parts", "/devices/{}/retirement"):
        ask = rival.get if path.endswith("{}") else rival.post
        theirs, unknown = ask(path.format(number)), ask(path.format(nobody))
        assert (theirs.status_code, unknown.status_code) in ((404, 404), (422, 422)), path
        assert "SERIAL-1" not in theirs.get_data(as_text=True)
    assert number not in page(rival, "/devices?q=SERIAL-1")


def test_hospitals_are_masked_on_pages_and_in_files_for_who_may_not_see_them(sign_in, database, number):
    installed(database, number)
    desk, quality = sign_in(cast.order_desk), sign_in(cast.quality)
    for path in ("/hq/devices", f"/hq/devices/{number}", "/hq/devices?export=csv", "/search?q=SERIAL-1"):
        assert HOSPITAL not in page(desk, path), path
    assert "三甲医院·上海" in page(desk, "/hq/devices")
    assert "三甲医院·上海" in page(desk, "/hq/devices?export=csv")
    assert HOSPITAL in page(quality, "/hq/devices?export=csv") and HOSPITAL in page(
        quality, f"/hq/devices/{number}"
    )
    assert desk.post(f"/hq/devices/{number}/installation", REPORT).status_code == 403
    assert "SERIAL-1" in page(desk, "/hq/devices?hospital=nothing") and "SERIAL-1" not in page(
        quality, "/hq/devices?hospital=无"
    )


def test_headquarters_recalls_adds_a_contract_and_sets_rules(sign_in, number):
    quality = sign_in(cast.quality)
    half = {"contract_no": "FW-1", "from_day": cast.TODAY.isoformat(), "to_day": "", "covers": "人工"}
    refused = quality.post(f"/hq/devices/{number}/contracts", half)
    assert refused.status_code == 422 and 'value="FW-1"' in refused.get_data(as_text=True)
    whole = half | {"to_day": "2098-01-01"}
    assert quality.post(f"/hq/devices/{number}/contracts", whole).status_code == 303
    assert quality.post(f"/hq/devices/{number}/contracts", whole).status_code == 409
    assert quality.post(f"/hq/devices/{number}/recall", {"reason": ""}).status_code == 422
    assert quality.post(f"/hq/devices/{number}/recall", {"reason": "lot recall"}).status_code == 303
    assert "lot recall" in page(sign_in(cast.huadong.buyer), f"/devices/{number}")
    assert quality.post(f"/hq/devices/{number}/recall-end", {"reason": ""}).status_code == 303
    rule = {
        "sku": "STENT",
        "category": "",
        "months": "２４",
        "starts": "shipment",
        "valid_from": "2020-01-01",
    }
    refused = quality.post("/hq/warranty-rules", rule | {"months": "x", "valid_from": "soon"})
    assert refused.status_code == 422
    assert quality.post("/hq/warranty-rules", rule).status_code == 303
    assert "STENT" in page(quality, "/hq/warranty-rules")


def test_a_file_is_looked_through_and_applied_once(sign_in, number):
    quality = sign_in(cast.quality)
    csv = "经销商编码,SKU,序列号\nhuadong,STENT,OLD-1\nyuegang,STENT,SERIAL-1\n".encode("gbk")
    seen = quality.post("/hq/device-imports", {"file": (io.BytesIO(csv), "装机.csv")})
    assert seen.status_code == 303, seen.get_data(as_text=True)
    address = seen.headers["Location"]
    shown = page(quality, address)
    assert "OLD-1" in shown and "huadong" in shown
    assert "OLD-1" not in page(quality, "/hq/devices")
    assert quality.post(f"{address}/application").status_code == 303
    assert quality.post(f"{address}/application").status_code == 409
    assert "OLD-1" in page(quality, "/hq/devices")
    assert quality.get("/hq/device-imports/template").status_code == 200
    bad = quality.post("/hq/device-imports", {"file": (io.BytesIO(b"\x00\x01"), "x.csv")})
    assert bad.status_code == 422


def test_a_part_is_noted_once_however_often_it_is_sent(sign_in, number):
    service = sign_in(cast.huadong.service)
    part = {"part": "电池", "quantity": "2", "replaced_on": cast.TODAY.isoformat(), "form_key": "k1"}
    for _ in range(2):
        assert service.post(f"/devices/{number}/parts", part).status_code == 303
    assert page(service, f"/devices/{number}").count('<span class="cell-main">电池</span>') == 1
    for place, wrong in enumerate(("٣", "1.5", "abc", "9" * 41)):
        said = part | {"part": "", "quantity": wrong, "form_key": f"wrong-{place}"}
        answer = service.post(f"/devices/{number}/parts", said)
        again = answer.get_data(as_text=True)
        assert answer.status_code == 422, wrong
        assert "field-part-quantity-error" in again and "field-part-error" in again, wrong
    refused = service.post(f"/devices/{number}/parts", part | {"quantity": "1000000000", "form_key": "k2"})
    assert refused.status_code == 422
