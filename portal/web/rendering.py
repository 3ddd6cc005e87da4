"""A page, or the one block of it that htmx swaps in; and the right to see it, said beside its route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import render_template
from jinja2_fragments.flask import render_block

from portal.web.request import current_actor, request

RIGHTS = "rights"
"""Attribute of a view that says which rights open it."""

P = ParamSpec("P")
R = TypeVar("R")


def requires(*rights: StrEnum) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run for who holds one of the rights; for others it raises Forbidden before it begins."""

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, RIGHTS, rights)  # beside the route, where a test and a reader find it

        @wraps(view)
        def guarded(*args: P.args, **named: P.kwargs) -> R:
            current_actor().require(*rights)
            return view(*args, **named)

        return guarded

    return declare


def wants_block() -> bool:
    """Whether htmx asks for a part of the page: not when it restores a page of its history."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def render_page(
    template: str, block: str, *, page_only: Callable[[], Mapping[str, Any]] | None = None, **context: Any
) -> str:
    """The page, or its block where htmx asks for that.

    page_only: the context of what stands around the block, which is read only when it is shown.
    """
    if wants_block():
        return render_block(template, block, **context)
    return render_template(template, **(page_only() if page_only is not None else {}), **context)
