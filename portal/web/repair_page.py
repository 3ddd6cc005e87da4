"""A repair as its pages show it: words of lines and results, a signature as a picture."""

from __future__ import annotations

from typing import Any

from portal.kernel.signature_rules import path_of
from portal.repairs.words import CHECK_RESULTS, LINE_KINDS, RESULTS
from portal.web.presentation import labels


def shown_words() -> dict[str, Any]:
    """What the templates of `repairs/` need to say things in words."""
    return {
        "line_kinds": labels(LINE_KINDS),
        "results": labels(RESULTS),
        "check_results": labels(CHECK_RESULTS),
        "path_of": path_of,
    }
