"""The icons as classes of a style sheet: `<i class="icon i-truck">` costs a page 40 bytes, a `<use>` of a
sprite 150.

Only icons that some template or Python file names are in it.

``python -m assets.make_icons`` writes the file, and a test compares it.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from assets.trim_css import words

ROOT = Path(__file__).resolve().parent.parent
SPRITE = ROOT / "assets" / "icons.svg"
STYLES = ROOT / "portal" / "static" / "vendor" / "tabler-icons-3.51.0" / "icons.css"

_SVG = "{http://www.w3.org/2000/svg}"
_FRAME = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23000'"
    " stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'>{}</svg>"
)


def styles() -> str:
    """One class an icon, each with its drawing; the look they share is in `portal.css`."""
    named = words()
    symbols = (
        symbol
        for symbol in ElementTree.parse(SPRITE).getroot().iter(f"{_SVG}symbol")
        if symbol.get("id") in named
    )
    rules = (
        f'.i-{symbol.get("id")}{{--icon:url("data:image/svg+xml,{_drawing(symbol)}")}}' for symbol in symbols
    )
    return "/* Tabler Icons 3.51.0, MIT, made by assets.make_icons */\n" + "\n".join(rules) + "\n"


def _drawing(symbol: ElementTree.Element) -> str:
    paths = "".join(f"<path d='{path.get('d')}'/>" for path in symbol.iter(f"{_SVG}path"))
    return _FRAME.format(paths)


if __name__ == "__main__":
    STYLES.write_text(styles(), encoding="utf-8")
