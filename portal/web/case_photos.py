"""Photos of a case, on both sides: those of its delivery, its own, and the form that adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.deliveries.case_queries import Case
from portal.deliveries.photos import CASE, PROOF
from portal.deliveries.rules import CaseState
from portal.files.attach import files_of, uploaded_files
from portal.files.rules import Owner
from portal.kernel.errors import DomainError
from portal.web.presentation import in_full
from portal.web.request import current_actor, current_session


def photos_context(
    found: Case, sent: Sequence[str] = (), refusal: DomainError | None = None
) -> dict[str, Any]:
    """What `photos_of` of the template shows. sent: ids of the form, when it is shown again."""
    session = current_session()
    faults = refusal.faults if refusal else ()
    return {
        "is_decided": found.state in (CaseState.SETTLED, CaseState.REJECTED),
        "proof_photos": files_of(session, Owner(PROOF, found.shipment)),
        "photos": files_of(session, Owner(CASE, found.number)),
        "files": uploaded_files(session, actor=current_actor(), ids=sent),
        "file_errors": [in_full(one) for one in faults if one.pointer.startswith("/file")],
    }
