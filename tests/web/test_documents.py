"""Numbers lead to the pages of their documents."""

from __future__ import annotations

import pytest
from flask import url_for

from portal.web.documents import PAGES, document_address
from portal.web.rendering import RIGHTS
from tests import cast


@pytest.mark.only_asks
@pytest.mark.parametrize("kind", PAGES)
def test_a_kind_of_number_has_pages_that_take_it_and_say_who_opens_them(app, kind):
    with app.test_request_context():
        for endpoint in filter(None, PAGES[kind]):
            assert url_for(endpoint, number="X").endswith("/X")
            assert getattr(app.view_functions[endpoint], RIGHTS)


@pytest.mark.only_asks
@pytest.mark.parametrize("number", [None, "", "STENT", "SHOES-1", "ST2611-7K3F9Q2MI", "SO2611-7K3F9Q2MA/x"])
def test_what_is_no_number_of_ours_leads_nowhere(app, monkeypatch, number):
    monkeypatch.setattr("portal.web.documents.current_actor", lambda: cast.huadong.boss.actor())
    with app.test_request_context():
        assert document_address(number) is None
        assert document_address("SO2611-7K3F9Q2MA") == "/orders/SO2611-7K3F9Q2MA"


@pytest.mark.only_asks
def test_breadcrumbs_lead_back_below_a_prefix_too(sign_in):
    page = sign_in(cast.order_desk).get("/hq/cold-receipts", environ_overrides={"SCRIPT_NAME": "/portal"})
    assert page.status_code == 200 and 'href="/portal/hq/cold-chain"' in page.text


def test_a_shipment_leads_to_its_order_and_invoice_for_whoever_may_open_them(given, sign_in):
    order = given.an_order({cast.gloves: 2}).number
    sent = given.a_delivery_of(order)
    page = sign_in(cast.huadong.buyer).get(f"/orders/{order}").get_data(as_text=True)
    assert f'href="/shipments/{sent.shipment_number}"' in page
    assert sent.invoice_number in page and f'href="/invoices/{sent.invoice_number}"' not in page
    page = sign_in(cast.huadong.boss).get(f"/orders/{order}").get_data(as_text=True)
    assert f'href="/invoices/{sent.invoice_number}"' in page


@pytest.mark.only_asks
def test_an_empty_list_leads_only_where_the_visitor_may_go(sign_in):
    for person, leads in ((cast.order_desk, True), (cast.quality, False)):
        page = sign_in(person).get("/hq/cold-chain?q=nothing").get_data(as_text=True)
        told = page.partition('class="blank-state"')[2].partition("</div>")[0]
        assert told and ('href="/hq/orders"' in told) is leads, (person.email, told)
