"""The commands decline with a sentence, an exit status and nothing half-made."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launch.bootstrap import ROOT, RUNTIME, TEST
from launch.install_failure import explain_pip


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess:
    """Run a command to its end; no servers are named unless the test names them."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.endswith(("DATABASE_URL", "REDIS_URL"))
    }
    settings = inherited | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(
        [str(part) for part in command], env=settings, capture_output=True, text=True, timeout=60
    )


def demo(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess:
    """Run bin/demo without its preparation of packages, which this test run has had."""
    return run(sys.executable, "-m", "launch.demo", *arguments, **environment)


def test_a_taken_port_is_told_before_anything_is_loaded(folder: Path):
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        port = occupant.getsockname()[1]
        outcome = demo("--port", str(port), "--data", folder / "demo")
    assert outcome.returncode == 1 and outcome.stdout == ""
    assert (
        outcome.stderr
        == f"bin/demo: port {port} is taken by another program. Choose one: bin/demo --port 8001\n"
    )
    assert [path.name for path in (folder / "demo").iterdir()] == ["demo.lock"]


def test_a_data_folder_that_cannot_be_written_is_told(folder: Path):
    closed = Path("/proc")
    if os.geteuid() != 0:
        closed = folder / "closed"
        closed.mkdir(mode=0o500)
    outcome = demo("--port", "0", "--data", closed / "demo")
    assert outcome.returncode == 1
    assert re.fullmatch(rf"bin/demo: --data {closed}/demo cannot be used: .*\n", outcome.stderr)


@pytest.mark.parametrize("part", ["web", "migrate"])
def test_nobody_is_served_by_a_portal_that_could_sign_nobody_in(part: str):
    outcome = run(
        sys.executable,
        "-m",
        "launch.production",
        part,
        DATABASE_URL="postgresql://portal_app@127.0.0.1:9/portal",
        OWNER_DATABASE_URL="postgresql://portal_owner@127.0.0.1:9/portal",
    )
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(
        "bin/portal: set ISSUER_DATABASE_URL, the database as the role that signs people in"
    )


def test_servers_that_cannot_be_reached_are_told_without_their_passwords(folder: Path):
    for settings in (
        {"DATABASE_URL": "postgresql://portal:geheim@127.0.0.1:9/portal"},
        {"DATABASE_URL": "geheim"},
        {"REDIS_URL": "redis://:geheim@127.0.0.1:9/0"},
        {"REDIS_URL": "geheim"},
    ):
        outcome = demo("--port", "0", "--data", folder / "demo", **settings)
        (name,) = settings
        assert outcome.returncode == 1 and outcome.stderr.startswith(f"bin/demo: {name} ")
        assert "geheim" not in outcome.stderr and "Traceback" not in outcome.stderr


@pytest.mark.parametrize("program", ["demo", "test", "portal"])
def test_an_old_python_is_told(folder: Path, program: str):
    old = folder / "python3.8"
    old.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c'
        ' "import sys; sys.version_info = (3, 8, 18); exec(sys.argv[1])" "$2"\n'
    )
    old.chmod(0o755)
    outcome = run(ROOT / "bin" / program, PYTHON=str(old))
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(
        f"bin/{program}: Python 3.11 or newer is needed; found Python 3.8.18 at "
    )


def test_a_python_without_venv_is_told(folder: Path):
    bare = folder / "python3"
    bare.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c'
        ' \'import sys; sys.modules["ensurepip"] = None; exec(sys.argv[1])\' "$2"\n'
    )
    bare.chmod(0o755)
    outcome = run(ROOT / "bin" / "demo", PYTHON=str(bare))
    assert outcome.returncode == 1 and "apt-get install python3-venv" in outcome.stderr


def test_a_named_python_that_does_not_run_is_told(folder: Path):
    outcome = run(ROOT / "bin" / "demo", PYTHON=str(folder / "none"))
    assert (outcome.returncode, outcome.stderr) == (
        1,
        f"bin/demo: PYTHON={folder}/none is not a Python that runs.\n",
    )


def test_a_machine_without_python_is_told(folder: Path):
    (folder / "dirname").symlink_to("/usr/bin/dirname")
    clone = folder / "clone"
    (clone / "bin").mkdir(parents=True)
    for name in ("bin/demo", "launch/find-python.sh"):
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_text((ROOT / name).read_text())
    outcome = run("/bin/sh", clone / "bin" / "demo", PATH=str(folder), PYTHON="")
    assert outcome.returncode == 1 and "Python 3.11 or newer is needed and none was found" in outcome.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "not the one that was pinned",
        ),
        ("ERROR: No matching distribution found for granian==2.8.7", "no build for this machine"),
    ],
)
def test_a_failed_installation_is_explained(line: str, said: str):
    explanation = explain_pip(["Collecting granian==2.8.7", line])
    assert said in explanation and line in explanation


def test_an_unreachable_index_is_not_taken_for_a_missing_build():
    lines = [
        "WARNING: Retrying (Retry(total=0, ...)) after connection broken by 'NewConnectionError('...')':"
        " /simple/alembic/",
        "ERROR: No matching distribution found for alembic==1.20.1",
    ]
    assert explain_pip(lines).startswith("The package index cannot be reached.")


def test_the_packages_of_the_tests_contain_those_of_the_portal():
    pins = {
        lock: set(re.findall(r"^[^\s#]+==\S+", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in (RUNTIME, TEST)
    }
    assert pins[RUNTIME] and pins[RUNTIME] < pins[TEST]


def test_every_package_is_pinned_by_hash():
    for lock in (RUNTIME, TEST):
        for entry in re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / lock).read_text().strip()):
            assert "==" in entry and "--hash=sha256:" in entry, entry.splitlines()[0]
