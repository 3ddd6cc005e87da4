"""Icons as classes of one style sheet."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ICON_STYLES = "vendor/tabler-icons-3.51.0/icons.css"


def icon_class(name: str) -> str:
    """The class that draws an icon. LookupError if there is none of that name."""
    if name not in icon_names():
        raise LookupError(f"no icon {name!r} in {ICON_STYLES}; assets/README.md says how to add it")
    return f"i-{name}"


@cache
def icon_names() -> frozenset[str]:
    """Every icon that has a class."""
    styles = Path(__file__).parent.parent / "static" / ICON_STYLES
    return frozenset(re.findall(r"^\.i-([\w-]+)", styles.read_text(encoding="utf-8"), re.MULTILINE))
