"""The pages of rebates: written by one person and approved by another; the dealer's ladder and its lines."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from backoffice.blueprints.rebate_preview import preview_of
from portal.rebates.rules import Basis, LateReturns, Method, OnTimeMode, PeriodKind
from portal.rebates.terms import (
    AmendmentTerms,
    GradeTerms,
    GrowthTerms,
    MixTerms,
    OnTimeTerms,
    PayoutTerms,
    TierTerms,
)
from tests import cast
from tests.rebates import acts
from tests.rebates.acts import percents, reckoned
from tests.workbooks import workbook_of

FIRST, LAST = date(cast.TODAY.year, 1, 1), date(cast.TODAY.year, 12, 31)
TIERS = percents(("100", "2"), ("1000", "3"))
YEAR = {
    "title_en": "Rebate of the year",
    "valid_from": FIRST,
    "valid_to": LAST,
    "period": PeriodKind.YEAR,
    "tiers_of": TIERS,
}

FORM = {
    "title_zh": "季度返利",
    "title_en": "Rebate by quarter",
    "valid_from": FIRST.isoformat(),
    "valid_to": LAST.isoformat(),
    "period": "quarter",
    "measure": "invoiced",
    "basis": "amount",
    "method": "all_units",
    "late_returns": "own_date",
    "priority": "100",
    "combinable": "1",
    "regions": ["east"],
    "from": ["100000", "", "200,000.00"],
    "percent": ["2", "", "3%"],
    "amount_per_unit": ["", "", ""],
    "fixed": ["", "", ""],
    "days": ["", ""],
    "pays": ["", ""],
}


@pytest.fixture
def east(sign_in):
    visitor = sign_in(cast.east_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def national(sign_in):
    visitor = sign_in(cast.national_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def buyer(sign_in):
    visitor = sign_in(cast.huadong.buyer)
    visitor.post("/locale/en")
    return visitor


def terms(**said):
    return acts.terms(**YEAR | said)


def drafted(database, **said):
    return acts.draft(database, **YEAR | said)


def published(database, **said):
    return acts.published(database, **YEAR | said)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def place_of(answer) -> str:
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


def test_a_draft_is_written_and_comes_back_as_it_was_typed(east):
    shown = place_of(east.post("/hq/rebates", FORM))
    page = text_of(east.get(shown))
    assert "The tier reached pays on everything: 2% from ¥100,000.00, 3% from ¥200,000.00." in page
    again = text_of(east.get(f"{shown}/edit"))
    assert 'value="季度返利"' in again and f'value="{FIRST}"' in again
    assert re.findall(r'name="from" value="([^"]*)"', again) == ["100000", "200000", "", ""]
    assert re.findall(r'name="percent" value="([^"]*)"', again) == ["2", "3", "", ""]


def test_every_part_of_a_programme_survives_an_edit(east, database, owner):
    whole = {
        "text_zh": "每季结算",
        "text_en": "Settled by quarter",
        "basis": Basis.QUANTITY,
        "method": Method.INCREMENTAL,
        "tiers_of": (TierTerms(Decimal(10), Decimal("1.5")), TierTerms(Decimal(20), fixed=Decimal("99.9"))),
        "tiers": ("A", "B"),
        "skus": (cast.gloves.sku, cast.syringe.sku),
        "payout": PayoutTerms(Basis.AMOUNT_NET, category="T01"),
        "growth": GrowthTerms(base_at_least=Decimal(500)),
        "mix": MixTerms(Decimal("12.5"), category="A02", factor=Decimal("0.5")),
        "on_time": OnTimeTerms(
            OnTimeMode.GRADED, 3, (GradeTerms(30, Decimal(100)), GradeTerms(60, Decimal(50)))
        ),
        "returns_at_most": Decimal(5),
        "inventory_reports": 5,
        "no_diversion_case": True,
        "multiplier": Decimal("1.25"),
        "cap": Decimal("10000.5"),
        "guaranteed": Decimal(100),
        "minimum_payout": Decimal(50),
        "budget": Decimal(1_000_000),
        "late_returns": LateReturns.ORIGIN_PERIOD,
        "priority": 7,
        "combinable": False,
        "amendments": (AmendmentTerms(FIRST + timedelta(days=100), TIERS),),
    }
    key, number = drafted(database, **whole)
    page = text_of(east.get(f"/hq/rebates/{number}/edit"))
    assert "3% from a growth of" in page, "amended tiers are shown"
    before = stored(owner, key)
    place_of(east.post(f"/hq/rebates/{number}/edit", fields_of(page)))
    assert stored(owner, key) == before


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"percent": ["1oo", "", "3"]}, "tiers_of-0-percent"),
        ({"from": ["200000", "", "100000"]}, "tiers_of-1-from"),
        ({"fixed": ["5", "", ""]}, "tiers_of-0-percent"),
        ({"amount_per_unit": ["", "-1", ""]}, "tiers_of-1-from"),
        ({"from": ["", "", ""], "percent": ["", "", ""]}, "tiers_of"),
        ({"title_en": ""}, "title_en"),
        ({"valid_to": "2026-02-30"}, "valid_to"),
        ({"skus": "GLOVES NONE"}, "skus"),
        ({"dealers": "yuegang", "regions": []}, "dealers"),
        ({"mix_at_least": "80"}, "mix_category"),
        ({"mix_category": "T01"}, "mix_at_least"),
        ({"on_time_mode": "graded"}, "on_time-grades"),
        ({"on_time_mode": "graded", "days": ["60", "30"], "pays": ["1", "2"]}, "on_time-grades-1-days"),
        ({"payout_basis": "amount", "payout_category": "T01", "payout_skus": "GLOVES"}, "payout_category"),
        ({"growth_by": "percent", "growth_pays": "whole", "growth_zero_base": "maybe"}, "growth_zero_base"),
        ({"multiplier": "11"}, "multiplier"),
        ({"inventory_reports": "29"}, "inventory_reports"),
        ({"inventory_reports": "five"}, "inventory_reports"),
        ({"cap": "1", "guaranteed": "2"}, "guaranteed"),
        ({"priority": "first"}, "priority"),
        ({"measure": "promised"}, "measure"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(east, owner, typed, field):
    answer = east.post("/hq/rebates", FORM | typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in page and f'id="field-{field}"' in page
    assert f'id="field-{field}-error"' in page
    for values in typed.values():
        for value in values if isinstance(values, list) else [values]:
            assert value in ("", "maybe", "promised") or value in page, "what is no choice is not kept"
    assert drafts(owner) == 0


def test_a_second_tab_overwrites_nothing(east, database, owner):
    key, number = drafted(database)
    typed = FORM | {"revision": "1"}
    place_of(east.post(f"/hq/rebates/{number}/edit", typed))
    answer = east.post(f"/hq/rebates/{number}/edit", typed | {"priority": "77"})
    assert answer.status_code == 409 and 'value="77"' in text_of(answer)
    assert stored(owner, key).priority == 100


def test_its_life_by_two_people(east, national, owner):
    shown = place_of(east.post("/hq/rebates", FORM))

    def act(visitor, name, revision, **more) -> str:
        place_of(visitor.post(f"{shown}/{name}", {"revision": revision, **more}))
        return text_of(visitor.get(shown))

    page = act(east, "submission", 1)
    assert "You had a hand in it" in page and f"{shown}/approval" not in page
    assert "Another person decides on it" in act(east, "approval", 2)
    assert "Say why, in a few words." in act(national, "rejection", 2, reason=" ")
    assert "It came back: too dear" in act(national, "rejection", 2, reason="too dear")
    act(east, "submission", 3)
    assert "Someone else has changed" in act(national, "approval", 3)
    assert f"{shown}/publication" in act(national, "approval", 4)
    assert "To be approved" not in act(east, "recall", 5)
    act(east, "submission", 6)
    act(national, "approval", 7)
    assert "Running" in act(east, "publication", 8)
    assert "Withdrawn" in act(national, "withdrawal", 9, reason="sold out")
    states = owner.execute(text("SELECT state FROM rebate_programme WHERE title_en = 'Rebate by quarter'"))
    assert states.scalar_one() == "withdrawn"


def test_a_region_sees_the_programmes_of_its_dealers_only(sign_in, national, database):
    _, number = drafted(database)
    assert number in text_of(national.get("/hq/rebates"))
    south = sign_in(cast.south_manager)
    assert number not in text_of(south.get("/hq/rebates"))
    assert south.get(f"/hq/rebates/{number}").status_code == 404
    for act, typed in (("submission", {}), ("approval", {}), ("withdrawal", {"reason": "x"}), ("edit", FORM)):
        assert south.post(f"/hq/rebates/{number}/{act}", typed | {"revision": 1}).status_code == 404


def test_the_list_is_filtered_by_its_address_and_is_a_file(east, database):
    _, running = published(database)
    _, written = drafted(database, title_en="=1+1")
    assert running in (page := text_of(east.get("/hq/rebates?phase=running"))) and written not in page
    assert running in text_of(east.get(f"/hq/rebates?q={running.replace('-', '').lower()}"))
    file = east.get("/hq/rebates?export=csv&phase=draft").get_data(as_text=True)
    assert written in file and "'=1+1" in file and running not in file


def test_what_it_has_cost_is_told_by_period(east, database, given):
    given.a_delivery_of(given.an_order({cast.gloves: 40}).number)  # 800.00
    _, number = published(database, period=PeriodKind.MONTH)
    reckoned(database)
    page = text_of(east.get(f"/hq/rebates/{number}"))
    assert "data-chart" in page and "¥16.00" in page
    assert page.count('<th scope="row">2026-') == 2 * cast.TODAY.month, "in the chart's table, and below"


@pytest.mark.parametrize(
    ("said", "paid"),
    [
        ({}, ["2.00", "20.00", "30.00", "45.00"]),  # 100 and 999.99 at 2 %, 1,000 and 1,500 at 3 %
        ({"method": Method.INCREMENTAL}, ["0.00", "18.00", "18.00", "33.00"]),
        ({"cap": Decimal(25)}, ["2.00", "20.00", "25.00", "25.00"]),
        (
            {"basis": Basis.AMOUNT_NET, "mix": MixTerms(Decimal(50), "T01")},
            ["2.00", "20.00", "30.00", "45.00"],
        ),
        (
            {"basis": Basis.QUANTITY, "tiers_of": (TierTerms(Decimal(10), amount_per_unit=Decimal(2)),)},
            ["0.00", "20.00", "30.00"],
        ),
        ({"tiers_of": (TierTerms(Decimal(0), Decimal(1)),)}, ["1000.00", "1000.00", "1500.00"]),
        (
            {
                "growth": GrowthTerms(base_at_least=Decimal(1000)),
                "tiers_of": (TierTerms(Decimal(10), Decimal(5)),),
            },
            ["0.00", "55.00", "82.50"],
        ),
    ],
)
def test_examples_are_what_the_engine_pays(said, paid):
    assert [str(one.accrued) for one in preview_of(terms(**said)).examples] == paid


def test_no_example_of_terms_with_faults():
    assert preview_of(terms(tiers_of=())) is None


def test_the_form_works_out_what_is_typed_and_saves_nothing(east, owner):
    page = text_of(east.post("/hq/rebates/examples", FORM))
    assert "¥199,999.99" in page and "¥4,000.00" in page and "¥6,000.00" in page
    assert "without faults" in text_of(east.post("/hq/rebates/examples", FORM | {"valid_to": ""}))
    assert drafts(owner) == 0


def test_a_dealer_sees_the_ladder_and_every_line(buyer, database, given):
    delivery = given.a_delivery_of(given.an_order({cast.gloves: 20, cast.syringe: 100}).number)
    _, number = published(database)  # 20 × 20.00 + 100 × 2.56 = 656.00
    reckoned(database)
    page = text_of(buyer.get("/rebates"))
    assert "Rebate of the year" in page and "¥13.12" in page and "tier 1 of 2 reached" in page
    assert "¥344.00 more gives ¥16.88." in page  # 30.00 at exactly 1,000
    page = text_of(buyer.get(f"/rebates/{number}"))
    assert f'href="/shipments/{delivery.shipment_number}"' in page and delivery.invoice_number in page
    assert "Examination gloves" in page and "¥8.00" in page and "¥5.12" in page
    assert buyer.get(f"/rebates/{number}?period=1999").status_code == 404


def test_every_line_of_the_period_is_in_the_file(buyer, database, given):
    for quantity in (10, 20):
        given.a_delivery_of(given.an_order({cast.gloves: quantity}).number)
    _, number = published(database)
    reckoned(database)
    rows = workbook_of(buyer.get(f"/rebates/{number}?export=xlsx").data)
    heads = [cell.value for cell in rows[0]]
    amounts = [Decimal(row[heads.index("Rebate")].value) for row in rows[1:]]
    assert sorted(amounts) == [Decimal("4"), Decimal("8")]  # two invoices of one day, by their numbers
    assert rows[2][heads.index("Cumulative")].value == "600.00"
    assert [row[heads.index("SKU")].value for row in rows[1:]] == ["GLOVES", "GLOVES"]


def test_lines_are_paged(buyer, database, given, owner):
    given.a_delivery_of(given.an_order({cast.gloves: 10}).number)
    _, number = published(database)
    reckoned(database)
    owner.execute(
        text(
            "INSERT INTO rebate_accrual_line (dealer_id, programme_id, first_day, place, on_day, document,"
            " line_no, kind, sku, quantity, qualifier, cumulative, payout, rate, amount)"
            " SELECT dealer_id, programme_id, first_day, n, on_day, document, n, kind, sku, quantity,"
            " qualifier, cumulative, payout, rate, amount"
            " FROM rebate_accrual_line, generate_series(2, 54) n"
        )
    )
    owner.commit()
    first = text_of(buyer.get(f"/rebates/{number}"))
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    pages = (first, text_of(buyer.get(following)))
    assert [page.count('<th scope="row"><a href="/shipments') for page in pages] == [50, 4]


def test_pieces_are_counted_as_pieces(buyer, database, given):
    given.a_delivery_of(given.an_order({cast.gloves: 30}).number)
    per_piece = (
        TierTerms(Decimal(0), amount_per_unit=Decimal("0.5")),
        TierTerms(Decimal(40), amount_per_unit=Decimal(2)),
    )
    _, number = published(database, basis=Basis.QUANTITY, tiers_of=per_piece)
    reckoned(database)
    assert "10 pieces more give ¥65.00." in text_of(buyer.get("/rebates"))
    page = text_of(buyer.get(f"/rebates/{number}"))
    assert ">30 pieces</span>" in page and "¥0.50" in page and "¥15.00" in page
    assert ",30,30,0.50,15.00" in buyer.get(f"/rebates/{number}?export=csv").get_data(as_text=True)


def test_what_does_not_hold_is_said_with_what_to_do(buyer, database, given):
    given.a_delivery_of(given.an_order({cast.gloves: 10}).number)
    published(
        database,
        mix=MixTerms(Decimal(20), category="A02"),
        on_time=OnTimeTerms(OnTimeMode.ALL),
    )
    reckoned(database)
    page = text_of(buyer.get("/rebates"))
    assert "Syringes: 0% of what counts, at least 20% is asked for. Buy more of it until 31 Dec 2026." in page
    assert "Not every invoice of this period is paid on time. Pay what is open" in page


def test_a_rival_learns_nothing(sign_in, buyer, database, given):
    given.a_delivery_of(given.an_order({cast.gloves: 20}).number)
    _, number = published(database)
    _, ours = published(database, regions=(), dealers=("huadong",), title_en="Agreed with Huadong alone")
    reckoned(database)
    assert "Agreed with Huadong alone" in text_of(buyer.get("/rebates"))
    rival = sign_in(cast.yuegang.buyer)
    rival.post("/locale/en")
    page = text_of(rival.get("/rebates"))
    assert "Your company is in no rebate programme" in page
    for address in (number, ours, f"{ours}?export=csv", f"{ours}?period=2026"):
        assert rival.get(f"/rebates/{address}").status_code == 404


def test_who_may_not_read_rebates_is_not_led_there(sign_in):
    service = sign_in(cast.huadong.service)
    assert service.get("/rebates").status_code == 403 and "/rebates" not in text_of(service.get("/catalogue"))
    assert sign_in(cast.huadong.finance).get("/rebates").status_code == 200


def drafts(owner) -> int:
    """How many drafts there are beside that of the stage."""
    query = text("SELECT count(*) FROM rebate_programme WHERE state = 'draft' AND id <> :stage")
    return owner.execute(query, {"stage": cast.rebate_programme}).scalar_one()


def stored(owner, key):
    """What a programme says, in the table."""
    return owner.execute(
        text(
            "SELECT title_zh, title_en, text_zh, text_en, valid_from, valid_to, period, priority, combinable,"
            " budget, terms FROM rebate_programme WHERE id = :id"
        ),
        {"id": key},
    ).one()


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form, untouched."""
    form = page[page.index('id="programme-form"') : page.index("</form>", page.index('id="programme-form"'))]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]+>", form):
        name, value = re.search(r' name="([^"]+)"', tag)[1], re.search(r' value="([^"]*)"', tag)[1]
        if 'type="checkbox"' not in tag or " checked" in tag:
            fields.setdefault(name, []).append(value)
    for name, content in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        fields[name] = [content]
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form):
        chosen = re.findall(r'<option value="([^"]*)" selected>', options)
        fields[name] = chosen or re.findall(r'<option value="([^"]*)"', options)[:1]
    return fields
