"""What is asked of every page's looks finds what is wrong, also where much of it looks alike."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.looks import PHONE, WIDE, assert_accessible, assert_fits, assert_good_on_every_screen

ROWS = "".join(f"<tr><td>row {number}</td><td class='second'>shown</td></tr>" for number in range(9))


@pytest.fixture
def table(browser) -> Page:
    """A page whose table has nine rows that look alike."""
    page = browser.new_page(viewport=PHONE)
    page.set_content(
        "<!DOCTYPE html><html lang='en'><title>Rows</title><style>td { color: black; }</style>"
        f"<main><h1>Rows</h1><p hidden class='second'>none</p><table>{ROWS}</table></main></html>"
    )
    yield page
    page.close()


def test_words_that_can_be_read_are_let_pass(table):
    assert_accessible(table)


@pytest.mark.parametrize(
    "style",
    [
        "td { color: #ccc; }",
        ".second { color: #ccc; }",
        "tr:last-child td { color: #ccc; }",
        "tr:nth-child(8) { background: #333; }",
        "tr:nth-child(8) { opacity: 0.2; }",
        "tr:nth-child(-n+6) { visibility: hidden; } td { color: #ccc; }",
        "tr:nth-child(-n+6) td { position: absolute; left: -900px; } td { color: #ccc; }",
    ],
)
def test_what_cannot_be_read_is_found_wherever_it_stands(table, style):
    table.add_style_tag(content=style)
    with pytest.raises(AssertionError, match="color-contrast"):
        assert_accessible(table)


def test_a_look_that_changes_is_judged_anew(table):
    assert_accessible(table)
    table.add_style_tag(content="tr:last-child td { color: #ccc; }")
    with pytest.raises(AssertionError, match="color-contrast"):
        assert_accessible(table)


def test_the_page_that_is_shown_next_is_judged_as_well(table):
    assert_accessible(table)
    table.goto("data:text/html,<html lang='en'><title>Next</title><main><h1 style='color: %23ccc'>Next</h1>")
    with pytest.raises(AssertionError, match="color-contrast"):
        assert_accessible(table)


@pytest.mark.parametrize("first", [PHONE, WIDE], ids=["phone", "desk"])
@pytest.mark.parametrize(
    "style", ["h1 { width: 600px; }", "@media (width > 600px) { h1 { width: 2000px; } }"]
)
def test_what_is_too_wide_for_one_screen_is_found_whichever_is_the_first(table, first, style):
    table.set_viewport_size(first)
    assert_good_on_every_screen(table, accessible_on=[])
    assert table.viewport_size == first
    table.add_style_tag(content=style)
    with pytest.raises(AssertionError, match="h1#"):
        assert_good_on_every_screen(table, accessible_on=[], and_back=False)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("<p style='white-space: nowrap'>{}</p>", "p#"),
        ("<section style='width: 40rem'>{}</section>", "section#"),
        ("<pre>{}</pre>", "pre#"),
    ],
)
def test_what_widens_a_page_is_named(table, part, named):
    add = "(main, part) => main.insertAdjacentHTML('beforeend', part)"
    table.locator("main").evaluate(add, part.format("words " * 40))
    with pytest.raises(AssertionError, match=f"\\['{named}"):
        assert_fits(table)


def test_a_cell_that_runs_into_the_next_is_found(browser):
    page = browser.new_page(viewport=WIDE)
    page.set_content(
        "<style>table { table-layout: fixed; width: 20rem; }</style><table class='table-fixed'>"
        "<tr><td>short</td><td>GLOVES-1</td></tr></table>"
    )
    assert_fits(page)
    page.locator("td").first.evaluate("cell => { cell.textContent = 'BONR10501001192278LONGERTHANTHAT'; }")
    with pytest.raises(AssertionError, match="LONGERTHANTHAT in the column 1"):
        assert_fits(page)
    page.close()
