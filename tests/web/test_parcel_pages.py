"""Parcels on pages: told of by hand, file and carrier, and followed by the dealer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from portal.tracking.rules import EventCode as E
from tests import cast
from tests.formulas import a_workbook_of
from tests.shipping.acts import shipped
from tests.tracking.acts import event, events_in, recorded, standing_in

DATA = Path(__file__).parents[1] / "tracking" / "data"


@pytest.fixture
def parcel(given) -> str:
    """A shipment of Huadong's that left yesterday."""
    return given.a_delivery_of(given.an_order({cast.gloves: 3}).number).shipment_number


@pytest.fixture
def desk(sign_in):
    visitor = sign_in(cast.order_desk)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    return visitor


def now() -> str:
    return cast.NOW.astimezone(cast.ZONE).strftime("%Y-%m-%d %H:%M")


@pytest.fixture
def carried(given, database):
    """``carried("顺丰速运")``: a shipment of Huadong's that a carrier has, with its number SF900."""

    def by(carrier: str, tracking_no: str = "SF900") -> str:
        number = given.a_parcel_of(given.an_order({cast.gloves: 2}).number)
        return shipped(database, number, carrier=carrier, tracking_no=tracking_no).shipment_number

    return by


def said(answer) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def test_the_desk_tells_and_the_dealer_reads(desk, buyer, owner, parcel):
    form = {"at": now(), "code": "out_for_delivery", "place": "Shanghai", "note": "call 13912345678"}
    assert desk.post(f"/hq/tracking/{parcel}/events", form).status_code == 303
    assert desk.post(f"/hq/tracking/{parcel}/events", form).status_code == 303
    assert events_in(owner, parcel) == ["out_for_delivery"]
    page = said(buyer.get(f"/shipments/{parcel}"))
    assert "Out for delivery" in page and "139****5678" in page and "13912345678" not in page
    order = page.split("/orders/")[1].split('"')[0]
    assert f"/shipments/{parcel}" in said(buyer.get(f"/orders/{order}"))


def test_what_is_wrong_stands_beside_its_field(desk, owner, parcel):
    future = (cast.NOW + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    for field, form in {
        "at": {"at": future, "code": "delivered"},
        "code": {"at": now(), "code": "eaten"},
        "expected_on": {"at": now(), "code": "estimated"},
    }.items():
        answer = desk.post(f"/hq/tracking/{parcel}/events", form)
        assert answer.status_code == 422 and f"field-{field}-error" in said(answer), field
    assert events_in(owner, parcel) == []


def test_a_file_is_reported_row_by_row(desk, owner, parcel):
    rows = [
        "发货单号,时间,状态,地点,服务",
        f"{parcel},{now()},已揽收,上海,",
        f"{parcel},{now()},2,上海,kdniao",
        f"{parcel},{now()},eaten,,",
        f"SH-NOBODYS,{now()},delivered,,",
        f"{parcel},yesterday,delivered,,",
        f"{parcel},{now()},2,,dhl",
    ]
    file = (io.BytesIO("\n".join(rows).encode("gb18030")), "events.csv")
    answer = desk.post("/hq/event-files", {"file": file}, content_type="multipart/form-data")
    page = said(answer)
    assert answer.status_code == 200 and page.count("row-trouble") == 4
    assert events_in(owner, parcel) == ["accepted", "in_transit"]
    assert "No shipment that has left has this number." in page


def test_an_event_that_a_workbook_reckons_is_not_taken(desk, owner, parcel):
    rows = [
        ["number", "at", "code", "place"],
        [parcel, now(), "accepted", "上海"],
        [parcel, f"={now()}", "delivered", ""],
        [parcel, now(), "=delivered", ""],
        [parcel, now(), "delivered", "#"],
    ]
    answer = desk.post("/hq/event-files", {"file": (io.BytesIO(a_workbook_of(*rows)), "events.xlsx")})
    assert answer.status_code == 200 and said(answer).count("row-trouble") == 3
    assert events_in(owner, parcel) == ["accepted"]
    head = a_workbook_of(["number", "at", "=code"], [parcel, now(), "delivered"])
    answer = desk.post("/hq/event-files", {"file": (io.BytesIO(head), "events.xlsx")})
    assert answer.status_code == 422 and "This cell holds a formula." in said(answer)


def test_a_file_without_its_columns_is_refused(desk):
    file = (io.BytesIO(b"number,at\nSH1,2026-01-01"), "events.csv")
    answer = desk.post("/hq/event-files", {"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "The column code is missing." in said(answer)


def answered(number: str) -> bytes:
    answer = {
        "message": "ok",
        "nu": number,
        "state": "3",
        "data": [{"time": now() + ":00", "context": "已签收"}],
    }
    return json.dumps(answer).encode()


def test_a_carriers_answer_about_another_parcel_is_refused(desk, owner, carried):
    parcel = carried("顺丰医药")
    for number, status in (("SF901", 409), ("SF900", 303)):
        file = (io.BytesIO(answered(number)), "answer.json")
        answer = desk.post(
            f"/hq/tracking/{parcel}/answer", {"file": file}, content_type="multipart/form-data"
        )
        assert answer.status_code == status
    assert standing_in(owner, parcel) == ("delivered", 1)


def pushed(app, secret: str = "s3cret", number: str = "SF900", carrier: str = "sf"):
    content = answered(number).decode()
    sign = hashlib.md5((content + secret).encode()).hexdigest().upper()
    return app.test_client().post(f"/api/v1/carriers/{carrier}/events", data={"param": content, "sign": sign})


@pytest.fixture
def with_secret(app):
    """The carrier has a secret with us."""
    secrets = {"sf": SecretStr("s3cret"), "aftership": SecretStr("other"), "ems": SecretStr("third")}
    app.settings = app.settings.model_copy(update={"carrier_secrets": secrets})
    return app


def test_a_carrier_tells_by_itself_if_it_signs(with_secret, owner, carried):
    parcel = carried("顺丰速运")
    assert pushed(with_secret, secret="wrong").status_code == 401
    assert pushed(with_secret, carrier="jd").status_code == 401  # it has no secret
    assert pushed(with_secret, carrier="nobody").status_code == 401
    assert events_in(owner, parcel) == []
    for _ in range(2):
        answer = pushed(with_secret)
        assert answer.status_code == 200 and answer.json["returnCode"] == "200"
    assert events_in(owner, parcel) == ["delivered"]


def test_an_unsigned_push_is_refused_in_every_form(app, carried):
    carried("顺丰速运")
    address = "/api/v1/carriers/sf/events"
    for options in ({}, {"data": {"param": "{}"}}, {"data": {"param": "", "sign": ""}}, {"json": {}}):
        answer = app.test_client().post(address, **options)
        assert answer.status_code == 401 and answer.json["code"] == "unsigned"


def test_a_carrier_learns_nothing_of_parcels_that_are_not_its_own(with_secret, owner, carried):
    parcel = carried("中国邮政 EMS")
    known = pushed(with_secret)
    unknown = pushed(with_secret, number="SF999")
    assert (known.status_code, known.json) == (unknown.status_code, unknown.json)
    assert events_in(owner, parcel) == []


def test_a_broker_that_signs_in_a_header(with_secret, owner, carried):
    parcel = carried("AfterShip", "1111111111111")
    at = cast.NOW.isoformat()
    checkpoint = {"tag": "InTransit", "checkpoint_time": at, "message": "departed"}
    content = json.dumps(
        {"event": "tracking_update", "msg": {"tracking_number": "1111111111111", "checkpoints": [checkpoint]}}
    ).encode()
    signature = base64.b64encode(hmac.new(b"other", content, hashlib.sha256).digest()).decode()
    answer = with_secret.test_client().post(
        "/api/v1/carriers/aftership/events",
        data=content,
        content_type="application/json",
        headers={"aftership-hmac-sha256": signature},
    )
    assert answer.status_code == 200 and events_in(owner, parcel) == ["in_transit"]


def test_a_number_beside_an_answer_is_signed_with_it(with_secret, owner, carried):
    parcel, other = carried("EMS", "EM1"), carried("EMS", "EM2")
    trace = f"<acceptTime>{now()}:00</acceptTime><acceptAddress>上海</acceptAddress><remark>已签收</remark>"
    content = f"<traces><trace>{trace}</trace></traces>".encode()

    def status(number: str, *signed: bytes) -> int:
        signature = hmac.new(b"third", b"".join(signed), hashlib.sha256).hexdigest()
        address = "/api/v1/carriers/ems/events" + (f"?number={number}" if number else "")
        return (
            with_secret.test_client()
            .post(address, data=content, content_type="application/xml", headers={"X-Signature": signature})
            .status_code
        )

    assert status("EM2", content) == 401
    assert status("EM2", b"EM1\n", content) == 401
    assert status("", b"EM1\n", content) == 401
    assert status("", content) == 200  # it names no parcel
    assert events_in(owner, parcel) == events_in(owner, other) == []
    assert status("EM1", b"EM1\n", content) == 200
    assert (events_in(owner, parcel), events_in(owner, other)) == (["delivered"], [])


@pytest.mark.parametrize("number", ["SF900", "SF901"])
def test_a_number_beside_an_answer_that_names_its_own_is_nothing(with_secret, owner, carried, number):
    parcel = carried("顺丰速运")
    content = json.dumps({"message": "ok", "state": "3", "data": json.loads(answered(""))["data"]})
    sign = hashlib.md5((content + "s3cret").encode()).hexdigest()
    with_secret.test_client().post(
        f"/api/v1/carriers/sf/events?number={number}", data={"param": content, "sign": sign}
    )
    assert events_in(owner, parcel) == []


def test_lists_show_what_is_in_trouble_and_what_is_late(desk, database, given):
    long_ago = cast.TODAY - timedelta(days=20)
    parcel = given.a_delivery_of(given.an_order({cast.gloves: 3}).number, on=long_ago).shipment_number
    assert "late" in said(desk.get("/hq/tracking"))
    assert parcel not in said(desk.get("/hq/tracking?status=trouble"))
    recorded(database, parcel, event(E.EXCEPTION, 1))
    assert parcel in said(desk.get("/hq/tracking?status=trouble"))
    recorded(database, parcel, event(E.DELIVERED, 2))
    assert parcel in said(desk.get("/hq/tracking?status=delivered"))
    assert parcel not in said(desk.get("/hq/tracking?status=trouble"))


def test_the_days_on_the_way_are_entered_by_province(desk, buyer, owner, parcel):
    page = said(desk.get(f"/hq/carriers?warehouse={cast.shanghai_warehouse.code}"))
    assert "Shanghai" in page
    form = {"warehouse": cast.shanghai_warehouse.code, "region": str(cast.shanghai.id), "days": "61"}
    assert desk.post("/hq/carriers/days", form).status_code == 422
    assert desk.post("/hq/carriers/days", form | {"days": "9"}).status_code == 303
    shipped_on = owner.execute(
        text("SELECT shipped_on FROM shipment WHERE number = :n"), {"n": parcel}
    ).scalar_one()
    assert f"{shipped_on + timedelta(days=9)}" in said(buyer.get(f"/shipments/{parcel}"))
    assert desk.post("/hq/carriers/days", form | {"days": ""}).status_code == 303
    assert f"{shipped_on + timedelta(days=3)}" in said(buyer.get(f"/shipments/{parcel}"))


def test_a_name_means_one_carrier(desk, owner):
    form = {
        "name_zh": "京东物流",
        "name_en": "JD",
        "aliases": "京东快递\n顺丰",
        "link": "",
        "adapter": "none",
    }
    answer = desk.post("/hq/carriers/jd", form)
    assert answer.status_code == 422 and "field-aliases-error" in said(answer)
    form |= {"aliases": "京东快递\nJD Health", "link": "https://jd.example/{number}"}
    assert desk.post("/hq/carriers/jd", form).status_code == 303
    assert "JD Health" in said(desk.get("/hq/carriers/jd"))
    wrong = desk.post("/hq/carriers/jd", form | {"link": "javascript:alert({number})", "name_zh": ""})
    assert wrong.status_code == 422 and "field-link-error" in said(wrong)
