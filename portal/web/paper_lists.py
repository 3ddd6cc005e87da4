"""Lists of papers, authorisations and what expires, as both sides show them."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.papers import authorisation_queries, queries
from portal.papers.words import EXPIRING_KINDS, KINDS
from portal.web.listing.declaration import Column, Kind, Listing

_DEALER = (
    Column("dealer", N_("Dealer"), Kind.NAME, css="cell-wide", width="c-20"),
    Column("dealer_code", N_("Dealer code"), Kind.CODE, shown=False, width="c-12"),
    Column("region", N_("Region"), Kind.NAME, shown=False, width="c-12"),
)


def papers(name: str, *, of_desk: bool) -> Listing:
    """The list of papers."""
    return Listing(
        name,
        N_("Papers of dealers") if of_desk else N_("Licences and papers"),
        (
            Column("paper_no", N_("Number on the paper"), css="cell-wide"),
            Column("number", N_("Our number"), Kind.CODE, shown=False, width="c-18"),
            Column("kind", N_("Kind"), Kind.WORD, words=KINDS, width="c-18"),
            Column("state", N_("Status"), Kind.STATUS, status="paper", width="c-12", css="cell-corner"),
            *(_DEALER if of_desk else ()),
            Column("valid_from", N_("Valid from"), Kind.DATE, width="c-12", shown=not of_desk),
            Column("valid_to", N_("Valid until"), Kind.DATE, width="c-12", empty=N_("No expiry")),
            Column("ended_on", N_("Counted until"), Kind.DATE, shown=False, width="c-12"),
            Column("issuer", N_("Issuing authority"), shown=False, width="c-18"),
            Column("filed_at", N_("Filed at"), Kind.MOMENT, width="c-15", is_sortable=True),
            Column("filed_by_label", N_("Filed by"), shown=False, width="c-12"),
            Column("decided_by_label", N_("Reviewed by"), shown=False, width="c-12"),
            Column("decided_at", N_("Reviewed at"), Kind.MOMENT, shown=False, width="c-15"),
        ),
        sort=str(queries.LATEST_FIRST),
    )


def expiring(name: str, *, of_desk: bool) -> Listing:
    """The list of what expires."""
    return Listing(
        name,
        N_("What expires"),
        (
            Column("number", N_("Number"), css="cell-wide"),
            Column("paper_no", N_("Number on the paper"), Kind.CODE, shown=False, width="c-20"),
            Column("kind", N_("Kind"), Kind.WORD, words=EXPIRING_KINDS, width="c-18"),
            *(_DEALER if of_desk else ()),
            Column("ends_on", N_("Valid until"), Kind.DATE, width="c-12"),
            Column("days_left", N_("Days left"), Kind.QUANTITY, width="c-8"),
            Column("is_renewed", N_("Renewal under way"), Kind.FLAG, width="c-10"),
        ),
    )


def authorisations(name: str, *, of_desk: bool) -> Listing:
    """The list of authorisations."""
    return Listing(
        name,
        N_("Sales authorisations"),
        (
            Column("number", N_("Authorisation"), Kind.CODE, width="c-18"),
            Column(
                "state", N_("Status"), Kind.STATUS, status="authorisation", width="c-12", css="cell-corner"
            ),
            *(_DEALER[:2] if of_desk else ()),
            Column("region", N_("Region"), Kind.NAME, width="c-10"),
            Column("categories", N_("Product lines"), width="c-10", empty=N_("All")),
            Column("named_hospitals", N_("Hospitals"), width="c-10", empty=N_("All")),
            Column("is_exclusive", N_("Exclusive"), Kind.FLAG, width="c-8", shown=of_desk),
            Column("valid_from", N_("Valid from"), Kind.DATE, width="c-12", shown=not of_desk),
            Column("counts_until", N_("Valid until"), Kind.DATE, width="c-12", empty=N_("No expiry")),
            Column(
                "proposed_at", N_("Proposed at"), Kind.MOMENT, width="c-15", is_sortable=True, shown=False
            ),
            Column("proposed_by_label", N_("Proposed by"), shown=False, width="c-12"),
        ),
        sort=str(authorisation_queries.LATEST_FIRST),
    )
