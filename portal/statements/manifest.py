"""What statements add to the portal: the month close and its papers."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import (
    Audience,
    Capability,
    Emitted,
    Event,
    Finder,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.ledger.rules import PeriodState
from portal.ledger.vocabulary import LedgerRight
from portal.statements.find import find_statements
from portal.statements.vocabulary import StatementAction, StatementRight
from portal.statements.waiting import work

CAPABILITY = Capability(
    name="statements",
    models="portal.statements.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.statements",),
        Audience.STAFF: ("backoffice.blueprints.closing",),
    },
    resources=("portal.blueprints.api.statements", "backoffice.api.period_closes"),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.MONEY,
            "statements.index",
            N_("Statements"),
            "file-text",
            (StatementRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "closing.index",
            N_("Month close"),
            "calendar-check",
            (LedgerRight.READ, StatementRight.CLOSE),
        ),
    ),
    rights={
        StatementRight.READ: frozenset({Role.DEALER_FINANCE, Role.DEALER_OWNER}),
        StatementRight.CLOSE: frozenset({Role.HQ_FINANCE}),
    },
    statuses={
        "statement": {"issued": Look(N_("Issued"), "blue", "file-check")},
        "close": {
            PeriodState.OPEN: Look(N_("Not closed"), "grey", "lock-open"),
            PeriodState.CLOSING: Look(N_("Being closed"), "amber", "hourglass"),
            PeriodState.CLOSED: Look(N_("Books closed"), "green", "lock"),
        },
    },
    actions=StatementAction,
    tells={
        "statement.issued": Event(
            N_("Statements"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE}), is_mandatory=True
        ),
    },
    topics={
        "statement.issued": Topic("jobs.mail.statement_issued"),
        "statements.close": Topic("jobs.statements.start"),
    },
    emits={
        "invoice.issued": Emitted(N_("An invoice was issued"), (StatementRight.READ,), ("/invoices", None)),
        "payment.received": Emitted(
            N_("A payment was booked"), (StatementRight.READ,), ("/ledger", "/hq/payments/{number}")
        ),
        "statement.issued": Emitted(
            N_("A month's statement was issued"),
            (StatementRight.READ,),
            ("/statements/{number}", "/statements/{number}"),
        ),
    },
    schedule=(Recurring("jobs.statements.sweep", every=timedelta(seconds=30), is_urgent=True),),
    owned={"statements": "statement"},
    work=work,
    lists=("statements", "month-statements"),
    finders=(
        Finder(Audience.DEALERS, N_("Statements"), "file-text", (StatementRight.READ,), find_statements),
        Finder(Audience.STAFF, N_("Statements"), "file-text", (LedgerRight.READ,), find_statements),
    ),
)
