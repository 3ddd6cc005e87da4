"""Programs keep the catalogue: one proposes, another approves; dealers' programs never see a proposal."""

from __future__ import annotations

import pytest

from portal.catalogue.vocabulary import CatalogueRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.catalogue import acts

BODY = {
    "name_zh": "明康 输液泵 MK-20",
    "name_en": "Infusion pump MK-20",
    "generic_name": "输液泵",
    "specification": "MK-20",
    "keywords": ["明康"],
    "udi_di": "6901234520002",
    "category": "A02",
    "device_class": 2,
    "origin": "domestic",
    "maker": "明康医疗器械（杭州）有限公司",
    "maker_country": "CN",
    "registration_no": "浙械注准20232140123",
    "registration_from": "2023-05-01",
    "registration_to": "2099-04-30",
    "unit": "台",
    "packages": [{"level": "case", "gtin": "26901234520006", "units": 4}],
    "lot_controlled": True,
    "serial_controlled": False,
    "expiry_controlled": False,
    "storage_zh": "常温干燥",
    "storage_en": "Room temperature, dry",
    "storage_min": "2",
    "storage_max": "30.5",
}
PATH = "/hq/products/PUMP"


def put(caller, **other):
    return caller.request("PUT", PATH, json=BODY | other)


def test_what_one_program_proposes_another_approves(hq, colleague, huadong, database):
    change = kept(put(hq))
    assert (change["state"], change["source"]) == ("submitted", "api")
    refused(hq.post(f"{PATH}/approval", {"change": change["change"]}), 403, "same_person")
    refused(huadong.get("/products/PUMP"), 404)
    assert kept(colleague.post(f"{PATH}/approval", {"change": change["change"]}))["state"] == "approved"
    acts.entered(database, change["change"])
    shown = kept(hq.get(PATH))
    assert shown["in_force"]["packages"] == BODY["packages"]
    assert shown["in_force"]["udi_di"] == "06901234520002"
    assert shown["in_force"]["storage_max"] == "30.5"
    assert [one["state"] for one in shown["changes"]] == ["in_force"]
    assert kept(huadong.get("/products/PUMP"))["udi_di"] == "06901234520002"
    refused(put(hq), 409, "unchanged")
    again = kept(put(hq, packages=[]))
    assert again["changed"] == ["packages"]
    rows = kept(hq.get("/hq/products?standing=changing"))["items"]
    assert [(one["sku"], one["change"]) for one in rows] == [("PUMP", again["change"])]


def test_the_list_of_changes_says_what_was_and_what_is_to_be(hq, colleague, database, rival):
    first = kept(put(hq))
    [new] = kept(colleague.get("/hq/product-changes?state=submitted"))["items"]
    assert new["is_new"] and {one["before"] for one in new["values"]} == {None}
    kept(colleague.post(f"{PATH}/approval", {"change": first["change"]}))
    acts.entered(database, first["change"])
    packages = [{"level": "case", "gtin": "26901234520006", "units": 6}]
    kept(put(hq, packages=packages, specification="MK-21", category="T"))
    [row] = kept(colleague.get("/hq/product-changes?limit=1"))["items"]
    assert (row["is_new"], row["changed"]) == (False, ["specification", "category", "packages"])
    assert {one["member"]: (one["before"], one["after"]) for one in row["values"]} == {
        "specification": ("MK-20", "MK-21"),
        "category": ("A02", "T"),
        "packages": (BODY["packages"], packages),
    }
    cursor = kept(colleague.get("/hq/product-changes?limit=1&q=pump"))["next_cursor"]
    [earlier] = kept(colleague.get(f"/hq/product-changes?limit=1&q=pump&cursor={cursor}"))["items"]
    assert earlier["change"] == first["change"]
    refused(rival.get("/hq/product-changes"), 403)


def test_every_fault_stands_at_its_member(hq):
    wrong = put(
        hq,
        category="Z",
        registration_no="浙械注准2023",
        packages=[{"level": "case", "gtin": "26901234520007", "units": 1}],
    )
    assert faults(wrong) == {
        "/category": "unknown_category",
        "/registration_no": "registration_no",
        "/packages/0/gtin": "wrong_check_digit",
        "/packages/0/units": "units",
    }
    refused(hq.get(PATH), 404)
    twice = put(hq, packages=BODY["packages"] * 2)
    assert faults(twice) == {"/packages/1/level": "level_twice"}


def test_what_waits_is_rejected_with_a_reason_and_another_product_is_not_touched(hq, colleague):
    number = kept(put(hq))["change"]
    refused(put(hq, specification="MK-21"), 409, "change_waits")
    refused(colleague.post("/hq/products/GAUZE/rejection", {"change": number, "reason": "x"}), 404)
    refused(colleague.post(f"{PATH}/rejection", {"change": number, "reason": " "}), 422)
    rejected = kept(colleague.post(f"{PATH}/rejection", {"change": number, "reason": "not ours"}))
    assert (rejected["state"], rejected["reason"]) == ("rejected", "not ours")
    assert kept(put(hq, specification="MK-21"))["state"] == "submitted"


@pytest.mark.only_asks
def test_reading_alone_proposes_nothing(system):
    reader = system(CatalogueRight.HEADQUARTERS)
    assert kept(reader.get("/hq/products/GAUZE"))["in_force"]["name_en"] == cast.gauze.name_en
    refused(put(reader), 403)
    refused(reader.post(f"{PATH}/approval", {"change": "PC"}), 403)
    refused(system(CatalogueRight.SUBSTITUTES).get("/hq/products"), 403)
