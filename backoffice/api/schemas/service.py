"""What headquarters does with service requests."""

from __future__ import annotations

from pydantic import Field

from portal.blueprints.api.schemas.service import ServiceKindName, SeverityName
from portal.kernel.errors import N_
from portal.web.api.fields import Code, Shape, Text


class ServiceAssignmentBody(Shape, about=N_("To whom it goes; without `assignee` the rules choose.")):
    assignee: Text | None = Field(
        None, max_length=254, description=N_("Email of somebody who serves this dealer.")
    )


class ServiceSortingBody(Shape, about=N_("What kind it is, and how pressing.")):
    kind: ServiceKindName
    severity: SeverityName


class ServiceMergingBody(Shape, about=N_("In which request of the same dealer it goes on.")):
    into: Code
