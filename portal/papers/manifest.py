"""What papers of dealers add to the portal: filings and reviews, authorisations, what expires, reminders."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict, Forbidden
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    FileOwner,
    Job,
    Look,
    MenuEntry,
    Recurring,
)
from portal.notifications.rules import ByMail
from portal.papers import vocabulary
from portal.papers.read_files import OWNER_KIND, require_reader
from portal.papers.rules import AuthorisationState, PaperState
from portal.papers.vocabulary import PaperAction, PaperRight
from portal.papers.waiting import work

CHAPTER = Chapter("papers", N_("Papers"))
_OWNERS = frozenset({Role.DEALER_OWNER})
_FILERS = frozenset({Role.DEALER_OWNER, Role.DEALER_BUYER})
_DESK = frozenset({Role.QUALITY, Role.CHANNEL_MANAGER})

CAPABILITY = Capability(
    name="papers",
    models="portal.papers.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.papers",),
        Audience.STAFF: ("backoffice.blueprints.papers", "backoffice.blueprints.authorisations"),
    },
    resources=("portal.blueprints.api.papers", "backoffice.api.papers", "backoffice.api.authorisations"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.ORDERING,
            "papers.index",
            N_("Licences and papers"),
            "certificate",
            (PaperRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PARTNERS,
            "papers_desk.index",
            N_("Papers of dealers"),
            "certificate",
            (PaperRight.DESK,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PARTNERS,
            "authorisations_desk.index",
            N_("Sales authorisations"),
            "map-pin",
            (PaperRight.DESK,),
        ),
    ),
    rights={
        PaperRight.READ: _FILERS | {Role.DEALER_FINANCE},
        PaperRight.FILE: _FILERS,
        PaperRight.DESK: _DESK | {Role.ORDER_DESK},
        PaperRight.REVIEW: frozenset({Role.QUALITY}),
        PaperRight.AUTHORISE: frozenset({Role.CHANNEL_MANAGER}),
        PaperRight.APPROVE: _DESK,
    },
    statuses={
        "paper": {
            PaperState.FILED: Look(N_("Waits for review"), "amber", "clock"),
            PaperState.ACCEPTED: Look(N_("Paper accepted"), "green", "circle-check"),
            PaperState.REFUSED: Look(N_("Paper refused"), "red", "ban"),
            PaperState.WITHDRAWN: Look(N_("Paper withdrawn"), "grey", "x"),
            PaperState.REPLACED: Look(N_("Renewed"), "grey", "history"),
            PaperState.REVOKED: Look(N_("Paper revoked"), "red", "circle-x"),
        },
        "authorisation": {
            AuthorisationState.PROPOSED: Look(N_("To be approved"), "amber", "clock"),
            AuthorisationState.IN_FORCE: Look(N_("Approved"), "green", "circle-check"),
            AuthorisationState.REJECTED: Look(N_("Rejected"), "red", "ban"),
            AuthorisationState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "x"),
            AuthorisationState.ENDED: Look(N_("Ended early"), "grey", "history"),
        },
    },
    actions=PaperAction,
    tells={
        vocabulary.FILED: Event(
            N_("Papers of dealers to review"), Audience.STAFF, frozenset({Role.QUALITY}), ByMail.DIGEST
        ),
        vocabulary.DECIDED: Event(N_("Papers reviewed"), Audience.DEALERS, _FILERS),
        vocabulary.EXPIRING: Event(N_("Papers expiring soon"), Audience.DEALERS, _OWNERS, is_mandatory=True),
        vocabulary.EXPIRING_DESK: Event(
            N_("Papers of dealers expiring soon"), Audience.STAFF, _DESK, ByMail.DIGEST
        ),
        vocabulary.AUTHORISATION_PROPOSED: Event(
            N_("Authorisations to decide on"), Audience.STAFF, _DESK, ByMail.DIGEST
        ),
        vocabulary.AUTHORISATION_CHANGED: Event(
            N_("Sales authorisations changed"), Audience.DEALERS, _FILERS
        ),
    },
    topics={vocabulary.DECIDED: TOLD, vocabulary.AUTHORISATION_CHANGED: TOLD},
    emits={
        vocabulary.DECIDED: Emitted(
            N_("A paper of the dealer was reviewed, or revoked"),
            (PaperRight.READ,),
            ("/papers/{number}", "/hq/papers/{number}"),
        ),
        vocabulary.AUTHORISATION_CHANGED: Emitted(
            N_("A sales authorisation begins, or was ended"),
            (PaperRight.READ,),
            ("/authorisations", "/hq/authorisations/{number}"),
        ),
    },
    schedule=(Recurring("jobs.papers.remind", every=timedelta(hours=1)),),
    refusals={
        "uq_dealer_paper_standing": Conflict(
            "paper_filed",
            N_("This paper with this first day is filed or accepted already."),
            fix=N_("Look at your papers."),
        ),
        "ck_dealer_paper_other_person": Forbidden(
            "same_person",
            N_("You asked for this yourself. Another person decides on it."),
            fix=N_("Ask a colleague."),
        ),
        "TL115": Forbidden("headquarters_decides", N_("Headquarters decides on papers.")),
        "TL116": Conflict("paper_state", N_("It is not in a state that allows this.")),
        "TL117": Conflict("authorisation_state", N_("It is not in a state that allows this.")),
    },
    owned={"papers": "paper", "authorisations": "authorisation"},
    lists=(
        "papers",
        "papers-desk",
        "papers-expiring",
        "papers-expiring-desk",
        "certificates-expiring",
        "authorisations",
        "authorisations-desk",
    ),
    file_owners={OWNER_KIND: FileOwner(require_reader)},
    work=work,
    help={Audience.STAFF: ("papers",), Audience.DEALERS: ("papers",)},
)
