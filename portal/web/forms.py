"""The fields of a page's form or address: each once, but for the columns of a list, which a view declares.

A field that stands twice with two values would be read as the first of them, whichever was meant: it is
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import TypeVar

from flask import Flask, current_app, request

from portal.kernel.errors import N_, Unreadable
from portal.kernel.manifest import Audience

V = TypeVar("V", bound=Callable[..., object])

ROWS_MAX = 5_000  # beyond the longest list of ours
_COLUMNS = "columns"


def takes_columns(*names: str) -> Callable[[V], V]:
    """These fields of a view's form stand once for every row of a list.

    ``value-*`` is every field that begins so.
    """

    def declare(view: V) -> V:
        setattr(view, _COLUMNS, frozenset(names))
        return view

    return declare


def rows_of_form(*names: str) -> list[tuple[str, ...]]:
    """The rows of a list out of its columns.

    Raises Unreadable when there are too many, or the columns are not of one length.
    """
    columns = [request.form.getlist(name) for name in names]
    if max(map(len, columns)) > ROWS_MAX:
        raise Unreadable(
            "long_list",
            N_("A list in a form has at most %(max)s rows."),
            fix=N_("Send fewer at once."),
            max=ROWS_MAX,
        )
    if len({len(column) for column in columns}) > 1:
        raise Unreadable(
            "torn_list",
            N_("The list in this form is not complete."),
            fix=N_("Load the page again and send it once more."),
        )
    return list(zip(*columns, strict=True))


def require_single_fields() -> None:
    """Before every view of a page. Raises Unreadable for a field with two values."""
    if current_app.extensions["audiences"].get(request.blueprint) not in (Audience.DEALERS, Audience.STAFF):
        return
    columns: frozenset[str] = getattr(
        current_app.view_functions[request.endpoint or ""], _COLUMNS, frozenset()
    )
    for name in _with_two_values([*request.args.lists(), *request.form.lists()]):
        if not any(fnmatchcase(name, column) for column in columns):
            message, fix = (
                N_("The field %(field)s appears twice with different values."),
                N_("Load the page again and send it once more."),
            )
            raise Unreadable("repeated_field", message, fix=fix, field=name[:64])


def _with_two_values(fields: Iterable[tuple[str, list[str]]]) -> Iterable[str]:
    return (name for name, values in fields if len(set(values)) > 1)


def init_app(app: Flask) -> None:
    """Look at every form before its view does."""
    app.before_request(require_single_fields)
