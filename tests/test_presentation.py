"""How values look: to the fen, in the right zone, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Fault
from portal.kernel.formats import date_time, money, month, percent, quantity, until
from portal.kernel.registry import registry
from portal.web import presentation
from portal.web.addresses import page_address, url_with
from portal.web.icons import icon_names
from portal.web.language import PortalBabel
from portal.web.presentation import (
    address_line,
    country,
    in_full,
    sparkline_points,
    unit,
)
from portal.web.status_looks import status_look

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEMPLATES = Path(presentation.__file__).parent.parent / "templates"


@pytest.fixture
def app():
    """Templates and languages without the rest of the portal."""
    app = Flask("look", template_folder=str(TEMPLATES), static_folder=str(TEMPLATES.parent / "static"))
    PortalBabel(app, default_locale="zh")
    presentation.register(app, timezone=SHANGHAI)
    return app


@pytest.fixture
def english(app):
    """A request of somebody who reads English."""
    with app.test_request_context("/"), force_locale("en"):
        yield


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1234.5"), "¥1,234.50"),
        (Decimal("-1234.5"), "-¥1,234.50"),
        (Decimal("0.005"), "¥0.01"),
        (Decimal("-0.004"), "¥0.00"),
        (0, "¥0.00"),
        (Decimal("1e6"), "¥1,000,000.00"),
        (None, "–"),
    ],
)
def test_money_has_its_sign_before_the_symbol_and_always_two_places(value, text):
    assert money(value) == text


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=2))
def test_money_loses_no_fen(value):
    assert Decimal(money(value).replace("¥", "").replace(",", "")) == value


@pytest.mark.parametrize("show", [money, quantity, percent])
@pytest.mark.parametrize("value", [0.1, True, "1"])
def test_a_number_that_is_not_exact_is_refused(show, value):
    with pytest.raises(TypeError):
        show(value)


def test_quantities_are_grouped_by_thousands():
    assert [quantity(n) for n in (0, 999, 12000, 10**9)] == ["0", "999", "12,000", "1,000,000,000"]


def test_a_share_becomes_a_percentage_without_trailing_zeros():
    assert [percent(Decimal(share)) for share in ("0.13", "0.125", "1", "0", "-0.031")] == [
        "13%",
        "12.5%",
        "100%",
        "0%",
        "-3.1%",
    ]


def test_a_time_is_shown_in_the_business_zone_even_across_the_end_of_a_month():
    late = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    assert date_time(late, timezone=SHANGHAI) == "2026-11-01 00:30"
    assert date_time(late, timezone=SHANGHAI, locale="en") == "1 Nov 2026 00:30"
    assert presentation.date(late, timezone=SHANGHAI) == "2026-11-01"


def test_what_ends_with_a_day_is_told_by_its_last_day():
    midnight = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert until(midnight, timezone=SHANGHAI) == "2026-12-31"
    assert until(midnight, timezone=SHANGHAI, locale="en") == "31 Dec 2026"
    assert until(midnight + timedelta(minutes=1), timezone=SHANGHAI) == "2027-01-01 00:01"
    assert until(None, timezone=SHANGHAI) == presentation.MISSING


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        date_time(datetime(2026, 10, 31), timezone=SHANGHAI)


def test_a_period_is_a_month_in_words():
    assert month("2026-10") == "2026年10月"
    assert month(date(2026, 10, 31), locale="en") == "October 2026"


def test_an_address_keeps_what_it_is_not_told_to_change(app):
    with app.test_request_context("/products?q=%E9%92%88&cursor=abc&tag=a&tag=b"):
        assert url_with(cursor=None, sort="-name") == "/products?q=%E9%92%88&tag=a&tag=b&sort=-name"
        assert url_with(q="", cursor="", tag=None) == "/products"


def test_the_page_to_load_again_is_never_the_address_a_form_was_sent_to(app):
    seen = {"Referer": "http://localhost/orders/7?tab=lines"}
    with app.test_request_context("/orders/7/cancellation", method="POST", headers=seen):
        assert page_address() == "/orders/7?tab=lines"
    with app.test_request_context("/orders/7/lines", headers=seen | {"HX-Request": "true"}):
        assert page_address() == "/orders/7?tab=lines"
    with app.test_request_context("/orders/7?tab=lines"):
        assert page_address() == "/orders/7?tab=lines"
    with app.test_request_context("/orders", method="POST", headers={"Referer": "http://elsewhere.example/"}):
        assert page_address() == "/"


def test_a_sparkline_stays_in_its_box_and_survives_a_flat_line():
    points = [
        tuple(map(Decimal, point.split(",")))
        for point in sparkline_points([3, 9, 6], width=80, height=20).split()
    ]
    assert all(1 <= x <= 79 and 1 <= y <= 19 for x, y in points)
    assert sparkline_points([5, 5], width=80, height=20) == "1.0,19.0 79.0,19.0"


def test_every_icon_of_a_status_or_a_menu_is_in_the_sprite():
    named = {look.icon for looks in registry().statuses.values() for look in looks.values()}
    assert (
        named | {entry.icon for capability in registry().capabilities for entry in capability.menu}
        <= icon_names()
    )


def test_a_status_nobody_described_is_shown_as_its_own_word():
    assert status_look("order", "half_lost") == ("half lost", "grey", "circle-dashed")


def test_a_macro_is_there_for_a_block_that_is_rendered_alone(app):
    with app.test_request_context("/"):
        badge = app.jinja_env.from_string('{{ ui.status_badge("order", "on_hold") }}').render()
        assert "已冻结" in badge and "tone-amber" in badge
        with pytest.raises(AttributeError):
            _ = app.jinja_env.globals["ui"].no_such_macro


def test_markup_in_what_a_person_typed_is_text(app):
    fault = Fault("/lines/0/sku", "unknown", "There is no product %(sku)s.", params={"sku": "<script>"})
    with app.test_request_context("/"):
        shown = app.jinja_env.from_string('{{ ui.line_errors("e", [fault]) }}').render(fault=fault)
    assert "&lt;script&gt;" in shown and "<script>" not in shown


KEPT = (
    "{{ kept('price', price, 25, '盒', ((50, 18),)) }}"
    "{{ kept('buy_cell', '/cart', 'GLOVES', name, 10) }}"
    "{{ kept('assets', 'CNY') }}"
)


def cells(
    app: Flask,
    path: str = "/",
    locale: str = "zh",
    prefix: str = "",
    price: Decimal = Decimal("20.00"),
    name: str = "手套",
) -> str:
    """Two cells of a row and what every page loads, asked for through `kept`, on somebody's page."""
    with app.test_request_context(path, environ_overrides={"SCRIPT_NAME": prefix}), force_locale(locale):
        return render_template_string(KEPT, price=price, name=name)


def test_a_piece_that_is_kept_is_that_of_its_values_its_language_and_its_place(app):
    shown = partial(cells, app)
    once = shown()
    assert (shown(), shown("/elsewhere?q=1")) == (once, once)
    assert "¥20.00" in once and "/盒" in once and "手套" in once
    assert "/box" in shown(locale="en")
    assert "¥19.99" in shown(price=Decimal("19.99"))
    assert "&lt;b&gt;" in shown(name="<b>")
    assert 'href="/portal/static/' in shown(prefix="/portal")
    assert shown() == once


def test_a_fault_without_a_fix_says_nothing_more(app):
    with app.test_request_context("/"):
        assert in_full(Fault("", "needed", "A reason is needed.")) == "请填写原因。"
        assert (
            in_full(Fault("", "needed", "A reason is needed.", "Give a short reason."))
            == "请填写原因。请简要说明原因。"
        )


def test_english_sentences_follow_each_other_with_a_blank(english):
    assert (
        in_full(Fault("", "needed", "A reason is needed.", "Give a short reason."))
        == "A reason is needed. Give a short reason."
    )


def test_units_and_countries_are_told_in_the_language_of_the_page(english):
    assert (unit("盒"), unit("盒", 1), unit("盒", 12), unit("坨", 2)) == ("box", "box", "boxes", "坨")
    assert (country("IT"), country("ZZ9"), country(None)) == ("Italy", "ZZ9", "–")


def test_a_chinese_page_keeps_the_unit_of_the_trade(app):
    with app.test_request_context("/"):
        assert (unit("盒", 12), country("IT")) == ("盒", "意大利")


def test_a_municipality_is_named_once():
    assert address_line("上海市", "上海市", "创业路 1 号") == "上海市 创业路 1 号"
    assert address_line("Shanghai", "上海市", "创业路 1 号", province_zh="上海市") == "Shanghai 创业路 1 号"
    assert address_line("江苏省", "南京市", "创业路 1 号") == "江苏省 南京市 创业路 1 号"
