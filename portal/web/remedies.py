"""Where somebody goes to mend what is wrong with an order: the page of the paper that blocks it."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext

from portal.kernel.errors import Fault
from portal.papers.vocabulary import PaperRight
from portal.web.request import current_actor

_AUTHORISATIONS = frozenset({"region_not_authorised", "line_not_authorised", "hospital_not_authorised"})
_ON_PAPER = _AUTHORISATIONS | {"licence", "registration"}


class Remedy(NamedTuple):
    """A link behind what is wrong."""

    address: str
    label: str


def remedy_of(fault: Fault) -> Remedy | None:
    """The page on which whoever looks renews or reviews what a fault names; None where there is none."""
    if fault.code not in _ON_PAPER:
        return None
    actor = current_actor()
    if fault.code == "licence":
        paper_no = str(fault.params.get("paper", ""))
        if actor.may(PaperRight.FILE):
            kind = str(fault.params.get("kind", ""))
            address = url_for("papers.new", kind=kind or None, paper_no=paper_no or None)
            return Remedy(address, gettext("Renew it"))
        if actor.may(PaperRight.DESK):
            return Remedy(url_for("papers_desk.index", q=paper_no or None), gettext("Look at its papers"))
    if fault.code == "registration" and actor.may(PaperRight.DESK):
        return Remedy(url_for("papers_desk.certificates"), gettext("Look at the certificates"))
    if fault.code in _AUTHORISATIONS:
        if actor.may(PaperRight.READ):
            return Remedy(url_for("papers.authorisations"), gettext("Look at your authorisations"))
        if actor.may(PaperRight.DESK):
            return Remedy(url_for("authorisations_desk.index"), gettext("Look at the authorisations"))
    return None
