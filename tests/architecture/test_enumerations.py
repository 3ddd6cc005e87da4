"""An enumeration is said once, in the capability that owns it: constraints and words are made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import CheckConstraint, text

from portal.capabilities import CAPABILITIES, metadata
from portal.company.rules import CompanyAccount, CompanyEntryKind
from portal.feed.rules import LetterKind, Stage, State
from portal.files.rules import State as FileState
from portal.kernel.db import ENUMERATION
from portal.ledger.rules import DocumentKind, EntryKind, InvoiceKind, NoteTreatment
from portal.maintenance.rules import MaintenanceState, Standing
from portal.operations.rules import BackupKind
from portal.orders.lifecycle import Channel
from portal.purchasing.rules import Rhythm
from portal.regions.rules import MoveState
from portal.regions.rules import Stage as MoveStage
from portal.statements.rules import TaskState
from portal.tracking.answers.read_answer import Adapter
from portal.tracking.rules import Source
from tests.architecture import tree

CHECKS = {
    f"{table.name}.{constraint.name}": constraint
    for table in metadata.sorted_tables
    for constraint in sorted(
        (one for one in table.constraints if isinstance(one, CheckConstraint)), key=lambda one: str(one.name)
    )
}
ENUMERATIONS = dict.fromkeys(
    constraint.info[ENUMERATION] for constraint in CHECKS.values() if ENUMERATION in constraint.info
)

# What no page shows: programs read it in answers, and the audit in rows. A rhythm is shown as its days.
WORDLESS = {
    Adapter,
    BackupKind,
    Channel,
    CompanyAccount,
    CompanyEntryKind,
    FileState,
    LetterKind,
    NoteTreatment,
    Rhythm,
    Source,
    TaskState,
}
SHOWN_AS = {
    DocumentKind: EntryKind,
    InvoiceKind: EntryKind,
    MaintenanceState: Standing,
    MoveState: MoveStage,
    State: Stage,
}

_WORDS = re.compile(r"^\w+ IN \('")


@pytest.mark.only_asks
@pytest.mark.parametrize("name", CHECKS)
def test_the_database_checks_what_the_model_says(name, owner):
    table, _, constraint = name.partition(".")
    said = CHECKS[name].sqltext
    with owner.engine.connect() as connection:
        connection.execute(text(f"CREATE TEMPORARY TABLE twin (LIKE {table})"))
        connection.exec_driver_sql(f"ALTER TABLE twin ADD CONSTRAINT said CHECK ({said})")
        wanted = connection.scalar(
            text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conrelid = 'twin'::regclass AND conname = 'said'"
            )
        )
        made = connection.scalar(
            text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conrelid = CAST(:table AS regclass) AND conname = :name"
            ),
            {"table": f"public.{table}", "name": constraint},
        )
    # One that older rows may break holds for all others.
    assert made.removesuffix(" NOT VALID") == wanted, "a migration changes the constraint with the model"


@pytest.mark.parametrize("name", CHECKS)
def test_a_column_with_one_of_some_words_has_an_enumeration(name):
    if _WORDS.search(str(CHECKS[name].sqltext)):
        assert ENUMERATION in CHECKS[name].info, "make it with one_of(column, enumeration)"


def label_tables() -> Iterator[dict[StrEnum, str]]:
    """Words by member: of the statuses that manifests declare, and of every ``words.py``."""
    for capability in CAPABILITIES:
        for looks in capability.statuses.values():
            yield {member: look.label for member, look in looks.items()}
        module = f"portal.{capability.name}.words"
        if find_spec(module):
            yield from (value for value in vars(import_module(module)).values() if isinstance(value, dict))


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    """Every message in Chinese."""
    with (tree.ROOT / "portal/translations/zh/LC_MESSAGES/messages.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file)}


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda enumeration: enumeration.__name__)
def test_every_member_has_a_word_in_both_languages(enumeration, chinese):
    shown = SHOWN_AS.get(enumeration, enumeration)
    tables = [table for table in label_tables() if any(type(key) is shown for key in table)]
    assert bool(tables) != (enumeration in WORDLESS), "statuses of the manifest, or words.py"
    for table in tables:
        assert set(table) == set(shown)
        assert all(label and chinese[label] for label in table.values())
    assert set(enumeration) <= set(shown)
