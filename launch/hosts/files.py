"""The files of `deploy/` as one host of a cluster in `D` has them.

Names, addresses and folders are replaced, and what the programs at hand lack is left out. A part that is to
be replaced and is not there is an error: the cluster runs what `deploy/` says, or does not start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from launch.bootstrap import ROOT
from launch.hosts.network import Host
from launch.refusal import Refusal

DEPLOY = ROOT / "deploy"
_PREFIX, _FIRST = "10.0.0.", "10.0.0.11"  # of the examples
_PREPARED_SINCE = (1, 21)


def patroni(host: Host, folder: Path, prefix: str, programs: Path) -> str:
    """Patroni's settings. The embedded PostgreSQL has neither TLS nor pg_stat_statements."""
    text = _read("database/patroni.yml")
    text = _put(text, "name: data1", f"name: {host.name}")
    for port in (8008, 5432):
        text = _put(text, f"{_FIRST}:{port}", f"{host.address}:{port}")
    text = _put(
        text,
        "data_dir: /var/lib/postgresql/tonglu",
        f"data_dir: {folder}/postgres\n  bin_dir: {programs}\n  pgpass: {folder}/pgpass",
    )
    text = _put(text, "local all postgres peer", "local all postgres scram-sha-256")
    text = _put(text, "hostssl", "host")
    text = _put(text, 'ssl: "on"', f"unix_socket_directories: {folder}/run")
    for line in ("ssl_cert_file", "ssl_key_file", "shared_preload_libraries"):
        text = _drop(text, line)
    return text.replace(_PREFIX, prefix)


def etcd(host: Host, folder: Path, prefix: str) -> dict[str, str]:
    """The environment of etcd."""
    text = _read("database/etcd.env")
    text = _put(text, "ETCD_NAME=data1", f"ETCD_NAME={host.name}")
    text = _put(text, "/var/lib/etcd/tonglu", f"{folder}/etcd")
    listed = re.sub(
        r"^(ETCD_(?!INITIAL_CLUSTER=).*)" + re.escape(_FIRST),
        rf"\g<1>{host.address}",
        text,
        flags=re.MULTILINE,
    )
    return variables(listed.replace(_PREFIX, prefix))


def valkey(host: Host, folder: Path, prefix: str, *, follows: str | None) -> str:
    """Valkey's settings, before its first start."""
    text = _put(_read("queue/valkey.conf"), f"bind {_FIRST}", f"bind {host.address}")
    text = _put(text, "/var/lib/valkey", f"{folder}/valkey")
    return text.replace(_PREFIX, prefix) + (f"replicaof {follows} 6379\n" if follows else "")


def sentinel(host: Host, folder: Path, prefix: str) -> str:
    """Sentinel's settings, before its first start."""
    text = _put(_read("queue/sentinel.conf"), f"bind {_FIRST}", f"bind {host.address}")
    return _put(text, "/var/lib/valkey", f"{folder}/valkey").replace(_PREFIX, prefix)


def haproxy(prefix: str) -> str:
    """What finds the leader."""
    return _read("database/haproxy.cfg").replace(_PREFIX, prefix)


def pgbouncer(folder: Path, version: tuple[int, ...]) -> str:
    """The pooler. Hosts here share one file system, so it has no socket in it."""
    text = _put(_read("database/pgbouncer.ini"), "/etc/tonglu/pgbouncer-users.txt", f"{folder}/users.txt")
    if not prepares(version):
        text = _drop(text, "max_prepared_statements")
    return text + "unix_socket_dir =\n"


def prepares(version: tuple[int, ...]) -> bool:
    """Whether this PgBouncer keeps prepared statements."""
    return version >= _PREPARED_SINCE


def nginx(host: Host, folder: Path, webs: list[str]) -> str:
    """The proxy, as a whole configuration."""
    site = _put(_read("proxy/nginx.conf"), "dealers.example.com", host.address)
    told = re.search(r"^ +server 127\.0\.0\.1:8000 (.*;).*$", site, re.MULTILINE)
    if told is None:
        raise Refusal("deploy/proxy/nginx.conf names no web process")
    site = site.replace(told[0], "\n".join(f"    server {web}:8000 {told[1]}" for web in webs))
    site = _put(site, "/etc/tonglu/tls/fullchain.pem", f"{folder}/signing-certificate.pem")
    site = _put(site, "/etc/tonglu/tls/key.pem", f"{folder}/signing-key.pem")
    site = _put(site, "/var/cache/nginx/tonglu", f"{folder}/cache")
    scratch = "\n".join(
        f"    {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"user root;\ndaemon off;\npid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\n    access_log off;\n{scratch}\n{site}}}\n"
    )


def environment(name: str, prefix: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """An environment file with the passwords of roles in their places; what else is left open is left out."""
    text = _read(f"environment/{name}.env")
    for role, password in passwords.items():
        text = text.replace(f"{role}:…@", f"{role}:{password}@")
    return {key: value.replace(_PREFIX, prefix) for key, value in variables(text).items() if "…" not in value}


def variables(text: str) -> dict[str, str]:
    """What an environment file sets."""
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))


def _read(name: str) -> str:
    return (DEPLOY / name).read_text()


def _put(text: str, old: str, new: str) -> str:
    if old not in text:
        raise Refusal(f"a file of deploy/ has no {old!r} any more")
    return text.replace(old, new)


def _drop(text: str, part: str) -> str:
    """Without the lines that set `part`."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith(part)]
    if len(kept) == len(text.splitlines()):
        raise Refusal(f"a file of deploy/ sets no {part!r} any more")
    return "\n".join(kept) + "\n"


def role_settings() -> dict[str, str]:
    """What docs/operations.md has the roles set."""
    told = (ROOT / "docs" / "operations.md").read_text()
    found = re.findall(r"^ALTER ROLE portal_app IN DATABASE portal SET ([\w.]+) = '?([^';]+)'?;", told, re.M)
    if not found:
        raise Refusal("docs/operations.md names no settings of the roles any more")
    return dict(found)
