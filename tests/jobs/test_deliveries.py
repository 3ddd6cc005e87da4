"""What a dealer's buyers read about a delivery that differed."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from portal.deliveries.rules import Outcome
from tests import cast
from tests.deliveries.acts import decided, signed
from tests.jobs.test_mail import body
from tests.shipping.acts import picked, shipped


@pytest.fixture
def shipment(given, database) -> str:
    """The number of a shipment of 15 units of gauze."""
    number = picked(database, given.an_order({cast.gauze: 15}).number).shipment_number
    shipped(database, number)
    return number


def about(number: str, messages: list[EmailMessage]) -> list[EmailMessage]:
    """Those whose subject names a document."""
    return [one for one in messages if number in one["Subject"]]


def test_the_buyers_are_told_of_the_cases_of_a_delivery(shipment, database, letters):
    cases = signed(database, shipment, (cast.gauze, "GZ-SHORT", 13, 1)).cases
    (message,) = about(shipment, letters(cast.huadong.buyer))
    for said in (*cases, "货物破损", "短少", f"/shipments/{shipment}/proof"):
        assert said in body(message)
    assert not letters(cast.yuegang.buyer)


@pytest.mark.parametrize(
    ("outcome", "said"), [(Outcome.RESEND, "补发"), (Outcome.CREDIT, "退款冲账"), (None, "未认可")]
)
def test_the_buyers_are_told_of_the_decision_and_why(shipment, database, letters, outcome, said):
    (case,) = signed(database, shipment, (cast.gauze, "GZ-SHORT", 13, 0)).cases
    decided(database, case, outcome, reason="装箱视频与签收一致")
    (message,) = about(case, letters(cast.huadong.buyer))
    for words in (said, "装箱视频与签收一致", f"/deliveries/cases/{case}"):
        assert words in body(message)
