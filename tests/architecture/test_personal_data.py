"""What the portal keeps of people is declared, so that nobody who asks for a copy is given half of it."""

from __future__ import annotations

import re

from portal.capabilities import CAPABILITIES, metadata

PERSONAL = [one for capability in CAPABILITIES for one in capability.personal]
DECLARED = {(one.table, name) for one in PERSONAL for name in one.columns}
LOOKS_PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|mobile|contact|contact_name|address|display_name|signed_name|signature|network|device)$"
)
ONLY_LOOKS_SO = {
    ("acceptance_record", "supplier_address"): "a company's",
    ("audit_batch", "signature"): "of the seal",
    ("cold_log", "device"): "a logger",
    ("notification", "mail"): "whether a mail is to be sent",
    ("supplier", "address"): "a company's",
    ("warehouse", "address"): "ours",
}
SECRET = re.compile(r"(hash|encrypted|sealed|secret|nonce|challenge|public_key|credential_id)")


def test_every_column_that_looks_personal_is_declared_by_its_capability():
    looks = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if LOOKS_PERSONAL.search(column.name)
    }
    assert looks - DECLARED == set(ONLY_LOOKS_SO), (
        "declare it in `personal` of the manifest, or say here why not"
    )


def test_every_table_that_names_an_account_is_declared_by_each_column_that_does():
    named = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "user_account.id" for key in column.foreign_keys)
    }
    assert named <= {(one.table, one.person) for one in PERSONAL}


def test_what_is_declared_is_there_belongs_to_the_capability_and_is_no_secret():
    modules = {mapper.local_table.name: mapper.class_.__module__ for mapper in _mappers()}
    for capability in CAPABILITIES:
        for one in capability.personal:
            assert modules[one.table].startswith(f"portal.{capability.name}."), one
            columns = metadata.tables[one.table].columns
            assert {*one.columns, *filter(None, [one.person])} <= set(columns.keys()), one
            assert not any(SECRET.search(name) for name in one.columns), one


def _mappers():
    from portal.kernel.db import Base

    return Base.registry.mappers
