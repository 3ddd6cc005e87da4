"""What the knowledge base adds to the portal: articles that answer what dealers ask."""

from __future__ import annotations

from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Chapter, FileOwner, Finder, Job, Look, MenuEntry
from portal.kernel.proposal_life import ProposalState
from portal.knowledge.articles import ARTICLE
from portal.knowledge.find import find_articles
from portal.knowledge.read_files import require_file_reader, require_reader
from portal.knowledge.vocabulary import KnowledgeAction, KnowledgeRight
from portal.knowledge.waiting import work

CHAPTER = Chapter("knowledge", N_("Knowledge"))
_STAFF = (KnowledgeRight.WRITE, KnowledgeRight.PUBLISH)

CAPABILITY = Capability(
    name="knowledge",
    models="portal.knowledge.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.knowledge",),
        Audience.STAFF: ("backoffice.blueprints.articles",),
    },
    resources=("portal.blueprints.api.knowledge", "backoffice.api.knowledge"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.SERVICE,
            "knowledge.index",
            N_("Knowledge"),
            "notes",
            (KnowledgeRight.READ,),
        ),
        MenuEntry(Audience.STAFF, Job.SERVICE, "articles.index", N_("Knowledge"), "notes", _STAFF),
    ),
    rights={
        KnowledgeRight.READ: DEALER_ROLES,
        KnowledgeRight.WRITE: frozenset({Role.QUALITY, Role.ORDER_DESK, Role.CHANNEL_MANAGER}),
        KnowledgeRight.PUBLISH: frozenset({Role.QUALITY, Role.CHANNEL_MANAGER}),
    },
    statuses={
        "knowledge article": {
            ProposalState.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
            ProposalState.SUBMITTED: Look(N_("Submitted"), "amber", "clock"),
            ProposalState.APPROVED: Look(N_("Approved"), "blue", "circle-check"),
            ProposalState.PUBLISHED: Look(N_("Published"), "green", "checks"),
            ProposalState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "ban"),
        },
    },
    actions=KnowledgeAction,
    refusals={
        "uq_knowledge_version_open": Conflict(
            "edited_meanwhile",
            N_("Somebody else has begun the next version meanwhile."),
            fix=N_("Open it again and go on from there."),
        ),
        "TL058": Conflict("published", N_("A published version of an article never changes.")),
    },
    work=work,
    lists=("knowledge", "articles"),
    finders=(
        Finder(Audience.DEALERS, N_("Knowledge"), "notes", (KnowledgeRight.READ,), find_articles),
        Finder(Audience.STAFF, N_("Knowledge"), "notes", _STAFF, find_articles),
    ),
    file_owners={ARTICLE: FileOwner(require_reader, is_shared=True, require_file_reader=require_file_reader)},
    help={Audience.STAFF: ("knowledge",)},
)
