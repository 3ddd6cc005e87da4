"""What is served of other projects is made from their files in `assets/`, and is as new as our templates."""

from __future__ import annotations

import re

from assets import make_icons, trim_css
from portal.web.icons import icon_names


def test_the_style_sheet_holds_the_rules_that_our_pages_use():
    assert trim_css.TRIMMED.read_text(encoding="utf-8") == trim_css.trimmed(), (
        "run: .venv/bin/python -m assets.trim_css"
    )


def test_a_rule_without_use_is_left_out_and_one_in_use_stays():
    css = trim_css.trimmed()
    assert ".dropdown-menu" in css and "@media" in css
    assert ".carousel" not in css and "@keyframes placeholder" not in css
    assert len(css) < 80_000


def test_no_variable_of_the_theme_is_asked_for_that_was_left_out():
    css = trim_css.trimmed()
    themes = re.findall(r":root[^{}]*\{([^{}]*)\}", trim_css.UPSTREAM.read_text(encoding="utf-8"))
    defined = set(re.findall(r"(--[\w-]+)\s*:", " ".join(themes)))
    asked_for = set(re.findall(r"var\(\s*(--[\w-]+)", css)) & defined
    assert asked_for
    assert not {name for name in asked_for if f"{name}:" not in css}


def test_the_icons_are_those_that_somebody_names():
    assert make_icons.STYLES.read_text(encoding="utf-8") == make_icons.styles(), (
        "run: .venv/bin/python -m assets.make_icons"
    )
    assert {"truck", "shopping-cart"} <= icon_names()
    assert "bone" not in icon_names()
