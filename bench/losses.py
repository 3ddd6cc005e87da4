"""What a cluster loses in the drill, one thing after the other."""

from __future__ import annotations

import base64
import json
import os
import signal
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from launch.hosts.cluster import Cluster
from launch.hosts.network import Host
from launch.refusal import Refusal

Mend = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Loss:
    """One of them.

    goal: seconds for which orders may pause; `happen` answers what mends it, if anything does; seconds: for
    how long it is looked at, at least.
    """

    name: str
    goal: float
    happen: Callable[[Cluster], Mend | None]
    seconds: float = 5


def _postmaster(cluster: Cluster) -> None:
    pid = (cluster.folder / _leader(cluster).name / "postgres" / "postmaster.pid").read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)


def _primary_cut(cluster: Cluster) -> Mend:
    host = _leader(cluster)
    host.cut()
    return host.mend


def _primary_dies(cluster: Cluster) -> Mend:
    """Its programs start again at once, as after a power cut; they reach nobody until it is mended."""
    host = _leader(cluster)
    host.die()
    return host.mend


def _standby_cut(cluster: Cluster) -> Mend:
    """One whose Valkey follows, too: what it costs when that one leads is another line."""
    queue = cluster.queue_leader()
    host = next(host for host in cluster.data if host != queue and cluster.role(host) == "replica")
    host.cut()
    return host.mend


def _agreement(cluster: Cluster) -> Mend:
    """Two of three etcds stand still: nobody is elected, and who leads goes on while the others answer it."""
    groups = [cluster.programs[host.name]["etcd"].pid for host in cluster.data[:2]]
    for group in groups:
        os.killpg(group, signal.SIGSTOP)

    def mend() -> None:
        for group in groups:
            os.killpg(group, signal.SIGCONT)

    return mend


def _switchover(cluster: Cluster) -> None:
    leader = _leader(cluster)
    pair = base64.b64encode(f"patroni:{cluster.secrets['restapi']}".encode()).decode()
    urllib.request.urlopen(
        urllib.request.Request(
            f"http://{leader.address}:8008/switchover",
            json.dumps({"leader": leader.name}).encode(),
            {"Authorization": f"Basic {pair}", "Content-Type": "application/json"},
        ),
        timeout=60,
    ).close()


def _web(cluster: Cluster) -> None:
    cluster.programs[cluster.apps[-1].name]["web"].kill()


def _worker(cluster: Cluster) -> None:
    cluster.programs[cluster.apps[0].name]["worker"].kill()


def _pooler(cluster: Cluster) -> None:
    cluster.programs[cluster.apps[0].name]["pgbouncer"].kill()


def _queue(cluster: Cluster) -> None:
    cluster.programs[cluster.queue_leader().name]["valkey"].kill()


def _leader(cluster: Cluster) -> Host:
    if (leader := cluster.leader()) is None:
        raise Refusal("no PostgreSQL leads")
    return leader


LOSSES = (
    Loss("postmaster killed", 15, _postmaster),
    Loss("web node killed", 1, _web),
    Loss("worker killed", 1, _worker),
    Loss("pooler killed", 1, _pooler),
    Loss("Valkey's master killed", 1, _queue),
    Loss("switchover", 6, _switchover),
    Loss("standby cut off", 1, _standby_cut),
    Loss("etcd without a quorum", 1, _agreement, seconds=30),  # longer than the lock of who leads holds
    Loss("primary cut off", 35, _primary_cut),
    Loss("primary's host dies", 35, _primary_dies),
)
