"""What every page owes to everybody: it can be read by a machine, and it fits a phone."""

from __future__ import annotations

import json
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

# What a cell of a list holds ends with the cell: columns have a set width, and words that do not break (an
# SKU, a status) would run into the next one.
_RUNNING_OVER = """
() => [...document.querySelectorAll(".table-fixed :is(th, td)")].filter(cell => {
  const unseen = [...cell.querySelectorAll("*")].some(part => getComputedStyle(part).position === "absolute");
  if (unseen || !cell.checkVisibility()) return false;  // words that are only read aloud
  const words = document.createRange();
  words.selectNodeContents(cell);
  return words.getBoundingClientRect().right > cell.getBoundingClientRect().right + 2;
}).map(cell => `${cell.innerText.trim()} in the column ${cell.cellIndex + 1}`).slice(0, 10)
"""


# Contrast is the dearest of axe's questions and asked of every word. Words that look alike (colours of the
# text and of all that it lies in, size, weight) get the same answer, so it is asked for three of them, and
# parts without words are not asked. What axe gives no verdict on (hidden, disabled, of one character) stands
# for no others, and what is placed over other parts stands for itself.
_CHOOSE_OF_EVERY_LOOK = """
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
    part.removeAttribute("data-stands-for-its-look");
    const text = words(part);
    if (text) {
      const off = part.closest(":disabled, [aria-disabled=true]") || part.closest("label")?.control?.disabled;
      const key = [
        ground, style.color, style.fontSize, style.fontWeight, style.textShadow, style.visibility,
        part.checkVisibility(), Boolean(off), text.length > 1, box.left >= 0 && box.right <= innerWidth,
      ].join("|");
      const before = shown.get(key) ?? 0;
      shown.set(key, before + 1);
      if (before < 3) part.setAttribute("data-stands-for-its-look", "");
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
_TWO_FRAMES = (
    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"
)
_ONCE_A_LOOK = {"id": "color-contrast", "selector": "[data-stands-for-its-look]"}
_AXE = f"{AXE_SCRIPT}\naxe.configure({{rules: [{json.dumps(_ONCE_A_LOOK)}]}})"
# One call for all of it, and of its answer only what is wrong; the rest is long and read by nobody.
_ASK = f"""
options => {{
  if (!("axe" in window)) return null;
  ({_CHOOSE_OF_EVERY_LOOK})();
  return axe.run(document, options)
    .then(result => ({{...result, passes: [], inapplicable: [], incomplete: []}}));
}}
"""


def assert_accessible(page: Page, *, rules: Sequence[str] = ()) -> None:
    """No violation that axe-core knows of, or of those rules of it."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    answer = page.evaluate(_ASK, options)
    if answer is None:  # the first time; the browser brings it along with whatever this page shows next
        page.add_init_script(_AXE)
        page.evaluate(_AXE)
        answer = page.evaluate(_ASK, options)
    results = AxeResults(answer)
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
    """Nothing has to be scrolled sideways but a table in its own box, and no cell runs into the next."""
    page.wait_for_load_state()  # what was clicked before may have just begun to load
    sticking_out = page.evaluate(_STICKING_OUT)
    assert not sticking_out, f"{page.url} {page.viewport_size}: {sticking_out}"
    running_over = page.evaluate(_RUNNING_OVER)
    assert not running_over, f"{page.url} {page.viewport_size}: {running_over}"


def assert_good_on_every_screen(
    page: Page, accessible_on: Sequence[ViewportSize] = (PHONE, WIDE), *, and_back: bool = True
) -> None:
    """On a desk and on a phone, first on what it is shown on: it fits and is accessible.

    The page ends up as wide as it was, or with ``and_back=False`` on the other screen.
    """
    before = page.viewport_size
    for screen in (PHONE, WIDE) if before == PHONE else (WIDE, PHONE):
        _show_on(page, screen)
        assert_fits(page)
        if screen in accessible_on:
            assert_accessible(page)
    if and_back:
        _show_on(page, before)


def _show_on(page: Page, screen: ViewportSize) -> None:
    """As large as that: what is so already is not laid out again."""
    if page.viewport_size != screen:
        page.set_viewport_size(screen)
        page.evaluate(_TWO_FRAMES)  # what watches its size is told with the next
