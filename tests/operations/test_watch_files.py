"""Alerts and dashboards ask for what the portal says, and at the limits that its own page has."""

from __future__ import annotations

import ast
import json
import re

import pytest
import yaml

from portal.operations import rules
from tests.architecture import tree

WATCH = tree.ROOT / "deploy" / "watch"
ALERTS = [
    rule for group in yaml.safe_load((WATCH / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARDS = sorted((WATCH / "dashboards").glob("*.json"))
_SAMPLES = {
    "Histogram": ("_bucket", "_sum", "_count"),
    "Counter": ("_total",),
    "CounterMetricFamily": ("_total",),
    "Gauge": ("",),
    "_gauge": ("",),
    "_age": ("",),
    "_family": ("",),
}
_NAME = re.compile(r"\b(?:tonglu_[a-z_]+|up)\b(?!\")")
_LABELS = re.compile(r"(\w+)\{([^}]*)\}")

# Where a limit of the page is the limit of an alert, in seconds.
LIMITS = {
    "TongluOutboxLate": rules.OUTBOX_LATE,
    "TongluSealLate": rules.SEAL_LATE,
    "TongluBackupLate": rules.BACKUP_LATE,
    "TongluDrillLate": rules.DRILL_LATE,
    "TongluCheckLate": rules.CHECK_LATE,
    "TongluNoSchedule": rules.SCHEDULE_LATE,
}


def said() -> dict[str, set[str]]:
    """Names of samples that the portal gives, with their labels, read from its source."""
    found: dict[str, set[str]] = {"up": {"job"}}
    for path in ("portal/web/meters.py", "jobs/exposition.py"):
        for node in tree.nodes(tree.ROOT / path):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _SAMPLES:
                name = node.args[0]
                if isinstance(name, ast.Constant) and str(name.value).startswith("tonglu_"):
                    labels = {
                        one.value
                        for part in node.args[2:3]
                        for one in ast.walk(part)
                        if hasattr(one, "value")
                    } - {None}
                    for ending in _SAMPLES[node.func.id]:
                        found[name.value + ending] = {str(label) for label in labels} | (
                            {"le"} if ending == "_bucket" else set()
                        )
    return found


SAID = said()


def asked(expression: str) -> set[str]:
    return set(_NAME.findall(re.sub(r"by \([^)]*\)|\{[^}]*\}", "", expression)))


def expressions_of(dashboard: str) -> list[str]:
    return [target["expr"] for panel in json.loads(dashboard)["panels"] for target in panel["targets"]]


EVERY = [rule["expr"] for rule in ALERTS] + [
    one for path in DASHBOARDS for one in expressions_of(path.read_text())
]


@pytest.mark.parametrize("expression", EVERY)
def test_what_is_asked_for_exists_with_its_labels(expression: str):
    assert asked(expression) and asked(expression) <= SAID.keys()
    for name, labels in _LABELS.findall(expression):
        assert {one.partition("=")[0].rstrip("!") for one in labels.split(",")} <= SAID[name]


def test_whatever_the_portal_says_is_shown_or_watched():
    assert SAID.keys() - set().union(*map(asked, EVERY)) == set()


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_whole(path):
    board = json.loads(path.read_text())
    assert board["uid"] == path.stem and board["schemaVersion"] >= 39
    assert [panel["id"] for panel in board["panels"]] == list(range(1, len(board["panels"]) + 1))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]]
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in board["panels"])


def test_every_alert_says_what_is_wrong_what_to_do_and_whom_it_wakes():
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)
    for rule in ALERTS:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert all(rule["annotations"][part] for part in ("summary", "description"))


@pytest.mark.parametrize("alert", LIMITS)
def test_the_page_and_the_alerts_have_one_limit(alert: str):
    (rule,) = (rule for rule in ALERTS if rule["alert"] == alert)
    assert re.search(rf"> {LIMITS[alert].total_seconds():.0f}\b", rule["expr"])


def test_the_log_is_watched_at_the_limit_of_the_page():
    (rule,) = (rule for rule in ALERTS if rule["alert"] == "TongluLogBehind")
    assert f"> {rules.UNRECEIVED_MAX}" in rule["expr"]


def test_prometheus_is_told_of_the_alerts():
    kept = yaml.safe_load((WATCH / "prometheus.yml").read_text())
    assert kept["rule_files"] == ["alerts.yml"]
    assert kept["scrape_configs"][0]["job_name"] == "tonglu"


def test_the_release_is_that_of_the_project():
    import tomllib

    from portal.version import VERSION

    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
