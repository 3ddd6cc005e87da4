"""What each warehouse should have, on its pages: listed, explained, set, transferred, exported."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.planning.demand import this_week
from tests import cast
from tests.builders import a_lot
from tests.planning.acts import advised
from tests.transfers.acts import FROM, TO

LIST = "/hq/replenishment"


@pytest.fixture
def desk(sign_in):
    return sign_in(cast.order_desk)


@pytest.fixture
def lacking(given, owner, database):
    """A product that sells in Shanghai and lies in Guangzhou: by last night's advice."""
    product = given.a_product()
    given.stock_of(product, FROM, a_lot("HERE", 80))
    given.stock_of(product, TO, a_lot("SOON", 40), a_lot("LATE", 900))
    number = given.an_order({product: 80}).number
    owner.execute(
        text("UPDATE sales_order SET placed_at = CAST(:day AS date) + interval '12 hours' WHERE number = :n"),
        {"day": this_week(cast.TODAY) - timedelta(weeks=2), "n": number},
    )
    owner.commit()
    advised(database)
    return product


def said(answer) -> str:
    return answer.get_data(as_text=True)


def test_what_runs_out_is_listed_with_its_reasons_and_a_file_of_it(desk, lacking):
    page = said(desk.get(LIST))
    assert f"{LIST}/{FROM.code}/{lacking.sku}" in page and "sparkline" in page
    assert f"{LIST}/{TO.code}/{lacking.sku}" not in page
    assert f"{LIST}/{TO.code}/{lacking.sku}" in said(desk.get(f"{LIST}?show=surplus&warehouse={TO.code}"))
    assert lacking.sku not in said(desk.get(f"{LIST}?warehouse={TO.code}"))
    file = desk.get(f"{LIST}?export=csv&q={lacking.sku}")
    assert lacking.sku in file.data.decode("utf-8-sig")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_it_is_whole_in_both_languages(desk, lacking, language):
    desk.post("/locale/" + language)
    for path in (LIST, f"{LIST}/terms", f"{LIST}/{FROM.code}/{lacking.sku}", f"{LIST}/{TO.code}/GLOVES"):
        answer = desk.get(path)
        assert answer.status_code in (200, 404), (path, answer.status_code)
    assert desk.get(f"{LIST}/{FROM.code}/{lacking.sku}").status_code == 200
    assert desk.get(f"{LIST}/{FROM.code}/NO-SUCH").status_code == 404
    assert desk.get(f"{LIST}/NO-SUCH/{lacking.sku}").status_code == 404


def test_from_a_row_a_transfer_is_drafted_of_what_expires_first(desk, lacking, owner):
    page = said(desk.get(f"{LIST}/{FROM.code}/{lacking.sku}"))
    proposed = int(re.search(rf'value="{TO.code}".*?Transfer (\d+)|调拨 (\d+)', page, re.S)[2])
    answer = desk.post(f"{LIST}/{FROM.code}/{lacking.sku}/transfer", {"origin": TO.code})
    assert answer.status_code == 303, said(answer)
    number = answer.headers["Location"].rpartition("/")[2]
    lines = owner.execute(
        text(
            "SELECT t.lot_no, l.quantity FROM stock_transfer_line l"
            " JOIN stock_transfer h ON h.id = l.transfer_id JOIN lot t ON t.id = l.lot_id"
            " WHERE h.number = :n ORDER BY l.line_no"
        ),
        {"n": number},
    ).all()
    assert sum(units for _, units in lines) == proposed > 0
    assert lines[0].quantity <= 900


def test_a_draft_of_a_transfer_is_not_proposed_again(desk, lacking, owner, database):
    desk.post(f"{LIST}/{FROM.code}/{lacking.sku}/transfer", {"origin": TO.code})
    advised(database, today=cast.TODAY + timedelta(days=1))
    assert f"{LIST}/{FROM.code}/{lacking.sku}" not in said(desk.get(LIST))


def test_who_has_nothing_to_spare_cannot_be_asked(desk, lacking):
    answer = desk.post(f"{LIST}/{TO.code}/{lacking.sku}/transfer", {"origin": FROM.code})
    assert answer.status_code == 422


def test_terms_are_set_for_a_warehouse_and_a_product_and_refused_beside_their_field(desk, lacking, owner):
    typed = {"warehouse": FROM.code, "sku": "", "lead_days": "14", "review_days": "", "service_level": "98"}
    assert desk.post(f"{LIST}/terms", typed).status_code == 303
    page = said(desk.get(f"{LIST}/terms"))
    assert "98%" in page and ">14<" in page
    answer = desk.post(f"{LIST}/terms", {**typed, "service_level": "100", "lead_days": "soon"})
    assert answer.status_code == 422 and 'value="soon"' in said(answer)
    answer = desk.post(f"{LIST}/terms", {**typed, "service_level": "100"})
    assert answer.status_code == 422 and said(answer).count("99.9") == 2
    here = f"{LIST}/{FROM.code}/{lacking.sku}"
    assert desk.post(f"{here}/terms", {**typed, "sku": lacking.sku, "lead_days": "7"}).status_code == 303
    assert re.search(r'name="lead_days"[^>]*value="7"', said(desk.get(here)))
    kept = owner.execute(text("SELECT lead_days, service_level FROM replenishment_terms ORDER BY id")).all()
    assert [(one.lead_days, str(one.service_level)) for one in kept] == [(14, "0.980"), (7, "0.980")]
