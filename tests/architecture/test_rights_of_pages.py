"""Every page says beside its route which rights open it, or is listed here as open to who is signed in."""

from __future__ import annotations

import pytest

from config import Settings
from portal.app import create_app
from portal.kernel.registry import registry
from portal.web.rendering import RIGHTS
from tests.routes.url_map import PUBLIC

# Open to everybody who is signed in, and why.
OPEN = {
    "account.logout": "the way out",
    "account.alive": "the own session",
    "account.idle": "the own session",
    "account.profile": "the own account",
    "standing_in.index": "the own delegations",
    "standing_in.create": "the own delegations",
    "standing_in.revocation": "the own delegations",
    "standing_in.begin_delegation": "whoever it was delegated to",
    "standing_in.begin_consent": "whoever it was consented to",
    "standing_in.end": "back into the own name",
    "security.index": "the own sessions",
    "security.end": "the own sessions",
    "security.end_others": "the own sessions",
    "security.begin_app": "the own second factors",
    "security.confirm_app": "the own second factors",
    "security.begin_passkey": "the own second factors",
    "security.add_passkey": "the own second factors",
    "security.remove": "the own second factors",
    "security.new_codes": "the own second factors",
    "inbox.index": "the own inbox",
    "inbox.show": "the own inbox",
    "inbox.read_all": "the own inbox",
    "inbox.read_one": "the own inbox",
    "notification_choices.index": "the own letters",
    "notification_choices.keep": "the own letters",
    "notification_choices.confirmation": "the own letters",
    "account.new_password": "the own account",
    "favourites.change": "the own menu, of which every entry has its rights",
    "help.index": "documents for the audience",
    "help.show": "documents for the audience",
    "search.index": "finds what the visitor's rights open",
    "files.create": "the verb asks for the right of the visitor's house",
    "files.begin": "the verb asks for the right of the visitor's house",
    "files.piece": "the verb asks for the right of the visitor's house",
    "files.so_far": "the verb asks for the right of the visitor's house",
    "files.removal": "the verb asks for the right of the visitor's house",
    "files.show": "whoever may read the document of the file",
    "files.preview": "whoever may read the document of the file",
    "files.view": "whoever may read the document of the file",
    "views.index": "views of the own lists",
    "views.create": "views of the own lists",
    "views.removal": "views of the own lists",
}


@pytest.fixture(scope="module")
def views():
    nowhere = "postgresql+psycopg://x@/x"
    app = create_app(
        Settings(
            database_url=nowhere,
            issuer_database_url=nowhere,
            redis_url="redis://127.0.0.1:9",
            secret_key="x" * 40,
        )
    )
    return {name: view for name, view in app.view_functions.items() if not name.startswith("api.")}


def test_every_page_declares_its_rights_or_is_listed_as_open(views):
    silent = {name for name, view in views.items() if not getattr(view, RIGHTS, ())}
    assert silent == OPEN.keys() | PUBLIC.keys() & views.keys(), (
        "put @requires beside the route, or say why it is open"
    )


def test_what_a_page_declares_are_rights_of_ours(views):
    declared = {str(right) for view in views.values() for right in getattr(view, RIGHTS, ())}
    assert declared and declared <= registry().every_right


def test_whom_the_menu_leads_to_a_page_the_page_lets_in(views):
    for entries in registry().menus.values():
        for entry in entries:
            assert set(entry.rights) <= set(getattr(views[entry.endpoint], RIGHTS)), entry.endpoint
