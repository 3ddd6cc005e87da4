"""What is sealed is read as it was, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from launch.backup.sealed import Broken, Opened, make_key, read_key, sealing
from launch.refusal import Refusal

KEY = bytes(range(32))
CHUNK = 2**20


def sealed(path: Path, content: bytes, name: str = "x") -> Path:
    with sealing(path, KEY, name) as file:
        for start in range(0, len(content), 70_000):
            file.write(content[start : start + 70_000])
    return path


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
@pytest.mark.parametrize("noise", [True, False], ids=["random", "zeros"])
def test_it_is_read_as_it_was(tmp_path: Path, size: int, noise: bool):
    content = os.urandom(size) if noise else bytes(size)
    with Opened(sealed(tmp_path / "a", content), KEY, "x") as file:
        assert b"".join(file.pieces()) == content
    assert os.listdir(tmp_path) == ["a"]


def test_reading_by_sizes_gives_what_reading_at_once_does(tmp_path: Path):
    content = os.urandom(2 * CHUNK + 5)
    with Opened(sealed(tmp_path / "a", content), KEY, "x") as file:
        assert b"".join(iter(lambda: file.read(333_333), b"")) == content


def damaged(raw: bytes) -> dict[str, bytes]:
    body, chunk = 16 + 32, CHUNK + 16
    return {
        "a bit changed": raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:],
        "cut within a chunk": raw[:-1],
        "cut between chunks": raw[: body + chunk],
        "nothing but the head": raw[:body],
        "chunks swapped": raw[:body]
        + raw[body + chunk : body + 2 * chunk]
        + raw[body : body + chunk]
        + raw[body + 2 * chunk :],
        "a chunk left out": raw[:body] + raw[body + chunk :],
        "something after the end": raw + b"x",
        "another salt": raw[:20] + bytes([raw[20] ^ 1]) + raw[21:],
        "another kind of file": b"y" + raw[1:],
    }


@pytest.mark.parametrize("damage", damaged(bytes(4 * CHUNK)))
def test_damage_is_noticed_before_the_end(tmp_path: Path, damage: str):
    path = sealed(tmp_path / "a", os.urandom(2 * CHUNK + CHUNK // 2))
    path.write_bytes(damaged(path.read_bytes())[damage])
    with pytest.raises(Broken), Opened(path, KEY, "x") as file:
        for _ in file.pieces():
            pass


def test_neither_another_key_nor_another_name_opens_it(tmp_path: Path):
    path = sealed(tmp_path / "a", b"secret")
    assert b"secret" not in path.read_bytes()
    for key, name in ((bytes(32), "x"), (KEY, "y")):
        with pytest.raises(Broken), Opened(path, key, name) as file:
            file.read()


def test_what_is_interrupted_is_not_there_and_what_was_there_stays(tmp_path: Path):
    path = sealed(tmp_path / "a", b"before")
    with pytest.raises(ZeroDivisionError), sealing(path, KEY, "x") as file:
        file.write(b"after")
        raise ZeroDivisionError
    with Opened(path, KEY, "x") as file:
        assert file.read() == b"before"
    assert os.listdir(tmp_path) == ["a"]


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "key"
    make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600 and len(read_key(path)) == 32
    with pytest.raises(Refusal, match="cannot be made"):
        make_key(path)
    path.chmod(0o640)
    with pytest.raises(Refusal, match="read by others"):
        read_key(path)
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(Refusal, match="holds no key"):
        read_key(path)
    with pytest.raises(Refusal, match="cannot be read"):
        read_key(tmp_path / "none")
