"""Cold records on pages: the warehouse measures, quality decides, the dealer reads its own."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import text

from portal.web.temperature_chart import draw
from tests import cast
from tests.coldchain.acts import MINUTE, arrived, departed, log_of, logged, made_cold, packed, state_in


@pytest.fixture
def number(given, owner) -> str:
    """A shipment of Huadong's with cold goods that has left."""
    made_cold(owner, cast.gloves)
    return given.a_delivery_of(given.an_order({cast.gloves: 3}).number).shipment_number


@pytest.fixture
def visitor(sign_in):
    def come(person):
        one = sign_in(person)
        one.post("/locale/en")
        return one

    return come


def said(answer) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def test_from_packing_to_the_decision(visitor, owner, number):
    desk = visitor(cast.order_desk)
    assert number in said(desk.get("/hq/cold-chain?status=without"))
    base = f"/hq/cold-chain/{number}"
    form = {"transport": "cool_box", "box": "BOX-7", "celsius": "5.0 ℃"}
    assert desk.post(f"{base}/packing", form).status_code == 303
    assert desk.post(f"{base}/departure", {"celsius": "4"}).status_code == 303
    assert desk.post(f"{base}/arrival", {"celsius": "9.1"}).status_code == 303
    assert state_in(owner, number) == "waiting"
    assert "Release these goods?" not in said(desk.get(base))
    assert desk.post(f"{base}/decision/release", {"reason": "x"}).status_code == 403
    quality = visitor(cast.quality)
    assert number in said(quality.get("/hq/cold-chain?status=waiting"))
    assert "Release these goods?" in said(quality.get(base))
    assert quality.post(f"{base}/decision/release", {"reason": ""}).status_code == 422
    assert quality.post(f"{base}/decision/throw", {"reason": "x"}).status_code == 404
    assert quality.post(f"{base}/decision/condemn", {"reason": "frozen twice"}).status_code == 303
    dealer = visitor(cast.huadong.buyer)
    page = said(dealer.get(f"/shipments/{number}"))
    assert "Condemned" in page and "frozen twice" in page


@pytest.mark.parametrize("celsius", ["", "warm", "4.55", "99999"])
def test_a_temperature_that_cannot_be_read_stands_beside_its_field(visitor, owner, number, celsius):
    desk = visitor(cast.order_desk)
    answer = desk.post(
        f"/hq/cold-chain/{number}/packing", {"transport": "cool_box", "box": "", "celsius": celsius}
    )
    assert answer.status_code == 422 and "field-celsius-error" in said(answer)
    assert state_in(owner, number) is None


def test_a_file_that_leaves_something_open_comes_back_with_the_question(visitor, database, owner, number):
    packed(database, number)
    desk = visitor(cast.order_desk)
    silent = log_of("5.0", begin=-70).replace("Temperature °C".encode(), b"Temperature")
    address = f"/hq/cold-chain/{number}/logs"

    def send(**answers):
        file = (io.BytesIO(silent), "a logger.csv")
        return desk.post(address, {"file": file, **answers}, content_type="multipart/form-data")

    asked = send()
    assert asked.status_code == 422 and "field-unit-error" in said(asked)
    assert send(unit="C").status_code == 303
    file = desk.get(f"{address}/1")
    assert file.data == silent and "attachment" in file.headers["Content-Disposition"]
    assert desk.post(address, {}, content_type="multipart/form-data").status_code == 422


def test_the_dealer_sees_the_curve_and_says_how_cold_it_came(visitor, database, owner, number):
    packed(database, number)
    departed(database, number, at=cast.NOW)
    logged(database, number, log_of("5.0", (20, "9"), (25, "9")))
    dealer = visitor(cast.huadong.buyer)
    page = said(dealer.get(f"/shipments/{number}"))
    assert "temperature-chart" in page and "<polyline" in page and "in quarantine" in page
    assert dealer.post(f"/shipments/{number}/arrival", {"celsius": "７．５"}).status_code == 303
    assert "7.5 °C" in said(dealer.get(f"/shipments/{number}"))
    again = dealer.post(f"/shipments/{number}/arrival", {"celsius": "7"})
    assert again.status_code == 409


def test_a_dealer_who_confirms_is_told_that_a_departure_is_missing(visitor, database, number):
    dealer = visitor(cast.huadong.buyer)
    dealer.post(f"/shipments/{number}/receipt")
    order = said(dealer.get(f"/shipments/{number}")).split("/orders/")[1].split('"')[0]
    assert "has not recorded the temperature at departure" in said(dealer.get(f"/orders/{order}")) + said(
        dealer.get(f"/shipments/{number}")
    )


def test_a_rival_sees_nothing(visitor, database, number):
    packed(database, number)
    rival = visitor(cast.yuegang.buyer)
    assert rival.get(f"/shipments/{number}").status_code == 404
    assert rival.post(f"/shipments/{number}/arrival", {"celsius": "5"}).status_code == 404


def test_goods_that_came_in(visitor, owner):
    made_cold(owner, cast.gloves)
    desk, quality = visitor(cast.order_desk), visitor(cast.quality)
    left = (cast.NOW - 60 * MINUTE).astimezone(cast.ZONE).strftime("%Y-%m-%d %H:%M")
    form = {
        "number": "GR-1",
        "transport": "refrigerated_van",
        "skus": cast.gloves.sku,
        "departed_at": left,
        "departure_celsius": "5",
        "arrival_celsius": "12",
    }
    for field, wrong in {"skus": "NOBODYS", "arrival_celsius": "hot", "number": " "}.items():
        answer = desk.post("/hq/cold-receipts", form | {field: wrong})
        assert answer.status_code == 422 and f"field-{field}-error" in said(answer), field
    assert desk.post("/hq/cold-receipts", form).status_code == 303
    assert desk.post("/hq/cold-receipts", form).status_code == 409
    waiting = said(quality.get("/hq/cold-receipts"))
    assert "Too warm" in waiting and "Refrigerated van" in waiting and "2.0 – 8.0 °C" in waiting
    decision = {"number": "GR-1", "decision": "release", "reason": "stable"}
    assert desk.post("/hq/cold-receipts/decision", decision).status_code == 403
    assert quality.post("/hq/cold-receipts/decision", decision).status_code == 303
    assert "Released by quality" in said(quality.get("/hq/cold-receipts"))


def test_a_curve_of_thousands_of_readings_stays_small_and_keeps_its_peak(database, number):
    from portal.coldchain.queries import cold_record

    packed(database, number)
    departed(database, number)
    arrived(database, number)
    start = (cast.NOW + 60 * MINUTE).astimezone(cast.ZONE).strftime("%Y-%m-%d")  # when it departed
    rows = ["Time,Temperature °C"]
    rows += [
        f"{start} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d},5.0"
        for second in range(0, 86_400, 15)
    ]
    rows[3000] = rows[3000].replace("5.0", "31.0")
    logged(database, number, "\n".join(rows).encode())
    with database.session_for(cast.huadong.buyer.actor()) as session:
        drawing = draw(cold_record(session, number))
    points = [point for curve in drawing.curves for point in curve.split()]
    heights = {float(point.split(",")[1]) for point in points}
    assert len(points) < 1000 and len(drawing.curves) == 1
    assert min(heights) < drawing.band[0] - 50


def test_every_transport_that_came_in_is_found_page_by_page(visitor, owner):
    made = """
        INSERT INTO cold_receipt (kind, number, state, low, high, transport, departed_at, departure_celsius,
                                  arrived_at, arrival_celsius, recorded_at, recorded_by, recorded_by_label)
        SELECT 'receipt', 'GR-' || lpad(n::text, 3, '0'), CASE WHEN n = 1 THEN 'waiting' ELSE 'within' END,
               2, 8, 'refrigerated_van', :at, 5, :at, 5,
               CAST(:at AS timestamptz) + n % 7 * interval '1 minute', 'user:1', 'Somebody'
          FROM generate_series(1, 60) n
    """
    owner.execute(text(made), {"at": cast.NOW})
    quality = visitor(cast.quality)
    first = said(quality.get("/hq/cold-receipts"))
    beyond = re.search(r'href="([^"]*cursor=[^"]*)"', first).group(1).replace("&amp;", "&")
    second = said(quality.get(beyond))
    numbers = [re.findall(r"GR-\d{3}(?=<)", shown) for shown in (first, second)]
    assert (len(numbers[0]), len(numbers[1])) == (50, 10) and len({*numbers[0], *numbers[1]}) == 60
    waiting = said(quality.get("/hq/cold-receipts?status=waiting"))
    assert re.findall(r"GR-\d{3}(?=<)", waiting) == ["GR-001"] and 'value="condemn"' in waiting
    assert re.findall(r"GR-\d{3}(?=<)", said(quality.get("/hq/cold-receipts?q=gr-007"))) == ["GR-007"]
    assert quality.get("/hq/cold-receipts?cursor=x").status_code == 422
