"""Scanning by programs: what a code says, or a refusal that says why."""

from __future__ import annotations

import pytest

from portal.catalogue.vocabulary import CatalogueRight
from portal.orders.vocabulary import OrderRight
from tests import cast
from tests.api.contract import kept

DI = cast.stent.udi_di
NOTHING = {"units": 1, "lot": None, "serial": None, "expiry": None, "production": None}


@pytest.mark.only_asks
def test_a_code_is_told_with_our_article(huadong):
    data = f"01{DI}1126020117280200" + "10A1\x1d21S9"
    assert kept(huadong.post("/scan", {"data": data, "symbology": "]d2"})) == {
        "issuer": "GS1",
        "di": DI,
        "lot": "A1",
        "serial": "S9",
        "expiry": "2028-02-29",
        "production": "2026-02-01",
        "sku": "STENT",
        "units": 1,
    }


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("data", "issuer", "di", "sku"),
    [
        ("STENT", "GS1", DI, "STENT"),
        (DI[1:], "GS1", DI, "STENT"),
        (f"https://id.gs1.org/01/{DI}", "GS1", DI, "STENT"),
        ("(01)09504000059101", "GS1", "09504000059101", None),
        ("MA.156.M0.100761.21234561", "MA", "MA.156.M0.100761.21234561", None),
    ],
)
def test_whatever_names_a_device_is_told(huadong, data, issuer, di, sku):
    assert kept(huadong.post("/scan", {"data": data})) == NOTHING | {"issuer": issuer, "di": di, "sku": sku}


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("body", "code", "fault", "pointer"),
    [
        ({"data": "hello"}, "no_code", "no_code", "/data"),
        ({"data": f"01{DI[:-1]}017280131"}, "wrong_check_digit", "wrong_check_digit", "/data"),
        ({"data": f"(01){DI}(17)281331"}, "malformed_element", "malformed_element", "/data"),
        ({"data": "MF0123456789*BN1"}, "ahm_not_decodable", "ahm_not_decodable", "/data"),
        ({"data": ""}, "invalid", "missing", "/data"),
        ({"data": "1" * 401}, "invalid", "too_long", "/data"),
        ({"data": "a\x00b"}, "invalid", "unreadable_text", "/data"),
        ({"data": DI, "symbology": "]d2x"}, "invalid", "too_long", "/symbology"),
    ],
)
def test_what_cannot_be_read_is_refused(huadong, body, code, fault, pointer):
    answer = huadong.post("/scan", body)
    assert answer.status_code == 422 and answer.json["code"] == code
    assert [(one["code"], one["pointer"]) for one in answer.json["errors"]] == [(fault, pointer)]
    assert all(one["message"] and one["fix"] for one in answer.json["errors"])


@pytest.mark.only_asks
def test_lost_separators_are_answered_with_what_can_be_asked(huadong):
    answer = huadong.post("/scan", {"data": f"01{DI}10A121S9"})
    assert answer.status_code == 422 and answer.json["code"] == "separators_lost"
    told = [one["actual"] for one in answer.json["errors"]]
    assert told == [f"(01){DI}(10)A121S9", f"(01){DI}(10)A1(21)S9"]
    assert [kept(huadong.post("/scan", {"data": one}))["lot"] for one in told] == ["A121S9", "A1"]


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("scope", "status"),
    [(CatalogueRight.READ, 200), (CatalogueRight.HEADQUARTERS, 200), (OrderRight.READ, 403)],
)
def test_the_scope_decides(system, scope, status):
    dealer = None if scope is CatalogueRight.HEADQUARTERS else cast.huadong
    caller = system(scope, dealer=dealer) if dealer else system(scope)
    assert caller.post("/scan", {"data": DI}).status_code == status
