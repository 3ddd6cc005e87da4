"""A capability is its own folder and one line of the list: everything finds what its manifest declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from jobs import outbox, resources, schedule
from jobs.loading import function
from portal.app import create_app
from portal.capabilities import CAPABILITIES
from portal.dealers.vocabulary import DealerRight
from portal.kernel.manifest import Audience, Job
from portal.kernel.registry import install, join, registry
from tests import cast
from tests.architecture import test_tenancy
from tests.architecture.samples.manifest import CAPABILITY
from tests.architecture.samples.models import MIGRATION
from tests.ledger.acts import delivered
from tests.routes.url_map import routes_of
from tests.statement_count import counted_statements
from tests.web_clients import Caller, Visitor, token_for

BUYER, RIVAL = cast.huadong.buyer, cast.yuegang.buyer


@pytest.fixture
def portal(settings, owner: Connection, cluster) -> Iterator[Flask]:
    """The portal with one capability more."""
    for statement in MIGRATION:
        owner.execute(text(statement.format(app_role=cluster.app.username)))
    others = [replace(one, inbox=None) for one in CAPABILITIES]  # so that only its own rings the bell
    app = create_app(settings, [*others, CAPABILITY])
    app.testing = True
    yield app
    app.database.dispose()
    app.issuer_database.dispose()
    app.valkey.close()
    install(CAPABILITIES)


def come(portal: Flask, person) -> Visitor:
    visitor = Visitor(portal, locale="en")
    assert visitor.sign_in(person).status_code == 200
    return visitor


def page(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def test_its_pages_menu_work_status_audit_and_job_are_there(portal, owner, settings, monkeypatch):
    buyer = come(portal, BUYER)
    assert 'href="/samples"' in page(buyer, "/")
    assert 'href="/samples"' not in page(come(portal, cast.huadong.finance), "/")  # who has no right to it
    assert buyer.post("/samples", {"number": "SA1"}).status_code == 303
    assert "Asked for" in page(buyer, "/samples/SA1")
    assert "Samples to wait for" in page(buyer, "/")
    assert (
        owner.scalar(text("SELECT actor FROM audit_event WHERE action = 'sample:asked'"))
        == f"user:{BUYER.id}"
    )

    for made in (resources.valkey, resources.database):
        made.cache_clear()
    monkeypatch.setattr(resources, "settings", lambda: settings)
    outbox.sweep()
    resources.database().dispose()
    assert "Sent off" in page(buyer, "/samples/SA1") and "Samples to wait for" not in page(buyer, "/")
    resources.database.cache_clear()


def bell(visitor: Visitor, path: str = "/") -> str:
    """What the bell says."""
    found = re.search(r'<a class="[^"]*frame-bell" href="/samples".*?</a>', page(visitor, path), re.DOTALL)
    assert found, "no bell"
    return re.sub(r"<[^>]+>|\s+", "", found[0])


@pytest.mark.parametrize(("sent", "said"), [(0, ""), (1, "11项"), (99, "9999项"), (130, "99+100项")])
def test_its_inbox_rings_the_bell_of_who_may_read_it(portal, owner, sent, said):
    owner.execute(
        text("INSERT INTO sample SELECT :dealer, n::text, 'sent' FROM generate_series(1, :sent) AS n"),
        {"dealer": cast.huadong.id, "sent": sent},
    )
    assert bell(come(portal, BUYER)) == said
    assert bell(come(portal, RIVAL), "/account") == ""  # of the own dealer only
    assert "frame-bell" not in page(come(portal, cast.huadong.finance), "/")  # whom nothing could reach


def test_the_bell_costs_one_statement_of_a_page_and_none_of_its_parts(portal, cluster):
    buyer = come(portal, BUYER)
    for ask, cost in ((buyer.get, 1), (buyer.fragment, 0)):
        ask("/orders")
        with counted_statements(cluster.app.username, cluster.issuer.username) as counted:
            assert ask("/orders").status_code == 200
        assert len([one for one in counted.work if "FROM sample" in one]) == cost
    assert "frame-bell" not in buyer.get("/nowhere").get_data(as_text=True)


@pytest.fixture
def long_menu(settings) -> Iterator[Flask]:
    """The portal with three entries more for every job, for dealers and for headquarters."""
    entry = CAPABILITY.menu[0]
    jobs = [job for job in Job for _ in range(3)]
    menu = [replace(entry, job=job, label=f"Entry {place}") for place, job in enumerate(jobs)]
    staff = [replace(one, audience=Audience.STAFF, rights=(DealerRight.HEADQUARTERS,)) for one in menu]
    app = create_app(
        settings, [*CAPABILITIES, replace(CAPABILITY, menu=(*menu, *staff), work=None, inbox=None)]
    )
    yield app
    app.database.dispose()
    app.issuer_database.dispose()
    app.valkey.close()
    install(CAPABILITIES)


def test_a_long_menu_names_its_groups(long_menu):
    for who, home, groups in (
        (BUYER, "/", 'class="dropdown-menu">'),
        (cast.order_desk, "/hq/", 'class="frame-job">'),
    ):
        whole = page(come(long_menu, who), home)
        nav = whole[whole.index('id="main-nav"') :].partition("</nav>")[0]
        assert nav.count(groups) >= len(Job) and all(
            f"Entry {place}<" in nav for place in range(3 * len(Job))
        )


def test_the_databases_refusal_is_told_in_its_words(portal):
    buyer = come(portal, BUYER)
    buyer.post("/samples", {"number": "SA1"})
    again = buyer.post("/samples", {"number": "SA1"})
    assert again.status_code == 409
    assert "There is such a sample already." in again.get_data(as_text=True)


def test_its_calls_are_served_documented_and_within_its_scopes(portal):
    come(portal, BUYER).post("/samples", {"number": "SA1"})
    document = portal.test_client().get("/api/v1/openapi.json").json
    assert "samples" in [tag["name"] for tag in document["tags"]]
    assert document["paths"]["/api/v1/samples/{number}"]["get"]["security"] == [{"oauth": ["samples:read"]}]
    token = token_for(portal, cast.huadong.system).json["access_token"]
    assert Caller(portal, token).get("/samples/SA1").json["code"] == "insufficient_scope"


def test_what_it_keeps_for_a_dealer_does_not_exist_for_a_rival(portal, owner):
    come(portal, BUYER).post("/samples", {"number": "SA1"})
    owned = [route for route in routes_of(portal) if route.words == ["samples"]]
    assert {str(route) for route in owned} == {"GET /samples/<number>", "GET /api/v1/samples/<number>"}
    rival = come(portal, RIVAL)
    assert [rival.get(f"/samples/{number}").status_code for number in ("SA1", "SA0")] == [404, 404]
    test_tenancy.test_every_table_with_a_dealer_forces_row_level_security(owner)
    owner.execute(text("ALTER TABLE sample NO FORCE ROW LEVEL SECURITY"))
    with pytest.raises(AssertionError):
        test_tenancy.test_every_table_with_a_dealer_forces_row_level_security(owner)


def test_its_rights_words_and_jobs_are_among_all_others(portal):
    declared = registry()
    assert "samples:write" in declared.rights["dealer_buyer"] - declared.rights["dealer_owner"]
    assert declared.owned["samples"] == "sample" and "sample:asked" in declared.actions
    jobs = [one.job for capability in declared.capabilities for one in capability.schedule]
    assert function(jobs[-1]).__module__ == "tests.architecture.samples.jobs"
    assert schedule.recurring()[-1].job == jobs[-1]


@pytest.mark.parametrize("claimed", ["rights", "statuses", "topics", "refusals", "owned", "actions"])
def test_no_two_capabilities_declare_the_same(claimed):
    twin = CAPABILITY.__class__("twin", **{claimed: getattr(CAPABILITY, claimed)})
    with pytest.raises(ValueError, match="two capabilities declare the same"):
        join([*CAPABILITIES, CAPABILITY, twin])


def test_its_button_stands_beside_what_is_due_for_who_may_press_it(portal, given, database):
    number = delivered(given, database, {cast.gloves: 1}).invoice_number
    shown = page(come(portal, cast.huadong.finance), "/finance")
    assert f'href="/samples?invoice={number}"' in shown and "Ask for a sample" in shown
    assert "Never there" not in shown and "Not for finance" not in shown
