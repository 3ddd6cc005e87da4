"""Numbers lead to the pages of their documents."""

from __future__ import annotations

import pytest
from flask import url_for

from portal.web.documents import PAGES
from portal.web.rendering import RIGHTS
from tests import cast


@pytest.mark.only_asks
@pytest.mark.parametrize("kind", PAGES)
def test_a_kind_of_number_has_pages_that_take_it_and_say_who_opens_them(app, kind):
    with app.test_request_context():
        for endpoint in filter(None, PAGES[kind]):
            assert url_for(endpoint, number="X").endswith("/X")
            assert getattr(app.view_functions[endpoint], RIGHTS)


def test_a_shipment_leads_to_its_order_and_invoice_for_whoever_may_open_them(given, sign_in):
    order = given.an_order({cast.gloves: 2}).number
    sent = given.a_delivery_of(order)
    page = sign_in(cast.huadong.buyer).get(f"/orders/{order}").get_data(as_text=True)
    assert f'href="/shipments/{sent.shipment_number}"' in page
    assert sent.invoice_number in page and f'href="/invoices/{sent.invoice_number}"' not in page
    page = sign_in(cast.huadong.boss).get(f"/orders/{order}").get_data(as_text=True)
    assert f'href="/invoices/{sent.invoice_number}"' in page
