"""What identity adds to the portal: signing in, the own account, the API's documentation."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.identity.vocabulary import IdentityAction, IdentityRight
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Chapter

CHAPTER = Chapter("identity", N_("Identity"))

CAPABILITY = Capability(
    name="identity",
    models="portal.identity.models",
    pages={
        Audience.EVERYBODY: (
            "portal.blueprints.issuer",
            "portal.blueprints.account",
            "portal.blueprints.api.docs",
        )
    },
    resources=("portal.blueprints.api.me",),
    chapters=(CHAPTER,),
    rights={IdentityRight.ADMINISTER: frozenset({Role.ADMINISTRATOR})},
    actions=IdentityAction,
    help={Audience.DEALERS: ("api",), Audience.STAFF: ("api",)},
)
