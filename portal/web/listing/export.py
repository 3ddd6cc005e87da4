"""The list of a page as a file: every row of its filter, in the language of whoever asks.

The file is complete before the answer begins, in the transaction that reads the rows: what fails on the way
is answered as a failure, and the audit tells of files that were made. Rows go to a temporary file without a
name, page by page, so memory holds one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from flask import send_file
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.kernel import clock
from portal.kernel.errors import N_
from portal.kernel.paging import Page
from portal.lists.record_export import record_export
from portal.web.download_audit import undo_unsent_download
from portal.web.listing.cells import Cell, cell_of
from portal.web.listing.declaration import Column, Listing
from portal.web.listing.files import WRITERS, Head
from portal.web.presentation import in_language, unit
from portal.web.request import current_actor, current_session, portal, request
from portal.web.status_looks import status_look

Fetch = Callable[[str | None, int], Page[Any]]
"""A page of rows: from a cursor, at most so many."""

EXPORT = "export"
COLUMN = "column"
PAGE_ROWS = 1000
_NOT_FILTERS = frozenset({EXPORT, COLUMN, "cursor"})
_WORDS_KEPT = 4096


class RowsOfFilter:
    """Every row, page by page, as far as `most`. After the last, `count` rows were given; `is_cut` if there
    are more.
    """

    def __init__(self, fetch: Fetch, most: int) -> None:
        self._fetch, self._most = fetch, most
        self.count = 0
        self.is_cut = False

    def __iter__(self) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = self._fetch(cursor, min(PAGE_ROWS, self._most - self.count))
            self.count += len(page.items)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return
            if self.count >= self._most:
                self.is_cut = True
                return


class WordsOfVisitor:
    """What cells say to the visitor. A word is looked up once a file."""

    def __init__(self) -> None:
        self.say = lru_cache(_WORDS_KEPT)(gettext)
        self.unit = lru_cache(_WORDS_KEPT)(unit)
        self.status = lru_cache(_WORDS_KEPT)(lambda kind, state: str(status_look(kind, state).label))
        self.name = in_language


def export_wanted(*more: str) -> str | None:
    """The form in which the address asks for the list, if it does.

    more: forms that the list has besides those of every list.
    """
    wanted = request.args.get(EXPORT)
    return wanted if wanted in WRITERS or wanted in more else None


def filters_of_address() -> Iterator[tuple[str, str]]:
    """What the address narrows the list to."""
    return ((name, value) for name, value in request.args.items() if value and name not in _NOT_FILTERS)


def send_list(listing: Listing, fetch: Fetch, form: str, *, dealer_id: int | None = None) -> Response:
    """The file, and its note in the audit. Raises TooManyRequests.

    dealer_id: whose list it is, unless the actor's own dealer's.
    """
    most = portal().settings.export_rows_max
    columns = listing.in_file(current_actor(), request.args.getlist(COLUMN))
    write, media_type = WRITERS[form]
    title = gettext(listing.title)

    def make(file: BinaryIO) -> int:
        rows = RowsOfFilter(fetch, most)
        head = Head(title, tuple((gettext(one.label), one.kind) for one in columns))
        write(file, head, _cells(columns, rows), lambda: _note(rows, most))
        return rows.count

    return send_made(make, listing.name, form=form, title=title, media_type=media_type, dealer_id=dealer_id)


def send_made(
    make: Callable[[BinaryIO], int],
    listing: str,
    *,
    form: str,
    title: str,
    media_type: str,
    dealer_id: int | None = None,
) -> Response:
    """The file that `make` writes, and its note in the audit. Raises TooManyRequests, and what `make` raises.

    make: returns how many rows it wrote. listing: name of the list. title: what the file is called.
    """
    actor = current_actor()
    portal().limits.spend(portal().settings.export_rate, "exports", actor.key)
    file = TemporaryFile(prefix="export-")  # noqa: SIM115 - the answer closes it
    try:
        rows = make(file)
        length = file.seek(0, 2)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    record_export(
        current_session(),
        actor=actor,
        listing=listing,
        form=form,
        rows=rows,
        query=dict(filters_of_address()),
        dealer_id=actor.dealer_id if dealer_id is None else dealer_id,
    )
    response = send_file(file, mimetype=media_type, as_attachment=True, download_name=_file_name(title, form))
    response.content_length = length
    return undo_unsent_download(response)


def _cells(columns: Sequence[Column], rows: RowsOfFilter) -> Iterator[list[Cell]]:
    words, zone = WordsOfVisitor(), portal().settings.timezone
    for row in rows:
        yield [cell_of(column, row, words, zone) for column in columns]


def _note(rows: RowsOfFilter, most: int) -> str | None:
    """What stands below the last row where there are more."""
    if not rows.is_cut:
        return None
    message = N_("Only the first %(count)s rows are in this file. Narrow the filter and export again.")
    return gettext(message, count=f"{most:,}")


def _file_name(title: str, form: str) -> str:
    today = clock.business_date(clock.now(), portal().settings.timezone)
    return f"{title} {today.isoformat()}.{form}"
