"""What headquarters does with service requests."""

from __future__ import annotations

from pydantic import Field

from portal.blueprints.api.schemas.service import ServiceKindName, SeverityName
from portal.kernel.errors import N_
from portal.service.rules import FILES_MAX, TEXT_MAX
from portal.web.api.fields import Code, Shape, Text


class ServiceAssignmentBody(Shape, about=N_("To whom it goes; without `assignee` the rules choose.")):
    assignee: Text | None = Field(
        None, max_length=254, description=N_("Email of somebody who serves this dealer.")
    )


class ServiceTextBody(Shape, about=N_("What is said, and files that come with it.")):
    text: Text = Field(max_length=TEXT_MAX)
    files: list[Code] = Field(default=[], max_length=FILES_MAX, description=N_("Ids of uploaded files."))


class ServiceSortingBody(Shape, about=N_("What kind it is, and how pressing.")):
    kind: ServiceKindName
    severity: SeverityName


class ServiceMergingBody(Shape, about=N_("In which request of the same dealer it goes on.")):
    into: Code
