"""The names that others use of complaints: acts of the audit, effects."""

from __future__ import annotations

from enum import StrEnum

from portal.nonconforming.vocabulary import QualityRight
from portal.service.vocabulary import STAFF, ServiceRight

READERS = (QualityRight.DECIDE, *STAFF)
"""Any of them opens a complaint at headquarters."""
PROPOSERS = (QualityRight.DECIDE, ServiceRight.DESK)
"""Any of them triages; only what quality says is decided."""

EVENT_OPENED = "complaint.event_opened"
"""To quality: an adverse event, whose clock runs."""
EVENT_WARNED = "complaint.event_warned"
"""To quality: the time of an adverse event runs out, or has."""
REPORT_SUBMITTED = "complaint.report_submitted"
"""Have the paper of a submitted report made."""


class ComplaintAction(StrEnum):
    """What the audit tells, named ``subject:act``. Never what was written of a patient."""

    TRIAGED = "complaint:triaged"
    HANDLED = "complaint:handled"
    CLOSED = "complaint:closed"
    EVENT_OPENED = "adverse_event:opened"
    EVENT_CLASSED = "adverse_event:classed"
    NOTICE_GIVEN = "adverse_event:notice_given"
    REPORT_WRITTEN = "adverse_event:report_written"
    REPORT_SUBMITTED = "adverse_event:report_submitted"
    REPORT_DOWNLOADED = "adverse_event:report_downloaded"
    EVENT_CLOSED = "adverse_event:closed"
    EVENT_DISMISSED = "adverse_event:dismissed"
    TERMS_SET = "complaint_terms:set"
