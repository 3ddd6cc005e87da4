"""What a host of a cluster gets is what `deploy/` says, and a machine that lacks something hears what."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from launch.hosts import cluster, files, init, network
from launch.hosts.cluster import plan
from launch.hosts.machine import lacking
from launch.lock import FolderLock
from launch.refusal import Refusal
from portal.kernel.db import SESSION_SETTINGS

FOLDER = Path("/srv/cluster/data2")
PREFIX = "10.99.0."
NETWORK = plan(5, "10.99.0")
SECOND, APP = NETWORK.hosts[1], NETWORK.hosts[3]


def test_three_hosts_hold_data_and_the_others_the_portal():
    assert [host.name for host in NETWORK.hosts] == ["data1", "data2", "data3", "app1", "app2"]
    assert len({host.address for host in NETWORK.hosts}) == 5


def test_patroni_has_the_rules_of_deploy_and_the_address_of_its_host():
    told = yaml.safe_load(files.patroni(SECOND, FOLDER, PREFIX, Path("/programs")))
    meant = yaml.safe_load((files.DEPLOY / "database" / "patroni.yml").read_text())
    assert told["name"] == "data2" and told["postgresql"]["listen"] == "10.99.0.12:5432"
    assert told["etcd3"]["hosts"] == ["10.99.0.11:2379", "10.99.0.12:2379", "10.99.0.13:2379"]
    rules, meant_rules = told["bootstrap"]["dcs"], meant["bootstrap"]["dcs"]
    meant_rules["postgresql"]["parameters"].pop("shared_preload_libraries")
    assert rules == meant_rules


def test_etcd_speaks_at_its_own_address_and_knows_all_three():
    told = files.etcd(SECOND, FOLDER, PREFIX)
    own = {name: value for name, value in told.items() if name.endswith("_URLS")}
    assert len(own) == 4 and all("//10.99.0.12:" in value for value in own.values())
    assert (
        told["ETCD_INITIAL_CLUSTER"].count("10.99.0.") == 3 and "10.99.0.11" in told["ETCD_INITIAL_CLUSTER"]
    )


def test_a_queue_follows_the_first_and_sentinels_watch_it():
    assert files.valkey(SECOND, FOLDER, PREFIX, follows="10.99.0.11").endswith("replicaof 10.99.0.11 6379\n")
    watcher = files.sentinel(SECOND, FOLDER, PREFIX)
    assert "bind 10.99.0.12\n" in watcher and "sentinel monitor tonglu 10.99.0.11 6379 2\n" in watcher


@pytest.mark.parametrize(("version", "kept"), [((1, 18), False), ((1, 21), True), ((1, 24), True)])
def test_an_old_pooler_is_not_asked_to_keep_prepared_statements(version, kept):
    assert ("max_prepared_statements" in files.pgbouncer(FOLDER, version)) is kept


def test_the_proxy_asks_every_web_host():
    told = files.nginx(APP, FOLDER, ["10.99.0.21", "10.99.0.22"])
    assert told.count("max_fails=1 fail_timeout=2s;") == 2 and "server_name 10.99.0.21;" in told


def test_processes_find_the_queue_by_sentinels_and_the_pooler_by_password():
    told = files.environment("portal", PREFIX, {"portal_app": "secret"})
    assert told["DATABASE_URL"] == "postgresql://portal_app:secret@127.0.0.1:6432/portal"
    assert told["REDIS_URL"].startswith("redis+sentinel://10.99.0.11:26379,")
    assert "TONGLU_SECRET_KEY" not in told, "left open in deploy/"


def test_roles_get_every_setting_that_a_pooler_drops():
    assert set(SESSION_SETTINGS) <= set(files.role_settings())


def test_what_deploy_does_not_say_any_more_is_an_error():
    with pytest.raises(Refusal, match="no 'gone' any more"):
        files._put("text", "gone", "")


def test_a_machine_without_patroni_hears_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    told = " ".join(lacking(None))
    assert all(name in told for name in ("Patroni", "etcd", "haproxy", "pgbouncer", "nginx"))


def test_a_second_cluster_leaves_the_first_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(network, "_LOCK", tmp_path / "lock")
    touched: list[str] = []
    monkeypatch.setattr(network.Network, "_begin", lambda self: touched.append(self.prefix))
    first = FolderLock(tmp_path / "lock", "taken")
    first.acquire()
    with pytest.raises(Refusal, match="already runs"):
        plan(5, "10.99.0").__enter__()
    assert not touched
    first.release()
    plan(5, "10.99.0").__enter__()
    assert touched == ["10.99.0"]


def within_init(code: str) -> subprocess.Popen[str]:
    """A program under the init of a host."""
    return subprocess.Popen(
        [sys.executable, init.__file__, sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    )


def test_a_host_buries_orphans():
    child = within_init(
        """
import os, sys
read, write = os.pipe()
if not (middle := os.fork()):
    middle = os.getpid()
    if os.fork():
        os._exit(0)
    while os.getppid() == middle:
        pass
    os.write(write, f"{os.getpid()} {os.getppid()}".encode())
    os._exit(0)
os.waitpid(middle, 0)
orphan, parent = map(int, os.read(read, 99).split())
while os.path.exists(f"/proc/{orphan}"):
    pass
sys.exit(3 if parent == os.getppid() else 4)
"""
    )
    assert child.wait(20) == 3


def test_what_runs_under_the_init_of_a_host_is_told_to_stop_and_says_how_it_ended():
    child = within_init(
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "signal.pause()"
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    child.terminate()
    assert child.wait(20) == 7


def test_what_needs_another_program_ends_before_it():
    order = [name for names, _ in cluster._STOPPED for name in names]
    assert order.index("nginx") < order.index("web") < order.index("pgbouncer") < order.index("patroni")
    assert order.index("worker") < order.index("valkey") and order.index("patroni") < order.index("etcd")
