"""HA: eight clients order through the proxies of a cluster of hosts while it loses one thing after the other.

An order that was acknowledged is there, once; whatever else a client is told says when to come again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.losses import LOSSES, Loss
from bench.w2_place_order import fill_up, orderable
from bench.writers import Writers
from launch.hosts import command
from launch.hosts.cluster import Cluster
from launch.postgres import OWNER
from launch.process import wait_until
from launch.storage import libpq_url
from launch.supervisor import Supervisor

GOALS = {"lost": 0, "double": 0, "wrong": 0}
_WRITERS = 8
_MOST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class _Drill:
    cluster: Cluster
    supervisor: Supervisor
    writers: Writers

    def until(self, condition: Callable[[], object]) -> bool:
        """Whether it came true in time; what ended meanwhile is started again."""

        def asked() -> object:
            self.supervisor.tend()
            return condition()

        return wait_until(asked, _MOST_SECONDS, pause=0.1)

    def calm(self) -> bool:
        """Whether all is there and orders are acknowledged."""
        return self.until(lambda: self._flows() and self.cluster.whole())

    def _flows(self) -> bool:
        return self.writers.since(time.monotonic() - 1) > 0

    def lose(self, loss: Loss) -> dict:
        """What one loss did to orders, and how long it took until all was there again."""
        self.calm()
        seen = self.writers.seen
        before, refused = len(seen.acknowledged), seen.statuses[503]
        begun = time.monotonic()
        mend = loss.happen(self.cluster)
        self.until(lambda: time.monotonic() > begun + loss.seconds and self._flows())
        pause = self.writers.pause(begun, time.monotonic())
        if mend is not None:
            mend()
        mended = time.monotonic()
        whole = self.calm()
        return {
            "event": loss.name,
            "pause_seconds": round(pause, 2),
            "goal_seconds": loss.goal,
            "whole_again_seconds": round(time.monotonic() - (mended if mend else begun), 1)
            if whole
            else None,
            "acknowledged": len(seen.acknowledged) - before,
            "refused": seen.statuses[503] - refused,
        }


def run(options: argparse.Namespace, names: list[str], folder: Path) -> dict:
    """The drill on a cluster that is started for it; `names` of what is lost, or nothing for everything."""
    with ExitStack() as stack:
        cluster, supervisor = command.start(stack, options, folder)
        credentials = json.loads((folder / "demo" / "credentials.json").read_text())
        clients = [client for client in credentials["clients"] if client["dealer"]]
        clients = [clients[place * len(clients) // _WRITERS] for place in range(_WRITERS)]
        with closing(_owner(cluster)) as connection:
            fill_up(connection)
            products = [orderable(connection, client["dealer"]) for client in clients]
        writers = Writers([host.address for host in cluster.apps], clients, products)
        drill = _Drill(cluster, supervisor, writers)
        writers.start()
        events = [drill.lose(loss) for loss in LOSSES if not names or loss.name in names]
        ended = writers.end()
        return _report(cluster, drill, events, all_ended=ended)


def _report(cluster: Cluster, drill: _Drill, events: list[dict], *, all_ended: bool) -> dict:
    """Acknowledged orders against those that are there."""
    seen = drill.writers.seen
    with closing(_owner(cluster)) as connection:
        there = dict(
            connection.execute(
                "SELECT purchase_order_no, count(*) FROM sales_order"
                " WHERE starts_with(purchase_order_no, %s) GROUP BY 1",
                [f"HA-{drill.writers.run}-"],
            ).fetchall()
        )
        (waiting,) = connection.execute(
            "SELECT count(*) FROM outbox WHERE dispatched_at IS NULL AND not_before <= now()"
        ).fetchone()
    mine = [number for _, number in seen.acknowledged]
    return {
        "hosts": len(cluster.network.hosts),
        "events": events,
        "acknowledged": len(mine),
        "there": len(there),
        "lost": sum(1 for number in mine if number not in there),
        "double": sum(1 for count in there.values() if count > 1),
        "wrong": dict(seen.wrong) | ({} if all_ended else {"never acknowledged": 1}),
        "statuses": {str(status): count for status, count in sorted(seen.statuses.items())},
        "slowest_seconds": round(seen.slowest_seconds, 1),
        "effects_waiting": waiting,
        "goals": GOALS,
    }


def passed(report: dict) -> bool:
    """Whether every goal was reached."""
    return (
        not any(report[name] for name in GOALS)
        and all(event["pause_seconds"] < event["goal_seconds"] for event in report["events"])
        and all(event["whole_again_seconds"] is not None for event in report["events"])
    )


def table(report: dict) -> str:
    """The same for people."""
    lines = [f"{'event':<24}{'pause':>9}{'goal':>8}{'whole again':>14}{'refused':>9}"]
    for event in report["events"]:
        whole = event["whole_again_seconds"]
        lines.append(
            f"{event['event']:<24}{event['pause_seconds']:>7.2f} s{event['goal_seconds']:>6} s"
            f"{'never' if whole is None else f'{whole:.1f} s':>14}{event['refused']:>9}"
        )
    told = ("acknowledged", "lost", "double", "effects_waiting", "slowest_seconds")
    return "\n".join(
        [*lines, ", ".join(f"{name} {report[name]}" for name in told), f"wrong {report['wrong']}"]
    )


def _owner(cluster: Cluster) -> psycopg.Connection:
    """A connection to whoever leads, of the owner, that sees every row."""
    connection = psycopg.connect(libpq_url(cluster.url(OWNER)), autocommit=True)
    connection.execute("SELECT set_config('app.region_ids', '*', false)")
    return connection


def main(options: argparse.Namespace, folder: Path) -> int:
    """Run it, and say what came of it: JSON for programs, a table for people. 1 where a goal was missed."""
    report = run(options, options.losing, folder)
    print(json.dumps({"workload": "HA", **report}, ensure_ascii=False), flush=True)
    print(table(report), file=sys.stderr)
    return 0 if passed(report) else 1
