"""Who signs claims: read, proposed by one person of finance and decided on by another."""

from __future__ import annotations

from typing import Any

from backoffice.api.schemas.claim_chains import ChainBody, ChainDecisionBody, ChainList, ChainShape
from portal.claims.chains import Chain, chain_of, chains, decide_chain, propose_chain
from portal.claims.rules import Approver, ChainStep, ClaimKind
from portal.claims.vocabulary import ClaimRight
from portal.kernel import clock
from portal.kernel.errors import N_, NotFound
from portal.web.api.operations import HEADQUARTERS, operation
from portal.web.request import current_actor, current_session

READERS = (ClaimRight.MANAGE, ClaimRight.FINANCE)
SETTERS = (ClaimRight.FINANCE,)


@operation(
    "GET",
    "/hq/rebates/claim-chains",
    tag=HEADQUARTERS,
    rights=READERS,
    answers=ChainList,
    summary=N_("Who signs claims"),
    about=N_("By kind of claim. A claim keeps the chain it was submitted under."),
)
def index() -> dict[str, Any]:
    return {"items": [_shown(one) for one in chains(current_session())], "next_cursor": None}


@operation(
    "POST",
    "/hq/rebates/claim-chains/<chain_kind>/proposal",
    tag=HEADQUARTERS,
    rights=SETTERS,
    body=ChainBody,
    answers=ChainShape,
    creates=True,
    conflicts=True,
    summary=N_("Propose who signs a kind of claim"),
    about=N_("It holds when another person of finance agrees, for claims submitted from then on."),
)
def propose(chain_kind: str, body: ChainBody) -> dict[str, Any]:
    kind = _kind(chain_kind)
    propose_chain(
        current_session(),
        actor=current_actor(),
        kind=kind,
        revision=body.revision,
        steps=[ChainStep(one.above, Approver(one.approver)) for one in body.steps],
        reason=body.reason,
        at=clock.now(),
    )
    return _shown(chain_of(current_session(), kind))


@operation(
    "POST",
    "/hq/rebates/claim-chains/<chain_kind>/decision",
    tag=HEADQUARTERS,
    rights=SETTERS,
    body=ChainDecisionBody,
    answers=ChainShape,
    creates=True,
    conflicts=True,
    summary=N_("Decide on who shall sign a kind of claim"),
    about=N_("Not by who proposed it."),
)
def decide(chain_kind: str, body: ChainDecisionBody) -> dict[str, Any]:
    kind = _kind(chain_kind)
    decide_chain(
        current_session(),
        actor=current_actor(),
        kind=kind,
        approve=body.decision == "approve",
        note=body.reason,
        at=clock.now(),
    )
    return _shown(chain_of(current_session(), kind))


def _kind(name: str) -> ClaimKind:
    """A kind of claim. Raises NotFound."""
    if name not in list(ClaimKind):
        raise NotFound()
    return ClaimKind(name)


def _shown(one: Chain) -> dict[str, Any]:
    waiting = one.waiting
    return {
        "kind": str(one.kind),
        "revision": one.revision,
        "steps": _steps(one.steps),
        "waiting": waiting
        and {
            "steps": _steps(waiting.steps),
            "reason": waiting.reason,
            "proposed_by": waiting.proposed_by_label,
            "proposed_at": waiting.proposed_at,
        },
    }


def _steps(steps: tuple[ChainStep, ...]) -> list[dict[str, Any]]:
    return [{"above": one.above, "approver": str(one.approver)} for one in steps]
