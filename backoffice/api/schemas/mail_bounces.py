"""What mail servers say of letters that they could not deliver."""

from __future__ import annotations

from pydantic import Field

from portal.kernel.errors import N_
from portal.notifications.bounces import MESSAGE_MAX
from portal.web.api.fields import Shape, Text, Whole


class BounceBody(Shape, about=N_("A report of a mail server (RFC 3464).")):
    message: Text = Field(max_length=MESSAGE_MAX, description=N_("The whole message, with its head."))


class BouncesRead(Shape, about=N_("What the report led to.")):
    suspended: Whole = Field(description=N_("Addresses to which nothing is sent any more."))
