"""The document of roles and rights is that of the manifests."""

from __future__ import annotations

from assets import make_rights
from portal.identity.rules import Role, rights_of
from portal.kernel.registry import registry
from portal.web.rights_matrix import matrix


def test_the_document_is_that_of_the_manifests():
    assert make_rights.RIGHTS.read_text(encoding="utf-8") == make_rights.rights(), (
        "run: .venv/bin/python -m assets.make_rights"
    )


def test_the_matrix_has_every_right_of_every_role():
    """As sign-in gives them, not as the document is made."""
    rows = [*matrix(of_dealer=False), *matrix(of_dealer=True)]
    for role in Role:
        shown = {row.right for row in rows if role in row.roles}
        assert shown == rights_of([role], registry().rights)


def test_who_does_not_approve_alone_is_found_through_the_proposals_too():
    document = make_rights.rights()
    for verb in ("portal/ledger/decide_correction.py", "portal/rebates/decide_amendment.py"):
        assert verb in document
