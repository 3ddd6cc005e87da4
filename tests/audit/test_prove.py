"""One event is proven to have been sealed, offline; whatever is done to the proof is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from portal.audit import merkle
from portal.audit import record as audit
from portal.audit.inclusion import Proof, is_proof, verify_proof
from portal.audit.prove import prove
from portal.audit.verify import Forged
from portal.audit.vocabulary import AuditAction
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, NotFound
from tests import cast
from tests.audit.acts import sealed
from tests.audit.sealed import ANOTHER_KEY, KEY, batches_of

ROOT = Path(__file__).resolve().parents[2]


def proof_of(batch, place):
    leaves = [bytes.fromhex(one) for one in batch.leaves]
    path = tuple(one.hex() for one in merkle.path(leaves, place))
    return Proof(batch.lines[place], place, path, batch.head, batch.signature)


GENUINE = json.loads(proof_of(batches_of((3, 7))[1], 4).written())


def found_in(content, **more):
    with pytest.raises(Forged) as found:
        verify_proof(json.dumps(content), **more)
    return str(found.value)


@given(st.integers(1, 40), st.data())
def test_every_event_of_a_batch_is_proven(size, data):
    (batch,) = batches_of((size,))
    proof = proof_of(batch, data.draw(st.integers(0, size - 1)))
    assert is_proof(proof.written())
    assert verify_proof(proof.written(), keys={KEY.public}, root=batch.head.digest()) == proof


def test_another_event_place_or_path_is_told():
    said = "altered: the event, its place or its path"
    assert found_in(GENUINE | {"event": GENUINE["event"].replace("placed", "dropped")}).startswith(said)
    assert found_in(GENUINE | {"place": 3}).startswith(said)
    assert found_in(GENUINE | {"place": 7}).startswith(said)
    assert found_in(GENUINE | {"path": GENUINE["path"][:-1]}).startswith(said)
    assert found_in(GENUINE | {"path": GENUINE["path"][::-1]}).startswith(said)


@pytest.mark.parametrize("member", sorted(GENUINE["batch"]))
def test_another_head_is_told(member):
    value = GENUINE["batch"][member]
    other = value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1] != "0" else "1")
    said = found_in(GENUINE | {"batch": GENUINE["batch"] | {member: other}})
    assert said.startswith("altered: batch ")


def test_another_key_and_another_root_are_told():
    forged = json.loads(proof_of(batches_of((3, 7), ANOTHER_KEY)[1], 4).written())
    assert found_in(forged, keys={KEY.public}).startswith("signed by another key: batch 2")
    assert found_in(GENUINE, root="00" * 32).startswith("another history: batch 2")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[1]",
        "null",
        '{"proof": 5}',
        "[" * 100_000,
        json.dumps(GENUINE | {"path": ["zz"]}),
        json.dumps(GENUINE | {"path": ["00"]}),
        json.dumps(GENUINE | {"path": 5}),
        json.dumps(GENUINE | {"place": "4"}),
        json.dumps(GENUINE | {"place": True}),
        json.dumps(GENUINE | {"batch": {}}),
    ],
)
def test_what_is_no_proof_is_refused_in_words(line):
    with pytest.raises(Forged, match="no proof of an event"):
        verify_proof(line)


def written(database, subject, dealer=None):
    with transaction(database.system_session()) as session:
        audit.record(session, AuditAction.EXPORTED, subject, actor=SYSTEM, dealer_id=dealer and dealer.id)


def event_id(owner, subject):
    return owner.execute(text("SELECT id FROM audit_event WHERE subject = :it"), {"it": subject}).scalar_one()


def proven(session, number):
    with session:
        return prove(session, number)


def test_a_sealed_act_is_proven_and_one_that_is_not_is_told(database, owner):
    for subject in ("one", "two", "three"):
        written(database, subject)
    (head,) = sealed(database)
    written(database, "later")
    proof = proven(database.system_session(), event_id(owner, "two"))
    assert '"two"' in proof.event
    assert verify_proof(proof.written(), keys={KEY.public}, root=head.digest()) == proof
    with pytest.raises(Conflict, match="not sealed yet"):
        proven(database.system_session(), event_id(owner, "later"))
    with pytest.raises(NotFound):
        proven(database.system_session(), 10**12)


def test_an_act_that_was_changed_since_is_not_proven(database, owner):
    written(database, "one")
    sealed(database)
    number = event_id(owner, "one")
    # What only the owner of the tables could do: by then neither trigger nor policy holds.
    for statement in (
        "ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only",
        f"UPDATE audit_event SET subject = 'other' WHERE id = {number}",
        "ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only",
        "ALTER TABLE audit_event FORCE ROW LEVEL SECURITY",
    ):
        owner.execute(text(statement))
    with pytest.raises(Conflict, match="not what was sealed"):
        proven(database.system_session(), number)


def test_staff_of_a_region_prove_its_acts_and_no_others(database, owner):
    written(database, "elsewhere", cast.yuegang)
    written(database, "here", cast.huadong)
    sealed(database)
    manager = cast.east_manager.actor()
    proof = proven(database.session_for(manager), event_id(owner, "here"))
    assert verify_proof(proof.written(), keys={KEY.public}) == proof
    with pytest.raises(NotFound):
        proven(database.session_for(manager), event_id(owner, "elsewhere"))


def portal(*said, **more):
    """`bin/portal audit` in a process of its own, which knows neither database nor key but what is said."""
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | more
    return subprocess.run(
        [sys.executable, "-m", "launch.bootstrap", "portal", "audit", *said],
        cwd=ROOT,
        env=known,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_verifies_a_proof(tmp_path):
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(GENUINE) + "\n")
    answer = portal("verify", str(file), "--key", KEY.public)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("genuine: event 5 of batch 2") and "SO2603-0008" in answer.stdout
    file.write_text(json.dumps(GENUINE | {"place": 3}) + "\n")
    answer = portal("verify", str(file), "--key", KEY.public)
    assert (answer.returncode, answer.stdout.split(":")[0]) == (1, "altered")


def test_the_command_proves_what_it_then_verifies(tmp_path, database, owner, settings):
    written(database, "one")
    (head,) = sealed(database)
    file, url = tmp_path / "act.proof", settings.database_url.get_secret_value()
    answer = portal("prove", str(event_id(owner, "one")), "--out", str(file), DATABASE_URL=url)
    assert answer.returncode == 0, answer.stderr
    assert head.digest() in answer.stdout
    verdict = portal("verify", str(file), "--key", KEY.public, "--root", head.digest())
    assert verdict.returncode == 0, verdict.stdout
    refused = portal("prove", "999999999", "--out", str(tmp_path / "none"), DATABASE_URL=url)
    assert refused.returncode != 0 and "event 999999999" in refused.stderr
    assert not (tmp_path / "none").exists()
