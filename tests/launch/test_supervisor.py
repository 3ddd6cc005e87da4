"""What dies is started again, what is stopped leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from launch import supervisor as supervision
from launch.bootstrap import ROOT
from launch.process import Child, runs, wait_until
from launch.supervisor import Supervisor

# A program with a grandchild in a process group of its own, as an RQ worker at work has.
WORKER = (
    "import subprocess, time; subprocess.Popen(['sleep', '60'], process_group=0);"
    " print('ready', flush=True); time.sleep(60)"
)

SUPERVISED = """
import sys
from pathlib import Path
from launch.interruption import Stop, stop_on_signals
from launch.process import Child
from launch.supervisor import Supervisor

stop_on_signals()
folder = Path(sys.argv[1])
command = [sys.executable, "-c", sys.argv[2]]
children = [Child(name, command, log=folder / name) for name in ("first", "second")]
try:
    with Supervisor(lambda message: None) as supervisor:
        supervisor.start(children[:1])
        supervisor.start(children[1:])
        print(*(child.pid for child in children), flush=True)
        supervisor.watch()
except Stop:
    print("stopped")
"""


@pytest.fixture
def sleeper(folder: Path) -> Child:
    """A program that does nothing for a minute."""
    return Child("sleeper", ["sleep", "60"], log=folder / "sleeper.log")


def test_a_program_that_dies_is_started_again_and_that_is_said(
    sleeper: Child, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(supervision, "_PAUSE_MIN_SECONDS", 0.05)
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.start([sleeper])
    first = sleeper.pid
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: supervisor.tend() or (sleeper.alive() and sleeper.pid != first), 5)
    sleeper.stop()
    assert said == ["sleeper was killed by SIGKILL; starting it again in 0.05 s"]


def test_the_pause_doubles_while_a_program_keeps_failing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supervision, "_PAUSE_MIN_SECONDS", 0.01)
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.start([Child("broken", ["false"], log=folder / "broken.log")])
    assert wait_until(lambda: supervisor.tend() or len(said) == 4, 5)
    assert [float(line.split()[-2]) for line in said] == [0.01, 0.02, 0.04, 0.08]
    assert said[0].startswith("broken ended with status 1")


def test_a_program_that_ignores_the_polite_signal_is_killed(folder: Path):
    stubborn = Child(
        "stubborn",
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"],
        folder / "log",
        patience=0.2,
    )
    stubborn.start()
    assert wait_until(lambda: "ready" in stubborn.last_words(), 5)
    stubborn.stop()
    assert stubborn.ending() == "was killed by SIGKILL"


def _supervised(folder: Path) -> tuple[subprocess.Popen, list[psutil.Process]]:
    """A supervisor with two working programs, and every process below it."""
    command = [sys.executable, "-c", SUPERVISED, str(folder), WORKER]
    launcher = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    launcher.stdout.readline()
    assert wait_until(lambda: all("ready" in (folder / name).read_text() for name in ("first", "second")), 10)
    return launcher, psutil.Process(launcher.pid).children(recursive=True)


def test_an_orderly_stop_leaves_no_process_not_even_those_of_a_killed_worker(folder: Path):
    launcher, processes = _supervised(folder)
    worker = next(process for process in processes if process.children())
    worker.kill()
    launcher.send_signal(signal.SIGTERM)
    launcher.send_signal(signal.SIGTERM)  # an impatient second one changes nothing
    output, _ = launcher.communicate(timeout=20)
    assert output == "stopped\n"
    assert len(processes) == 4 and not [process for process in processes if runs(process)]


def test_programs_end_when_the_supervisor_is_killed(folder: Path):
    launcher, processes = _supervised(folder)
    workers = [process for process in processes if process.children()]
    launcher.kill()
    launcher.communicate()
    gone = wait_until(lambda: not any(runs(worker) for worker in workers), 10)
    for process in processes:
        if runs(process):
            process.kill()  # the grandchildren, which a real worker ends itself
    assert len(workers) == 2
    assert gone or sys.platform != "linux"  # other kernels do not tell a child that its parent died


def test_what_had_been_well_is_started_again_at_once(sleeper: Child, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supervision, "_HEALTHY_SECONDS", 0.0)
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.start([sleeper])
    os.kill(sleeper.pid, signal.SIGKILL)
    assert wait_until(lambda: not sleeper.alive(), 5)
    supervisor.tend()
    assert said == ["sleeper was killed by SIGKILL; starting it again in 0 s"]
    supervisor.tend()
    assert sleeper.alive()
    sleeper.stop()


def test_an_orphan_that_ended_is_buried_while_programs_are_tended(monkeypatch: pytest.MonkeyPatch):
    """Who waits for its number to be gone, as Patroni does for a server's, waits for that."""
    monkeypatch.setattr(supervision, "_SWEEP_SECONDS", 0.0)
    with Supervisor(lambda message: None) as supervisor:
        leaving = "import os\nif number := os.fork():\n    print(number)"
        told = subprocess.run([sys.executable, "-c", leaving], capture_output=True, text=True, check=True)
        orphan = int(told.stdout)
        assert wait_until(lambda: supervisor.tend() or not psutil.pid_exists(orphan), 20)
