"""What the bank adds to the portal: statements read, bookings matched with what dealers owe."""

from __future__ import annotations

from portal.bank.books_rules import BookingState, FileState
from portal.bank.vocabulary import BankAction
from portal.bank.waiting import work
from portal.kernel.errors import N_, Conflict
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry
from portal.ledger.vocabulary import LedgerRight

CAPABILITY = Capability(
    name="bank",
    models="portal.bank.models",
    pages={Audience.STAFF: ("backoffice.blueprints.bank", "backoffice.blueprints.bank_files")},
    resources=("backoffice.api.bank",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.MONEY,
            "bank.queue",
            N_("Bank bookings"),
            "cash",
            (LedgerRight.READ, LedgerRight.POST),
        ),
    ),
    statuses={
        "bank booking": {
            BookingState.WAITING: Look(N_("To be matched"), "amber", "hourglass"),
            BookingState.MATCHED: Look(N_("Matched"), "green", "circle-check"),
            BookingState.ASIDE: Look(N_("Set aside"), "grey", "x"),
            BookingState.NOT_OURS: Look(N_("Nothing of a dealer's"), "grey", "minus"),
        },
        "bank file": {
            FileState.DRAFT: Look(N_("Asks something"), "amber", "hourglass"),
            FileState.TAKEN: Look(N_("Taken in"), "green", "circle-check"),
        },
    },
    actions=BankAction,
    refusals={
        "uq_bank_file_taken": Conflict("already_taken", N_("This file has been taken in already.")),
        "uq_bank_match_live": Conflict("already_matched", N_("This booking has been matched already.")),
        "uq_bank_match_payment": Conflict(
            "already_linked", N_("Another booking is matched with this payment.")
        ),
        "TL070": Conflict("bank_stands", N_("What a bank said never changes.")),
        "TL071": Conflict("match_differs", N_("A booking is matched exactly while a match of it stands.")),
    },
    lists=("bank-files", "bank-queue"),
    work=work,
    help={Audience.STAFF: ("bank",)},
)
