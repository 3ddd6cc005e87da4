"""`bin/portal cluster`: the topology of `deploy/` on several hosts of one machine.

Three data hosts carry PostgreSQL under Patroni, etcd, Valkey and Sentinel; the others web, worker, schedule,
PgBouncer, HAProxy and the proxy that ends TLS.
"""

from __future__ import annotations

import json
import os
import secrets
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from launch.account import Account, server_account
from launch.demo_folder import DemoFolder
from launch.hosts import files
from launch.hosts.network import Host, Network
from launch.hosts.programs import app_programs, data_programs
from launch.hosts.roles import make_roles
from launch.postgres import APP, DATABASE, ISSUER, OWNER
from launch.process import Child, wait_until
from launch.refusal import Refusal
from launch.stage import fill, open_stage
from launch.terminal import say

DATA_HOSTS = 3
SENTINEL_PORT, SENTINEL_WATCHES = 26379, "tonglu"
_QUEUES = ["master", "slave", "slave"]
HOSTS_MIN, HOSTS_MAX = 4, 9
_FIRST_DATA, _FIRST_APP = 11, 21
_START_SECONDS = 120
_STOPPED = (
    (("nginx",), 5),
    (("web", "worker", "schedule"), 8),
    (("pgbouncer", "haproxy"), 5),
    (("patroni",), 30),
    (("sentinel", "valkey", "etcd"), 10),
)
"""Programs in the order in which they end, and how many seconds they are given."""

_SECRETS = ("superuser", "replication", "rewind", "restapi", OWNER, APP, ISSUER)


@dataclass
class Cluster:
    """Hosts with what runs on each, by name."""

    folder: Path
    network: Network
    patroni: str
    secrets: dict[str, str]
    account: Account
    programs: dict[str, dict[str, Child]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> tuple[Host, ...]:
        """Hosts of databases and queues."""
        return self.network.hosts[:DATA_HOSTS]

    @property
    def apps(self) -> tuple[Host, ...]:
        """Hosts of the portal itself."""
        return self.network.hosts[DATA_HOSTS:]

    def host(self, name: str) -> Host:
        """The host of that name."""
        return next(host for host in self.network.hosts if host.name == name)

    def role(self, host: Host) -> str:
        """What Patroni says of its PostgreSQL: ``primary``, ``replica`` for one that commits may wait for, or
        nothing.
        """
        try:
            with urllib.request.urlopen(f"http://{host.address}:8008/patroni", timeout=1) as answer:
                told = json.load(answer)
        except (OSError, ValueError):
            return ""
        serves = told.get("state") in ("running", "streaming")
        if not serves or (told.get("role") == "replica" and not told.get("quorum_standby")):
            return ""
        return str(told.get("role", ""))

    def leader(self) -> Host | None:
        """The data host that holds the lock and takes writes."""
        for host in self.data:
            try:
                with urllib.request.urlopen(f"http://{host.address}:8008/primary", timeout=1):
                    return host
            except OSError:
                continue
        return None

    def whole(self) -> bool:
        """Whether everything that was started is there and does its part."""
        return self.complete() and all(ready(host) for host in self.apps) and self._queues() == _QUEUES

    def _queues(self) -> list[str]:
        """What the Valkeys are, those that follow only while they do."""
        found = []
        for host in self.data:
            try:
                with Redis(host.address, socket_timeout=1, socket_connect_timeout=1) as client:
                    told = client.info("replication")
            except RedisError:
                continue
            if told["role"] == "master" or told["master_link_status"] == "up":
                found.append(told["role"])
        return sorted(found)

    def queue_leader(self) -> Host:
        """The data host whose Valkey the Sentinels name."""
        with Redis(self.data[0].address, SENTINEL_PORT, socket_timeout=5) as sentinel:
            told = sentinel.sentinel_get_master_addr_by_name(SENTINEL_WATCHES)
        address = told[0].decode()
        return next(host for host in self.data if host.address == address)

    def url(self, role: str) -> str:
        """The database that leads, past pooler and proxy, for SQLAlchemy."""
        hosts = ",".join(host.address for host in self.data)
        return (
            f"postgresql+psycopg://{role}:{self.secrets[role]}@/{DATABASE}?host={hosts}"
            "&target_session_attrs=read-write&connect_timeout=3"
        )

    def start_data(self) -> None:
        """Start the data hosts and wait until one leads and the others follow."""
        for host in self.data:
            self.programs[host.name] = data_programs(self, host)
        for name in ("etcd", "valkey", "sentinel", "patroni"):
            for host in self.data:
                self.programs[host.name][name].start()
        if not wait_until(self.complete, _START_SECONDS, pause=0.25):
            raise Refusal(
                "no PostgreSQL leads two others:\n" + self.programs[self.data[0].name]["patroni"].last_words()
            )

    def complete(self) -> bool:
        """Whether one leads and all others follow."""
        return sorted(self.role(host) for host in self.data) == ["primary", "replica", "replica"]

    def make_roles(self) -> None:
        """The roles of docs/operations.md and the database, once."""
        leader = self.leader()
        if leader is None:
            raise Refusal("no PostgreSQL leads")
        make_roles(self.folder / leader.name / "run", self.secrets)

    def load(self, stack: ExitStack) -> DemoFolder:
        """The small demonstration, once; its settings are those of the portal."""
        folder = stack.enter_context(DemoFolder(self.folder / "demo"))
        redis = files.environment("portal", self.prefix, {})["REDIS_URL"]
        os.environ.update(
            DATABASE_URL=self.url(APP),
            OWNER_DATABASE_URL=self.url(OWNER),
            ISSUER_DATABASE_URL=self.url(ISSUER),
            REDIS_URL=redis,
        )
        stage = open_stage(stack, folder, 0, {})
        fill(stage, scale="small", reset=False)
        self.environment = stage.environment
        return folder

    @property
    def prefix(self) -> str:
        """The network's first three numbers with their dots."""
        return f"{self.network.prefix}."

    def start_apps(self) -> None:
        """Start the portal's hosts and wait until each web process is ready."""
        for host in self.apps:
            self.programs[host.name] = app_programs(self, host)
            for child in self.programs[host.name].values():
                child.start()
        for host in self.apps:
            if not wait_until(lambda host=host: ready(host), _START_SECONDS, pause=0.25):
                raise Refusal(
                    f"web on {host.name} is not ready:\n" + self.programs[host.name]["web"].last_words()
                )

    def stop(self) -> None:
        """Stop program by program, each on all hosts at once: nothing outlives what it needs."""
        for names, patience in _STOPPED:
            children = [kept[name] for kept in self.programs.values() for name in names if name in kept]
            for child in children:
                child.ask_to_stop()
            wait_until(lambda some=children: not any(child.alive() for child in some), patience, pause=0.05)
            for child in children:
                child.kill()


def ready(host: Host) -> bool:
    """Whether web on this host takes requests."""
    try:
        with urllib.request.urlopen(f"http://{host.address}:8000/readyz", timeout=2):
            return True
    except OSError:
        return False


def plan(hosts: int, network: str) -> Network:
    """The network of so many hosts."""
    data = [Host(f"data{place + 1}", f"{network}.{_FIRST_DATA + place}") for place in range(DATA_HOSTS)]
    apps = [Host(f"app{place + 1}", f"{network}.{_FIRST_APP + place}") for place in range(hosts - DATA_HOSTS)]
    return Network(network, [*data, *apps])


def raise_cluster(stack: ExitStack, hosts: int, folder: Path, network: str, patroni: str) -> Cluster:
    """Start all of it, on the data of `folder`; the stack ends it."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    folder.chmod(0o711)
    (folder / "logs").mkdir(mode=0o700, exist_ok=True)
    account = server_account()
    if not account.reaches(folder):
        raise Refusal(f"{account.name}, who runs PostgreSQL, cannot enter {folder}; name another (--data)")
    if not account.reaches(Path(patroni)):
        raise Refusal(f"{account.name} cannot run {patroni} or its interpreter; name another (--patroni)")
    cluster = Cluster(folder, plan(hosts, network), patroni, _kept_secrets(folder), account)
    stack.enter_context(cluster.network)
    stack.callback(cluster.stop)
    say("data hosts: etcd, PostgreSQL under Patroni, Valkey, Sentinel")
    cluster.start_data()
    cluster.make_roles()
    cluster.load(stack)
    say("portal hosts: HAProxy, PgBouncer, web, worker, schedule, proxy")
    cluster.start_apps()
    return cluster


def _kept_secrets(folder: Path) -> dict[str, str]:
    """Passwords, made once."""
    path = folder / "secrets.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(24) for name in _SECRETS}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
    return dict(json.loads(path.read_text()))
