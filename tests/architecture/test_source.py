"""House rules that a machine can check.

Each failure lists every offence, each message says what to do instead.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 350

# Every place that sees all dealers' rows, and why it must.
CROSSES_DEALERS = {
    "portal/kernel/db.py": "defines the session",
    "portal/kernel/actor.py": "defines the portal itself as an actor",
    "portal/identity/keys.py": "the issuer's signing keys belong to nobody",
    "portal/blueprints/account_links.py": "who opens a letter is not signed in; the link says whose",
    "portal/web/fresh_sign_in.py": "refused passwords are counted beside those of strangers",
    "portal/web/second_form.py": "between password and second factor nobody is signed in",
    "jobs/people.py": "letters to whoever was invited, or forgot a password, whoever's people they are",
    "portal/web/request.py": "a request that only finds out who asks looks among all accounts",
    "portal/blueprints/issuer.py": "signing in: whose mail, client or code it is, is the question",
    "portal/blueprints/company_sign_in.py": "back from a provider: which account it is, is the question",
    "portal/web/company_sign_in.py": "who is sent to a provider is not signed in; its address says whose",
    "portal/web/beginning.py": "a session begins for whoever was found out to ask",
    "portal/blueprints/end_session.py": "a client signs somebody out: whom, its ID token says",
    "portal/blueprints/account.py": "coming back from an issuer: which account it is, is the question",
    "portal/shipping/retire_expired_lots.py": "a lot expires for whoever it is reserved",
    "portal/orders/fill_backorders.py": "goods go to whoever has waited longest",
    "portal/replenishment/request_supply.py": "asks for the sum of what dealers wait for",
    "portal/planning/advise.py": "what a warehouse needs is the sum of what its dealers order",
    "portal/catalogue/put_in_force.py": "a product is no dealer's; the portal writes what a person approved",
    "jobs/catalogue.py": "a product that was approved is every dealer's",
    "jobs/resources.py": "makes the portal's actor for one dealer's work",
    "jobs/sellout.py": "finds the dealers whose lines wait; each is decided in its own scope",
    "jobs/outbox.py": "claims the next effect, whoever's it is; the work is done in its dealer's scope",
    "jobs/statements.py": "claims the next dealer of a closing, and ends it when all are done",
    "jobs/clauses.py": "finds what clauses of contracts confirm; each is done in its dealer's scope",
    "jobs/notices.py": "an entry of the feed is told to the people of every dealer that it reaches",
    "jobs/bounce.py": "a mail server says whose address it is that takes no mail",
    "jobs/notifications.py": "a letter is one person's, whoever's they are; finds whose digest is due",
    "portal/blueprints/mail_links.py": "a link of a letter: is its person still here?",
    "jobs/rehearsals.py": "a policy is rehearsed over the orders of every dealer it may concern",
    "jobs/purchasing.py": "finds whose recurring orders are due; each is placed in its dealer's scope",
    "jobs/supply.py": "asks for what orders of every dealer wait for",
    "demo/loading/service_course.py": "reckons by the calendar that the loaded rows keep",
    "jobs/complaints.py": "opens the adverse events of every dealer, and looks after their clocks",
    "jobs/papers.py": "reminds every dealer of the papers that end",
    "jobs/recalls.py": "reminds every dealer that has not answered a recall",
    "jobs/repairs.py": "lets quotes of every dealer run out, and holds parts that have come",
    "jobs/service.py": "gives requests of every dealer to those who serve, and looks after their clocks",
    "portal/service/escalate.py": "the portal itself notes that a clock runs out",
    "jobs/devices.py": "reckons the warranties of every dealer's devices that a rule concerns",
    "jobs/maintenance.py": "makes what is due of every dealer's devices",
    "jobs/credit.py": "limits, terms and stops of every dealer begin and end by the clock",
    "jobs/dunning.py": "proposes letters to every dealer that owes, and sends those that were released",
    "portal/credit/changes.py": "what was agreed before the portal, nobody of it approved",
    "jobs/claims.py": "reminds headquarters of claims of every dealer, each by its number",
    "jobs/rebates.py": "reckons whoever is stale; each accrual is of one dealer's own lines",
    "jobs/settlements.py": "pays every dealer of a programme, one a transaction; counts what is owed",
    "jobs/planning.py": "advises warehouses from the orders of every dealer",
    "jobs/files.py": "sweeps what nobody attached, and bytes of which no row tells",
    "jobs/webhooks.py": "sends what is due to systems of every dealer, each its own events",
    "portal/webhooks/deliver.py": "it is the portal that pauses a webhook whose receiver only fails",
    "jobs/epcis.py": "takes up what a killed worker left of any dealer's, each in its own scope",
    "jobs/own_ledgers.py": "takes up what a killed worker left of any dealer's, each in its own scope",
    "jobs/upkeep.py": "sweeps what has run out",
    "jobs/payments.py": "Stripe tells of payments of every dealer, and is asked for them",
    "jobs/check.py": "an operator compares the stock with the orders of every dealer",
    "demo/loading/adverse_events.py": "the portal itself opens what a dealer tells of, and makes its paper",
    "demo/loading/asking.py": "the portal itself assigns requests, and closes those that nobody reopens",
    "demo/loading/repairs.py": "the portal itself lets a quote run out",
    "demo/loading/payments.py": "the portal itself books what Stripe tells",
    "demo/loading/credit.py": "letters are proposed and written by the portal itself, as the job would",
    "demo/loading/planning.py": "what was loaded is advised on as the night's job would",
    "demo/loading/settlements.py": "what was owed to every dealer is posted as the month's job would",
    "demo/loading/settlement_rows.py": "notes of a run are posted by the portal itself",
    "demo/loading/verification.py": "what was loaded for every dealer is counted once over",
    "bench/w4_month_close.py": "closes a month as the schedule would",
    "bench/books.py": "adds up the books of every dealer, as headquarters does",
    "jobs/exposition.py": "says how much waits of all dealers together, and names none",
    "jobs/seal_audit.py": "seals what was done for every dealer, which one chain holds",
    "launch/backup/command.py": "notes that a backup ended, which concerns all",
    "launch/person.py": "an operator hands out what is kept of a person, of whichever dealer",
    "portal/identity/personal_data.py": "reads all that is kept of one person, and says so in the audit",
    "launch/audit.py": "an operator exports the audit of every dealer",
    "jobs/snapshots.py": "compares the snapshots of every dealer with the ledger, a part each hour",
    "bench/w5_publish_policy.py": "asks prices of dealers anywhere after a publication",
}
_CROSSING = {"system_session", "anonymous_session", "SYSTEM", "_SYSTEM_SCOPE"}

# Files of the domain that are no verbs, and who keeps their time and transactions.
NO_VERBS = {
    "portal/identity/keys.py": "the issuer's keys are cached and rotated by a process, not by a business act",
    "portal/identity/issuer.py": "stands between Authlib, which asks it for everything, and the queries",
}

VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "services",
    "service_layer",
    "manager",
    "managers",
    "common",
    "misc",
}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|(?i:coming soon|not implemented yet|敬请期待)")
PRESENT = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "clock.now"}


def test_every_crossing_of_dealers_is_known_and_reasoned():
    crossing = {tree.name(path) for path in tree.python_files() if _names(path) & _CROSSING}
    assert crossing == set(CROSSES_DEALERS), (
        "add the file to CROSSES_DEALERS with the reason why it must see every dealer"
    )


def _names(path: Path) -> set[str]:
    """Every name and attribute a file uses."""
    used = set()
    for node in tree.nodes(path):
        if isinstance(node, ast.Name | ast.Attribute | ast.alias):
            used.add(getattr(node, "id", None) or getattr(node, "attr", None) or node.name)
    return used


def test_functions_are_short():
    long = [
        f"{tree.name(path)}: {function.name} has {lines} lines"
        for path in _written_files()
        for function in tree.functions(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert not long, "split them by what they decide"


def test_files_are_short():
    lengths = {
        tree.name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in _written_files()
    }
    assert not {name: length for name, length in lengths.items() if length > FILE_LINES_MAX}, (
        "split them by use case"
    )


def _written_files() -> Iterator[Path]:
    """All but migrations, whose length is that of the schema."""
    return (path for path in tree.python_files() if not tree.name(path).startswith("migrations/"))


def test_modules_are_named_by_the_trade():
    vague = [tree.name(path) for path in tree.python_files() if {path.stem, path.parent.name} & VAGUE]
    assert not vague, "name them after what they do for the business"


def test_nothing_is_left_for_later():
    files = [*tree.python_files(), *tree.templates()]
    assert not [tree.name(path) for path in files if UNFINISHED.search(path.read_text(encoding="utf-8"))], (
        "finish it or leave it out"
    )


def test_every_module_says_what_it_is():
    silent = [
        tree.name(path)
        for path in tree.python_files()
        if path.name != "__init__.py" and not ast.get_docstring(tree.parsed(path))
    ]
    assert not silent, "begin with a docstring"


def test_public_functions_and_classes_of_the_domain_say_what_they_do():
    silent = [
        f"{tree.name(path)}: {node.name}"
        for path in _domain_files()
        for node in tree.parsed(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent, "say what they do, with units and errors"


def test_verbs_never_commit():
    committing = [
        where for where, called in _calls_of_verbs() if called.rpartition(".")[2] in {"commit", "rollback"}
    ]
    assert not committing, "request and job commit once; a verb never does"


def test_verbs_are_told_the_time():
    assert not [f"{where}: {called}" for where, called in _calls_of_verbs() if called in PRESENT], (
        "take `at` as an argument"
    )


def _domain_files() -> list[Path]:
    return [
        path
        for capability in sorted(tree.capabilities())
        for path in tree.python_files(f"portal/{capability}")
    ]


def _calls_of_verbs() -> Iterator[tuple[str, str]]:
    """Place and ``owner.method`` of every method call in the domain."""
    for path in _domain_files():
        if tree.name(path) in NO_VERBS:
            continue
        for node in tree.nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                yield (
                    f"{tree.name(path)}:{node.lineno}",
                    f"{getattr(owner, 'id', getattr(owner, 'attr', ''))}.{node.func.attr}",
                )


def test_headquarters_screens_have_no_rules_and_no_tables_of_their_own():
    forbidden = {"rules.py", "models.py", "queries.py"}
    assert not [tree.name(path) for path in tree.python_files("backoffice") if path.name in forbidden], (
        "they belong to a capability"
    )
