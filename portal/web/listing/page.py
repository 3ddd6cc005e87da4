"""A list as a page: its rows, what it can be narrowed to, and the same rows as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel.formats import MISSING
from portal.kernel.paging import COUNTED_MAX
from portal.web.listing.declaration import Column, Listing
from portal.web.listing.export import COLUMN, Fetch, export_wanted, filters_of_address, send_list
from portal.web.rendering import render_page
from portal.web.request import current_actor, request

PAGE_ROWS = 50
SORT = "sort"


@dataclass(frozen=True, slots=True)
class ListView:
    """A list as its template sees it.

    name: by which its views are kept. columns: those shown now. choices: those that may be, each with whether
    it is shown. chosen: keys that the address names. filters: what else it says, but for the page. sort: the
    order, a key with ``-`` before it for from the end. count: rows of the filter, one more than
    `paging.COUNTED_MAX` for any number beyond; None where nobody counts them.
    """

    name: str
    columns: tuple[Column, ...]
    choices: tuple[tuple[Column, bool], ...]
    chosen: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    sort: str = ""
    count: int | None = None

    @property
    def sort_said(self) -> str:
        """The order if the address names one."""
        return dict(self.filters).get(SORT, "")

    @property
    def is_counted(self) -> bool:
        """Whether `count` is the number of rows, and not only what there is at least."""
        return self.count is not None and self.count <= COUNTED_MAX

    @property
    def counted_max(self) -> int:
        """How far rows are counted."""
        return COUNTED_MAX

    def label(self, column: Column) -> str:
        """The head of a column."""
        return gettext(column.label)

    def empty(self, column: Column) -> str:
        """What stands where a column has no value."""
        return gettext(column.empty) if column.empty else MISSING

    def word(self, column: Column, value: object) -> str:
        """The word of a column for a value."""
        return gettext(column.words[value])


def sort_of_address(listing: Listing) -> str:
    """How the address wants the list sorted."""
    return listing.sorted_by(request.args.get(SORT, ""))


def list_view(listing: Listing, count: int | None = None) -> ListView:
    """The list for whoever looks, with the columns that the address names."""
    actor, chosen = current_actor(), tuple(request.args.getlist(COLUMN))
    columns = listing.on_page(actor, chosen)
    choices = tuple((one, one in columns) for one in listing.permitted(actor))
    filters = tuple(filters_of_address())
    return ListView(listing.name, columns, choices, chosen, filters, sort_of_address(listing), count)


def show_list(
    listing: Listing,
    fetch: Fetch,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    page_only: Callable[[], Mapping[str, Any]] | None = None,
    count: Callable[[], int] | None = None,
    dealer_id: int | None = None,
) -> str | Response:
    """The page of the list, its block ``results``, or the file that the address asks for.

    fetch: reads by the filter of the address. context: what the rows need besides. page_only: context of what
    stands around the rows. count: of the rows, asked where they do not all stand on the page. dealer_id:
    whose list it is at headquarters, for the audit.
    """
    if (form := export_wanted()) is not None:
        return send_list(listing, fetch, form, dealer_id=dealer_id)
    cursor = request.args.get("cursor")
    page = fetch(cursor, PAGE_ROWS)
    is_whole = cursor is None and page.next_cursor is None
    view = list_view(listing, len(page.items) if is_whole else count() if count is not None else None)
    return render_page(template, "results", page_only=page_only, page=page, view=view, **(context or {}))
