"""What files add to the portal: uploads, addresses that hand them out, and the API's part of both."""

from __future__ import annotations

from datetime import timedelta

from portal.files.preview_file import TOPIC
from portal.files.remove_draft import KEPT
from portal.files.vocabulary import FileAction, FileRight
from portal.identity.rules import DEALER_ROLES, STAFF_ROLES
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Chapter, Recurring, Topic

CHAPTER = Chapter("files", N_("Files"))

CAPABILITY = Capability(
    name="files",
    models="portal.files.models",
    pages={Audience.SIGNED_IN: ("portal.blueprints.files",)},
    resources=("portal.blueprints.api.files",),
    chapters=(CHAPTER,),
    rights={FileRight.WRITE: DEALER_ROLES, FileRight.DESK: STAFF_ROLES},
    actions=FileAction,
    topics={TOPIC: Topic("jobs.files.preview")},
    schedule=(Recurring("jobs.files.sweep", every=timedelta(hours=6)),),
    refusals={"TL037": Conflict("file_kept", KEPT)},
    owned={"files": "file", "uploads": "upload"},
)
