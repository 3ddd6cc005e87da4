"""What law and contract forbid, on the days just before, at and after each date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from portal.orders.compliance_rules import Authorisation, Licence, Permissions, compliance, licensed
from tests.faults import all_said

DAY = date(2026, 11, 20)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
AREA, PROVINCE, ELSEWHERE = 1, 11, 12


@dataclass(frozen=True)
class Device:
    """A product as the law sees it."""

    sku: str = "A1"
    device_class: int = 3
    category_code: str = "02-01"
    registration_no: str = "国械注准20203020001"
    registration_from: date = DAY
    registration_to: date | None = DAY


ALLOWED = Permissions(
    dealer_state="active",
    licences=(Licence(3, (), DAY, DAY), Licence(2, ("02",), DAY, None)),
    authorisations=(Authorisation(PROVINCE, DAY, AFTER),),
    ship_to_path=(AREA, PROVINCE),
)


def told(permissions: Permissions = ALLOWED, *devices: Device, on: date = DAY) -> list[str]:
    return all_said(
        compliance(permissions, [(f"/lines/{i}", device) for i, device in enumerate(devices)], on)
    )


def test_what_is_in_order_is_not_told_of():
    assert told(ALLOWED, Device(), Device(device_class=2), Device(device_class=1)) == []


def test_a_suspended_dealer_orders_nothing():
    assert told(replace(ALLOWED, dealer_state="suspended")) == [
        " dealer_not_active: This account cannot order at present."
        " Ask your channel manager to lift the suspension."
    ]


def test_an_address_that_is_not_the_dealers_is_told_as_such_only():
    assert told(replace(ALLOWED, ship_to_path=None, authorisations=())) == [
        "/ship_to unknown_address: There is no such delivery address. Choose one of your delivery addresses."
    ]


OUTSIDE = (
    "/ship_to region_not_authorised: The delivery address is outside your authorised region."
    " Choose an address in your contract region, or ask your channel manager."
)


@pytest.mark.parametrize(
    ("region", "valid_from", "valid_to", "allowed"),
    [
        (PROVINCE, DAY, AFTER, True),
        (AREA, DAY, None, True),
        (AREA, BEFORE, None, True),
        (PROVINCE, BEFORE, DAY, False),
        (PROVINCE, AFTER, None, False),
        (ELSEWHERE, BEFORE, None, False),
    ],
)
def test_a_contract_holds_from_its_first_day_until_the_day_before_its_end(
    region, valid_from, valid_to, allowed
):
    permissions = replace(ALLOWED, authorisations=(Authorisation(region, valid_from, valid_to),))
    assert told(permissions) == ([] if allowed else [OUTSIDE])


def test_one_contract_among_several_suffices():
    assert (
        told(replace(ALLOWED, authorisations=(Authorisation(ELSEWHERE, DAY, None), *ALLOWED.authorisations)))
        == []
    )


def test_a_dealer_without_any_contract_may_sell_nowhere():
    assert told(replace(ALLOWED, authorisations=())) == [OUTSIDE]


@pytest.mark.parametrize(
    ("device_class", "category", "on", "allowed"),
    [
        (1, "99", BEFORE, True),
        (2, "02-01", DAY, True),
        (2, "02-01", AFTER, True),
        (2, "02-01", BEFORE, False),
        (2, "03-01", DAY, False),
        (3, "02-01", DAY, True),
        (3, "99", DAY, True),
        (3, "02-01", AFTER, False),
        (3, "02-01", BEFORE, False),
    ],
)
def test_a_licence_covers_its_class_and_categories_from_its_first_to_its_last_day(
    device_class, category, on, allowed
):
    assert licensed(ALLOWED.licences, device_class, category, on) is allowed


def test_a_missing_licence_is_told_with_the_class_it_is_missing_for():
    assert told(replace(ALLOWED, licences=()), Device(device_class=1), Device(sku="B2", device_class=2)) == [
        "/lines/1/sku licence: No licence in force for class II in this category (B2)."
        " Renew or extend your licence and have it recorded."
    ]


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "allowed"),
    [
        (DAY, DAY, True),
        (BEFORE, None, True),
        (AFTER, None, False),
        (BEFORE, BEFORE, False),
        (BEFORE, AFTER, True),
    ],
)
def test_a_registration_holds_from_its_first_to_its_last_day(valid_from, valid_to, allowed):
    device = Device(registration_from=valid_from, registration_to=valid_to)
    assert told(ALLOWED, Device(), device) == (
        []
        if allowed
        else [
            "/lines/1/sku registration: The registration certificate of A1 is not in force."
            " Remove the line until the registration is renewed."
        ]
    )


def test_everything_is_told_at_once():
    faults = told(Permissions("suspended", (), (), (ELSEWHERE,)), Device(), on=AFTER)
    assert [fault.partition(":")[0] for fault in faults] == [
        " dealer_not_active",
        "/ship_to region_not_authorised",
        "/lines/0/sku licence",
        "/lines/0/sku registration",
    ]
