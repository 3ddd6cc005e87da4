"""The programs of each host of a cluster."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from launch.bootstrap import ROOT
from launch.certificate import make_certificate
from launch.hosts import files
from launch.hosts.machine import pooler_version
from launch.hosts.network import Host
from launch.places import postgres_programs, valkey_program
from launch.postgres import APP, ISSUER
from launch.process import Child
from launch.programs import SIGNING_SECRETS, schedule_command, web_command, worker_command

if TYPE_CHECKING:
    from launch.hosts.cluster import Cluster

_INIT = Path(__file__).with_name("init.py")


def _folder(cluster: Cluster, host: Host) -> Path:
    folder = cluster.folder / host.name
    for path in (folder, *(folder / name for name in ("run", "valkey", "etcd"))):
        path.mkdir(mode=0o700, exist_ok=True)
        cluster.account.give(path)
    return folder


def _child(
    cluster: Cluster,
    host: Host,
    name: str,
    command: list[str],
    environment: dict[str, str],
    *,
    privileged: bool,
) -> Child:
    """A program on a host, as root or under the account of servers."""
    drop = ["setpriv", "--pdeathsig", "TERM"]
    if not privileged:
        drop += ["--reuid", str(cluster.account.uid), "--regid", str(cluster.account.gid), "--clear-groups"]
    return Child(
        f"{host.name}-{name}",
        host.within([sys.executable, str(_INIT), *drop, *command]),
        log=cluster.folder / "logs" / f"{host.name}-{name}.log",
        environment=environment,
        folder=ROOT if privileged else Path("/"),
    )


def data_programs(cluster: Cluster, host: Host) -> dict[str, Child]:
    """What a data host runs, with its files written."""
    folder = _folder(cluster, host)
    first = cluster.data[0]
    queue, watcher = folder / "valkey" / "valkey.conf", folder / "valkey" / "sentinel.conf"
    if not watcher.exists():  # from then on Sentinel keeps both
        follows = None if host is first else first.address
        _write(cluster, queue, files.valkey(host, folder, cluster.prefix, follows=follows))
        _write(cluster, watcher, files.sentinel(host, folder, cluster.prefix))
    settings = folder / "patroni.yml"
    programs = postgres_programs(cluster.account)
    _write(cluster, settings, files.patroni(host, folder, cluster.prefix, programs))
    bare = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    passwords = {
        f"PATRONI_{name.upper()}_PASSWORD": cluster.secrets[name]
        for name in ("superuser", "replication", "rewind", "restapi")
    }
    server = str(valkey_program())
    return {
        "etcd": _child(
            cluster, host, "etcd", ["etcd"], bare | files.etcd(host, folder, cluster.prefix), privileged=False
        ),
        "valkey": _child(cluster, host, "valkey", [server, str(queue)], bare, privileged=True),
        "sentinel": _child(
            cluster, host, "sentinel", [server, str(watcher), "--sentinel"], bare, privileged=True
        ),
        "patroni": _child(
            cluster, host, "patroni", [cluster.patroni, str(settings)], bare | passwords, privileged=False
        ),
    }


def app_programs(cluster: Cluster, host: Host) -> dict[str, Child]:
    """What a host of the portal runs, with its files written."""
    folder = _folder(cluster, host)
    version = pooler_version()
    _write(cluster, folder / "haproxy.cfg", files.haproxy(cluster.prefix))
    _write(cluster, folder / "pgbouncer.ini", files.pgbouncer(folder, version))
    users = "".join(f'"{role}" "{cluster.secrets[role]}"\n' for role in (APP, ISSUER))
    _write(cluster, folder / "users.txt", users)
    make_certificate(folder, name=host.address)
    webs = [one.address for one in cluster.apps]
    _write(cluster, folder / "nginx.conf", files.nginx(host, folder, webs))
    common = {
        name: value for name, value in cluster.environment.items() if name not in ("OWNER_DATABASE_URL",)
    } | files.environment("portal", cluster.prefix, cluster.secrets)
    common |= {
        "DATABASE_URL": common["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"),
        "TONGLU_BASE_URL": f"https://{webs[0]}",
        "TONGLU_HOSTS": json.dumps(webs),
        "TONGLU_COOKIE_SECURE": "true",
        "TONGLU_FILES_URL": cluster.environment["TONGLU_FILES_URL"],
        "TONGLU_MAIL_URL": cluster.environment["TONGLU_MAIL_URL"],
        "TONGLU_DATABASE_PREPARES": str(files.prepares(version)).lower(),
    }
    common.pop("ISSUER_DATABASE_URL")
    web = {name: value for name, value in common.items() if name not in SIGNING_SECRETS}
    issuer = files.environment("web", cluster.prefix, cluster.secrets)["ISSUER_DATABASE_URL"]
    web["ISSUER_DATABASE_URL"] = issuer.replace("postgresql://", "postgresql+psycopg://")
    bare = {"PATH": os.environ["PATH"]}
    return {
        "haproxy": _child(
            cluster,
            host,
            "haproxy",
            ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")],
            bare,
            privileged=True,
        ),
        "pgbouncer": _child(
            cluster, host, "pgbouncer", ["pgbouncer", str(folder / "pgbouncer.ini")], bare, privileged=False
        ),
        "web": _child(cluster, host, "web", web_command(host.address, 8000, 1), web, privileged=True),
        "worker": _child(cluster, host, "worker", worker_command(), common, privileged=True),
        "schedule": _child(cluster, host, "schedule", schedule_command(), common, privileged=True),
        "nginx": _child(
            cluster, host, "nginx", ["nginx", "-c", str(folder / "nginx.conf")], bare, privileged=True
        ),
    }


def _write(cluster: Cluster, path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
    cluster.account.give(path)
