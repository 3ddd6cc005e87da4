"""A list as a page: its rows, what it can be narrowed to, and the same rows as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from portal.web.listing.declaration import Column, Listing
from portal.web.listing.export import COLUMN, Fetch, export_wanted, send_list
from portal.web.rendering import render_page
from portal.web.request import current_actor

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class ListView:
    """A list as its template sees it. columns: those shown now; choices: those that may be, each with whether
    it is.
    """

    listing: Listing
    columns: tuple[Column, ...]
    choices: tuple[tuple[Column, bool], ...]
    is_chosen: bool


def list_view(listing: Listing) -> ListView:
    """The list for whoever looks, with the columns that the address names."""
    actor, chosen = current_actor(), request.args.getlist(COLUMN)
    columns = listing.on_page(actor, chosen)
    choices = tuple((one, one in columns) for one in listing.permitted(actor))
    return ListView(listing, columns, choices, bool(chosen))


def show_list(
    listing: Listing,
    fetch: Fetch,
    template: str,
    *,
    page_only: Callable[[], Mapping[str, Any]] | None = None,
    dealer_id: int | None = None,
    **context: Any,
) -> str | Response:
    """The page of the list, its block ``results``, or the file that the address asks for.

    fetch: reads by the filter of the address. page_only: context of what stands around the rows. dealer_id:
    whose list it is at headquarters, for the audit.
    """
    if (form := export_wanted()) is not None:
        return send_list(listing, fetch, form, dealer_id=dealer_id)
    page = fetch(request.args.get("cursor"), PAGE_ROWS)
    return render_page(
        template, "results", page_only=page_only, page=page, view=list_view(listing), **context
    )
