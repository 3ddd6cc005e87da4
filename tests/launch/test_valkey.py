"""The embedded Valkey: one address for every library, and jobs that survive."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis
from limits.storage import storage_from_string
from rq import Queue

from launch.refusal import Refusal
from launch.valkey import Valkey


def test_queued_jobs_survive_a_kill_and_a_new_start(folder: Path):
    with Valkey(folder / "the queue") as valkey:
        client = redis.from_url(valkey.url)
        job = Queue(connection=client).enqueue("os.getpid")
        client.waitaof(
            num_local=1, num_replicas=0, timeout=20_000
        )  # the log is flushed every second, not every time
        valkey.kill()
        valkey.start()
        assert Queue(connection=redis.from_url(valkey.url)).job_ids == [job.id]
    with Valkey(folder / "the queue") as valkey:
        assert Queue(connection=redis.from_url(valkey.url)).job_ids == [job.id]


def test_a_second_server_on_the_same_folder_is_refused(folder: Path):
    with Valkey(folder), pytest.raises(Refusal, match="already runs"):
        Valkey(folder).open()


def test_rate_limits_use_the_same_server():
    with Valkey(durable=False) as valkey:
        limits = storage_from_string(valkey.url.replace("unix://", "redis+unix://"))
        assert limits.incr("sign-in", 60) == 1


def test_it_listens_to_nobody_else_on_the_machine():
    with Valkey(durable=False) as valkey:
        assert redis.from_url(valkey.url).config_get("port")["port"] == "0"
        assert valkey.socket_folder.stat().st_mode & 0o077 == 0


def spoil(folder: Path, pattern: str, content: bytes | None) -> None:
    """Damage a part of the log of operations."""
    (path,) = (folder / "appendonlydir").glob(pattern)
    path.unlink() if content is None else path.write_bytes(content)


BROKEN = {
    "operations": ("*.incr.aof", b"*3\r\n$3\r\nSET\r\n$1\r\nrubbish" * 9),
    "zeros": ("*.incr.aof", bytes(4096)),
    "the base": ("*.base.rdb", b"no such thing"),
    "the base is gone": ("*.base.rdb", None),
    "the list of parts": ("*.manifest", b"file nowhere seq x"),
    "an empty list of parts": ("*.manifest", b""),
}


@pytest.mark.parametrize("part", BROKEN)
def test_with_a_broken_log_of_operations_it_starts_empty(folder: Path, part: str):
    with Valkey(folder) as valkey:
        client = redis.from_url(valkey.url)
        client.set("kept", 1)
        client.waitaof(num_local=1, num_replicas=0, timeout=20_000)
        valkey.kill()
        spoil(folder, *BROKEN[part])
        valkey.start()
        assert redis.from_url(valkey.url).dbsize() == 0
        assert (folder / "appendonlydir.broken").is_dir()
        redis.from_url(valkey.url).set("new", 1)
    with Valkey(folder) as valkey:
        assert redis.from_url(valkey.url).keys() == [b"new"]


def test_a_log_that_is_not_at_fault_stays(folder: Path, monkeypatch: pytest.MonkeyPatch):
    with Valkey(folder) as valkey:
        client = redis.from_url(valkey.url)
        client.set("kept", 1)
        client.waitaof(num_local=1, num_replicas=0, timeout=20_000)
    monkeypatch.setattr("launch.valkey.valkey_program", lambda: Path("/bin/false"))
    with pytest.raises(Refusal):
        Valkey(folder).open()
    monkeypatch.undo()
    with Valkey(folder) as valkey:
        assert redis.from_url(valkey.url).get("kept") == b"1"
