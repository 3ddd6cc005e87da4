"""What a saved view may be called, and what of an address it keeps."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from portal.kernel.errors import N_, Fault

VIEWS_MAX = 20
"""Views of one list that a person keeps."""
NAME_MAX = 60
QUERY_MAX = 1000
"""Characters."""

_NOT_KEPT = frozenset({"cursor", "export"})


def kept_query(query: str) -> str:
    """The query of a list's address without the page one is on."""
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in _NOT_KEPT])


def faults_of(name: str, query: str, names: Collection[str]) -> list[Fault]:
    """What is wrong with a view that shall be kept beside those with `names`."""
    faults = []
    if not name:
        faults.append(Fault("/name", "missing", N_("Give the view a name.")))
    if len(name) > NAME_MAX:
        faults.append(Fault("/name", "too_long", N_("At most %(max)s characters."), params={"max": NAME_MAX}))
    if name in names:
        message = N_("A view of this list has that name already. Choose another.")
        faults.append(Fault("/name", "taken", message))
    elif len(names) >= VIEWS_MAX:
        message, fix = (
            N_("You have %(max)s views of this list already."),
            N_("Delete one that you no longer need."),
        )
        faults.append(Fault("/name", "too_many", message, fix, {"max": VIEWS_MAX}))
    if len(query) > QUERY_MAX:
        faults.append(Fault("/name", "long_query", N_("The filter is too long to be saved.")))
    return faults
