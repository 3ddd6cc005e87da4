"""What statements add to the portal: the month close and its papers."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import (
    TOLD,
    Audience,
    Capability,
    Emitted,
    Event,
    Finder,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
    Topic,
)
from portal.ledger.find import find_own_invoices
from portal.ledger.rules import PeriodState
from portal.ledger.vocabulary import LedgerRight
from portal.statements.clause import CONFIRMED_BY_CLAUSE, NOTICED
from portal.statements.correct_statement import CORRECTED
from portal.statements.ensure_pdf import PAPER_ASKED
from portal.statements.find import find_statements
from portal.statements.propose_close import PROPOSED
from portal.statements.rules import StatementState, VersionState
from portal.statements.vocabulary import StatementAction, StatementRight
from portal.statements.waiting import work

CAPABILITY = Capability(
    name="statements",
    models="portal.statements.models",
    pages={
        Audience.EVERYBODY: ("portal.blueprints.verify",),
        Audience.DEALERS: ("portal.blueprints.statements", "portal.blueprints.invoices"),
        Audience.STAFF: (
            "backoffice.blueprints.closing",
            "backoffice.blueprints.statement_corrections",
            "backoffice.blueprints.clauses",
        ),
    },
    resources=(
        "portal.blueprints.api.statements",
        "backoffice.api.period_closes",
        "backoffice.api.statement_corrections",
        "backoffice.api.clauses",
    ),
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
            Audience.DEALERS,
            Job.MONEY,
            "invoices.index",
            N_("Invoices"),
            "file-invoice",
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
        StatementRight.CONFIRM: frozenset({Role.DEALER_FINANCE, Role.DEALER_OWNER}),
        StatementRight.CLOSE: frozenset({Role.HQ_FINANCE}),
    },
    statuses={
        "statement": {
            StatementState.ISSUED: Look(N_("Issued"), "blue", "file-check"),
            StatementState.DISPUTED: Look(N_("Disputed"), "amber", "alert-triangle"),
            StatementState.RESOLVED: Look(N_("Answered"), "violet", "mail"),
            StatementState.CONFIRMED: Look(N_("Confirmed"), "green", "circle-check"),
        },
        "close": {
            PeriodState.OPEN: Look(N_("Not closed"), "grey", "lock-open"),
            PeriodState.CLOSING: Look(N_("Being closed"), "amber", "hourglass"),
            PeriodState.CLOSED: Look(N_("Month closed"), "green", "lock"),
        },
        "statement correction": {
            VersionState.PROPOSED: Look(N_("To be approved"), "amber", "clock"),
            VersionState.APPROVED: Look(N_("Approved"), "green", "circle-check"),
            VersionState.REJECTED: Look(N_("Rejected"), "grey", "x"),
        },
    },
    actions=StatementAction,
    tells={
        "statement.issued": Event(
            N_("Statements"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE}), is_mandatory=True
        ),
        CORRECTED: Event(
            N_("Corrected statements"), Audience.DEALERS, frozenset({Role.DEALER_FINANCE}), is_mandatory=True
        ),
        NOTICED: Event(
            N_("Statements that a clause will confirm"),
            Audience.DEALERS,
            frozenset({Role.DEALER_FINANCE}),
            is_mandatory=True,
        ),
        CONFIRMED_BY_CLAUSE: Event(
            N_("Statements that a clause has confirmed"),
            Audience.DEALERS,
            frozenset({Role.DEALER_FINANCE}),
            is_mandatory=True,
        ),
        PROPOSED: Event(N_("Months that can be closed"), Audience.STAFF, frozenset({Role.HQ_FINANCE})),
    },
    topics={
        "statement.issued": Topic("jobs.mail.statement_issued"),
        "statement.confirmed": TOLD,
        "statements.close": Topic("jobs.statements.start"),
        CORRECTED: Topic("jobs.mail.statement_corrected"),
        "statements.papers": Topic("jobs.statements.papers"),
        PAPER_ASKED: Topic("jobs.statements.paper"),
    },
    emits={
        "invoice.issued": Emitted(
            N_("An invoice was issued"), (StatementRight.READ,), ("/invoices/{number}", "/invoices/{number}")
        ),
        "payment.received": Emitted(
            N_("A payment was booked"), (StatementRight.READ,), ("/ledger", "/hq/payments/{number}")
        ),
        "statement.issued": Emitted(
            N_("A month's statement was issued"),
            (StatementRight.READ,),
            ("/statements/{number}", "/statements/{number}"),
        ),
        CORRECTED: Emitted(
            N_("A statement was corrected: a new version"),
            (StatementRight.READ,),
            ("/statements/{number}", "/statements/{number}"),
        ),
        "statement.confirmed": Emitted(
            N_("A statement was confirmed"),
            (StatementRight.READ,),
            ("/statements/{number}", "/statements/{number}"),
        ),
    },
    schedule=(
        Recurring("jobs.statements.sweep", every=timedelta(seconds=30), is_urgent=True),
        Recurring("jobs.clauses.carry_out", every=timedelta(hours=6)),
        Recurring("jobs.clauses.propose", every=timedelta(hours=6)),
    ),
    refusals={
        "TL080": Conflict("already_decided", N_("This was decided on already.")),
        "TL081": Conflict("statement_superseded", N_("A corrected version has been issued.")),
        "uq_statement_correction_proposed": Conflict(
            "correction_waiting", N_("A correction of this statement waits for a decision.")
        ),
        "TL074": Conflict("statement_confirmed", N_("This statement is confirmed; its figures stand.")),
    },
    help={Audience.DEALERS: ("statements",), Audience.STAFF: ("statements",)},
    owned={"statements": "statement", "statement-corrections": "statement"},
    work=work,
    lists=("statements", "month-statements", "invoices"),
    finders=(
        Finder(Audience.DEALERS, N_("Invoices"), "file-invoice", (StatementRight.READ,), find_own_invoices),
        Finder(Audience.DEALERS, N_("Statements"), "file-text", (StatementRight.READ,), find_statements),
        Finder(Audience.STAFF, N_("Statements"), "file-text", (LedgerRight.READ,), find_statements),
    ),
    personal=(Personal("statement_answer", ("signed_name",)),),
)
