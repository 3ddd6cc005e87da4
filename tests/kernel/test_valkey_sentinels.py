"""A client through Sentinels works on whoever is master: real servers, a real failover."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from rq import Queue

from jobs.queue import connect
from launch.places import valkey_program
from launch.process import Child, wait_until
from portal.kernel import valkey

_HOST = "127.0.0.1"
_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return probe.getsockname()[1]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[str, dict[int, Child]]]:
    """Address of three Sentinels, and two servers by their ports; the first is master."""
    first, second, *watchers = (free_port() for _ in range(5))
    with ExitStack() as stack:

        def started(name: str, text: str, *more: str) -> Child:
            file = tmp_path / f"{name}.conf"
            file.write_text(f"bind {_HOST}\nprotected-mode no\ndir {tmp_path}\n{text}")
            child = Child(name, [valkey_program(), file, *more], log=tmp_path / "logs" / f"{name}.log")
            stack.callback(child.stop)
            child.start()
            return child

        kept = {first: started("first", f"port {first}\nsave ''\n")}
        kept[second] = started("second", f"port {second}\nsave ''\nreplicaof {_HOST} {first}\n")
        for port in watchers:
            started(
                f"sentinel-{port}",
                f"port {port}\nsentinel monitor tonglu {_HOST} {first} 2\n"
                "sentinel down-after-milliseconds tonglu 500\nsentinel failover-timeout tonglu 2000\n",
                "--sentinel",
            )
        assert wait_until(lambda: all(_knows_all(port) for port in watchers), _SECONDS)
        yield f"redis+sentinel://{','.join(f'{_HOST}:{port}' for port in watchers)}/tonglu", kept


def _knows_all(port: int) -> bool:
    try:
        with redis.Redis(_HOST, port) as watcher:
            told = watcher.sentinel_master("tonglu")
    except redis.RedisError:
        return False
    return told["num-slaves"] == 1 and told["num-other-sentinels"] == 2


def test_a_client_follows_the_failover(servers):
    url, kept = servers
    client = connect(url)
    queue = Queue(connection=client)
    queue.enqueue("os.getpid")
    assert client.wait(1, 5000) == 1
    first, second = kept
    kept[first].kill()

    def works() -> bool:
        try:
            return bool(client.set("after", 1))
        except redis.RedisError:
            return False

    assert wait_until(works, _SECONDS, pause=0.1)
    assert redis.Redis(_HOST, second).get("after") == b"1"
    assert len(queue.job_ids) == 1, "what the follower had is there"


class Told(Exception):
    """What a signal raises, as RQ does in a worker that waits for a job."""


def test_an_answer_that_was_not_awaited_is_nobody_elses(servers):
    url, _ = servers
    client = connect(url)
    client.ping()

    def told(*_: object) -> None:
        raise Told

    before = signal.signal(signal.SIGALRM, told)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Told):
            client.blpop(["nothing"], timeout=_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, _SECONDS / 3)
        assert client.ping() is True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_one_server_needs_no_sentinel():
    kwargs = valkey.connect("redis://127.0.0.1:6400/3", socket_timeout=1).connection_pool.connection_kwargs
    assert (kwargs["port"], kwargs["db"], kwargs["socket_timeout"]) == (6400, 3, 1)


def test_an_address_of_sentinels_names_what_they_watch():
    with pytest.raises(ValueError, match="ends with the name"):
        valkey.connect("redis+sentinel://127.0.0.1:26379")


def test_a_sentinel_without_a_port_has_its_own():
    assert valkey._pair("10.0.0.11") == ("10.0.0.11", 26379)
