"""What every page owes to everybody: it can be read by a machine, and it fits a phone."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, ViewportSize, expect

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


# Contrast is the dearest of axe's questions and asked of every word. Words that look alike (colours of the
# text and of all that it lies in, size, weight) get the same answer, so it is asked for three of them. What
# axe gives no verdict on (hidden, disabled, of one character) stands for no others, and what is placed over
# other parts stands for itself.
_LEAVE_OUT_REPEATED_LOOKS = """
() => {
  const shown = new Map();
  let places = 0;
  const clear = "rgba(0, 0, 0, 0)|none|1|none|normal";
  const words = part => part.matches("input, select, textarea") ? "value" : [...part.childNodes]
    .filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data.trim()).join("");
  const look = (part, below) => {
    const style = getComputedStyle(part), box = part.getBoundingClientRect();
    if (style.display === "none") return;
    const own = [
      style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.mixBlendMode,
    ];
    let ground = own.join("|") === clear ? below : [below, ...own].join("|");
    if (["absolute", "fixed", "sticky"].includes(style.position)) ground += `|place ${++places}`;
    part.removeAttribute("data-looks-like-others");
    const text = words(part);
    if (text) {
      const off = part.closest(":disabled, [aria-disabled=true]") || part.closest("label")?.control?.disabled;
      const key = [
        ground, style.color, style.fontSize, style.fontWeight, style.textShadow, style.visibility,
        part.checkVisibility(), Boolean(off), text.length > 1, box.left >= 0 && box.right <= innerWidth,
      ].join("|");
      const before = shown.get(key) ?? 0;
      shown.set(key, before + 1);
      if (before >= 3) part.setAttribute("data-looks-like-others", "");
    }
    for (const child of part.children) look(child, ground);
  };
  look(document.documentElement, "");
}
"""
_COLOURS_HAVE_TURNED = """
() => Promise.all(
  document.getAnimations()
    .filter(one => one instanceof CSSTransition).map(one => one.finished.catch(() => null))
).then(() => null)
"""
# Of its answer only what is wrong; the rest is long and read by nobody.
_RUN = """
options => axe.run(document, options)
  .then(result => ({...result, passes: [], inapplicable: [], incomplete: []}))
"""
_ONCE_A_LOOK = {"id": "color-contrast", "selector": "*:not([data-looks-like-others])"}


def assert_accessible(page: Page, *, rules: Sequence[str] = ()) -> None:
    """No violation that axe-core knows of, or of those rules of it."""
    if not page.evaluate("'axe' in window"):  # half a megabyte to parse: once a page, however often looked at
        page.evaluate(AXE_SCRIPT)
        page.evaluate("rule => axe.configure({rules: [rule]})", _ONCE_A_LOOK)
    page.evaluate(_LEAVE_OUT_REPEATED_LOOKS)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    results = AxeResults(page.evaluate(_RUN, options))
    assert results.violations_count == 0, f"{page.url} {page.viewport_size}\n{results.generate_report()}"


def assert_readable_in_the_dark(page: Page) -> None:
    """The page takes the dark when the device does, and its words can be read there. It ends up light."""
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.evaluate(_COLOURS_HAVE_TURNED)
    assert_accessible(page, rules=["color-contrast"])
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def assert_fits(page: Page) -> None:
    """Nothing has to be scrolled sideways but a table in its own box."""
    page.wait_for_load_state()  # what was clicked before may have just begun to load
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
    if before != WIDE:
        page.set_viewport_size(before)
