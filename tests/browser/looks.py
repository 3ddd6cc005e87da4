"""What every page owes to everybody: it can be read by a machine, and it fits a phone."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 780}


# Names what sticks out of the screen, rather than only that something does: the innermost parts whose box, or
# whose words beyond their box, end to the right of it. What scrolls in a box of its own may.
_STICKING_OUT = """
() => {
  if (document.documentElement.scrollWidth <= window.innerWidth) return [];
  const end = part => {
    const box = part.getBoundingClientRect();
    const shown = getComputedStyle(part).overflowX === "visible" ? part.scrollWidth : 0;
    return Math.max(box.right, box.left + shown);
  };
  const wide = new Set([...document.querySelectorAll("body *")].filter(
    part => end(part) > window.innerWidth + 1 && !part.closest(".table-box")
  ));
  return [...wide]
    .filter(part => ![...part.children].some(child => wide.has(child)))
    .map(part => `${part.tagName.toLowerCase()}#${part.id}.${part.className}`)
    .slice(0, 10).concat("the page");
}
"""


def assert_accessible(page: Page) -> None:
    """No violation that axe-core knows of."""
    if not page.evaluate("'axe' in window"):  # half a megabyte to parse: once a page, however often looked at
        page.evaluate(AXE_SCRIPT)
    results = AxeResults(page.evaluate("axe.run(document, {resultTypes: ['violations']})"))
    assert results.violations_count == 0, f"{page.url} {page.viewport_size}\n{results.generate_report()}"


def assert_fits(page: Page) -> None:
    """Nothing has to be scrolled sideways but a table in its own box."""
    sticking_out = page.evaluate(_STICKING_OUT)
    assert not sticking_out, f"{page.url} {page.viewport_size}: {sticking_out}"


def assert_good_on_every_screen(page: Page, accessible_on: Sequence[ViewportSize] = (PHONE, WIDE)) -> None:
    """On a desk and on a phone: it fits and is accessible. The page ends up as wide as it was."""
    before = page.viewport_size
    for screen in (PHONE, WIDE):
        page.set_viewport_size(screen)
        assert_fits(page)
        if screen in accessible_on:
            assert_accessible(page)
    page.set_viewport_size(before)
