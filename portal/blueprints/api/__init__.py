"""The outside contract, version 1: JSON under /api/v1 for the systems of dealers and headquarters.

Every resource declares its calls in the table of `portal.web.api.operations`; here they become routes.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint

from portal.web.api.operations import PREFIX, Operation
from portal.web.api.serving import view_of


def blueprint_of(operations: Iterable[Operation]) -> Blueprint:
    """The routes of these calls."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    for entry in operations:
        blueprint.add_url_rule(
            entry.path,
            entry.name,
            view_of(entry),
            methods=[entry.method],
            merge_slashes="<path:" not in entry.path,  # an address within the address has two
        )
    return blueprint
