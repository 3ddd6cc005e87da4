"""What processes count is added up over all of them, and no sum falls when one of them dies."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from rq import Worker

from jobs.exposition import Exposition
from jobs.queue import DEFAULT, connect, queue
from launch.process import Child, wait_until
from launch.programs import program, web_command
from launch.stage import HOST, free_port
from tests import servers

pytestmark = pytest.mark.timeout(300)


@contextmanager
def running(child: Child) -> Iterator[Child]:
    child.start()
    try:
        yield child
    finally:
        child.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "counted"


@pytest.fixture
def environment(settings, folder: Path) -> dict[str, str]:
    return servers.environment(settings) | {
        "TONGLU_METRICS_FOLDER": str(folder),
        "TONGLU_COOKIE_SECURE": "false",
    }


def counted(folder: Path) -> dict[tuple[str, ...], float]:
    said = Exposition(str(folder), processes_only=True).text().decode()
    families = text_string_to_metric_families(said)
    return {
        (one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples
    }


PAGE = ("tonglu_request_seconds_count", *sorted(["account.sign_in", "GET", "2xx"]))


def test_requests_of_all_processes_are_one_sum_that_never_falls(environment, folder, tmp_path):
    port = free_port(0)
    environment |= {"TONGLU_BASE_URL": f"http://{HOST}:{port}"}
    address = f"http://{HOST}:{port}"
    with running(program("web", web_command(HOST, port), tmp_path, environment)) as web:
        assert wait_until(lambda: web.alive() and answers(address), 60), web.last_words()
        for _ in range(20):
            assert httpx.get(address + "/login", follow_redirects=True).status_code == 200
        assert httpx.get(address + "/no-such-page").status_code in (302, 404)
        first = counted(folder)
        pages = {key: value for key, value in first.items() if key[0] == "tonglu_request_seconds_count"}
        assert sum(pages.values()) == 41, pages
        assert first["tonglu_database_statements_total", "issuer"] > 0
        assert first["tonglu_database_connections_in_use", "issuer"] == 0
        for process in psutil.Process(web.pid).children():
            os.kill(process.pid, signal.SIGKILL)
        assert wait_until(lambda: answers(address), 60)
        httpx.get(address + "/login")
        then = counted(folder)
        pages = {key: value for key, value in then.items() if key[0] == "tonglu_request_seconds_count"}
        assert sum(pages.values()) == 42, pages
        assert all(then[key] >= first[key] for key in first if not key[0].startswith("tonglu_database_conn"))
        assert "counter_dead.db" in os.listdir(folder)


def test_jobs_are_counted_by_the_worker_and_not_by_its_children(environment, folder, settings):
    connection = connect(settings.redis_url.get_secret_value())
    with servers.child("jobs.worker", environment):
        assert wait_until(lambda: Worker.all(connection), 60)
        for _ in range(3):
            queue(DEFAULT, connection).enqueue("jobs.upkeep.forget", result_ttl=0)
        queue(DEFAULT, connection).enqueue("jobs.no.such", failure_ttl=60)
        done = ("tonglu_job_seconds_count", "done", "jobs.upkeep.forget")
        assert wait_until(lambda: folder.exists() and counted(folder).get(done) == 3, 60)
        failed = ("tonglu_job_seconds_count", "failed", "jobs.no.such")
        assert wait_until(lambda: counted(folder).get(failed) == 1, 60), counted(folder)
        assert len([name for name in os.listdir(folder) if name.startswith("histogram")]) == 1
    connection.close()


def answers(address: str) -> bool:
    try:
        return httpx.get(address + "/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_without_a_folder_the_library_is_not_even_loaded(settings):
    script = "import sys; import wsgi; sys.exit('prometheus_client' in sys.modules)"
    environment = servers.environment(settings)
    assert os.spawnve(os.P_WAIT, sys.executable, [sys.executable, "-c", script], environment) == 0
