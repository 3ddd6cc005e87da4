"""The files of deploy/ name what is there, and agree with the program and with each other."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import AliasChoices

from config import Settings
from launch.production import parse
from launch.programs import SIGNING_SECRETS
from portal.kernel.db import SESSION_SETTINGS
from tests.architecture.tree import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ENVIRONMENTS = sorted((DEPLOY / "environment").glob("*.env"))


def said(unit: Path) -> dict[str, list[str]]:
    """The directives of a unit, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


def variables(file: Path) -> set[str]:
    """What an environment file sets."""
    return set(re.findall(r"^([A-Z_]+)=", file.read_text(), re.MULTILINE))


def known_variables() -> Iterator[str]:
    """What processes read of the environment."""
    for name, field in Settings.model_fields.items():
        yield f"TONGLU_{name.upper()}"
        if isinstance(field.validation_alias, AliasChoices):
            yield from (str(choice) for choice in field.validation_alias.choices)
    yield "OWNER_DATABASE_URL"


def pooler() -> configparser.ConfigParser:
    """PgBouncer's configuration."""
    read = configparser.ConfigParser()
    read.read(DEPLOY / "database" / "pgbouncer.ini")
    return read


def balancer() -> dict[str, str]:
    """HAProxy's sections by their heads."""
    text = (DEPLOY / "database" / "haproxy.cfg").read_text()
    sections = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return {head.splitlines()[0]: head for head in sections if head and not head.startswith("#")}


def seconds(text: str) -> int:
    """A span such as ``65s`` or ``1min``."""
    amount, unit = re.fullmatch(r"(\d+)(s|min|)", text).groups()
    return int(amount) * (60 if unit == "min" else 1)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_parts_of_the_portal_with_files_that_are_here(unit):
    told = said(unit)
    program, *arguments = told["ExecStart"][0].split()
    assert program == "/opt/tonglu/bin/portal"
    assert parse(arguments).part in unit.name
    named = {Path(name).name for name in told["EnvironmentFile"]}
    assert named <= {file.name for file in ENVIRONMENTS}
    assert told["NoNewPrivileges"] == ["true"] and told["ProtectSystem"] == ["strict"]
    assert told["User"] == ["tonglu"]


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.name)
def test_environments_set_what_is_read(file):
    assert variables(file) <= set(known_variables())


def test_secrets_go_to_those_who_need_them():
    by_name = {file.name: variables(file) for file in ENVIRONMENTS}
    assert [name for name, held in by_name.items() if "OWNER_DATABASE_URL" in held] == ["migrate.env"]
    assert [name for name, held in by_name.items() if held & set(SIGNING_SECRETS)] == ["worker.env"]
    assert "ISSUER_DATABASE_URL" not in by_name["portal.env"] | by_name["worker.env"]
    readers = {
        unit.name for unit in UNITS if any("migrate.env" in file for file in said(unit)["EnvironmentFile"])
    }
    assert readers == {"tonglu-migrate.service"}


def test_the_way_to_the_database_is_one():
    sections = balancer()
    leader = re.search(r"bind 127\.0\.0\.1:(\d+)", sections["listen leader"]).group(1)
    inner = pooler()
    assert inner["databases"]["portal"] == f"host=127.0.0.1 port={leader}"
    portal = (DEPLOY / "environment" / "portal.env").read_text()
    assert f"@127.0.0.1:{inner['pgbouncer']['listen_port']}/portal" in portal
    assert f"@127.0.0.1:{leader}/portal" in (DEPLOY / "environment" / "migrate.env").read_text(), "past it"
    assert inner["pgbouncer"]["pool_mode"] == "transaction"
    assert int(inner["pgbouncer"]["max_prepared_statements"]) > 0


def test_nobody_on_the_way_is_less_patient_than_a_statement():
    longest = seconds(SESSION_SETTINGS["statement_timeout"])
    proxy = (DEPLOY / "proxy" / "nginx.conf").read_text()
    assert seconds(re.search(r"proxy_read_timeout (\w+);", proxy).group(1)) > longest
    assert seconds(pooler()["pgbouncer"]["query_timeout"]) > longest


def test_the_proxy_leads_to_the_web_and_packs_nothing():
    proxy = (DEPLOY / "proxy" / "nginx.conf").read_text()
    started = parse(said(DEPLOY / "systemd" / "tonglu-web.service")["ExecStart"][0].split()[1:])
    assert f"server {started.host}:{started.port} " in proxy
    assert "gzip off;" in proxy
    portal = (DEPLOY / "environment" / "portal.env").read_text()
    assert "TONGLU_TRUSTED_PROXIES=1" in portal and "X-Forwarded-For $remote_addr;" in proxy


def test_the_data_machines_are_those_that_are_asked():
    told = yaml.safe_load((DEPLOY / "database" / "patroni.yml").read_text())
    machines = {host.split(":")[0] for host in told["etcd3"]["hosts"]}
    sections = balancer()
    for section in ("listen leader", "listen followers"):
        assert set(re.findall(r"server \w+ ([\d.]+):5432 ", sections[section])) == machines
    assert told["restapi"]["listen"].split(":")[0] in machines
    assert "password" not in str(told), "they come from the unit's environment"
    most = told["bootstrap"]["dcs"]["postgresql"]["parameters"]["max_connections"]
    assert all(int(limit) <= most for limit in re.findall(r"maxconn (\d+) check", sections["listen leader"]))
