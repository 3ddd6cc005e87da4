"""What bin/demo keeps between starts, and whose folder it declines to use."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from launch.demo_folder import DemoFolder
from launch.refusal import Refusal

CONTENT = {
    "users": [
        {
            "email": "buyer@example.com",
            "password": "a",
            "role": "dealer_buyer",
            "dealer": "D0001",
            "regions": [],
        }
    ],
    "clients": [],
}


def test_secrets_are_kept_and_readable_by_their_owner_only(folder: Path):
    with DemoFolder(folder / "demo") as demo:
        demo.keep_credentials(CONTENT)
        demo.set_base_url("http://127.0.0.1:8000")
        key = demo.secret_key()
    with DemoFolder(folder / "demo") as demo:
        assert demo.secret_key() == key and len(key) >= 32
    assert json.loads(demo.credentials_path.read_text()) == {"base_url": "http://127.0.0.1:8000", **CONTENT}
    for name in ("credentials.json", "secret_key", "load_id"):
        assert (folder / "demo" / name).stat().st_mode & 0o777 == 0o600


def test_credentials_fit_only_the_data_they_were_made_for(folder: Path):
    with DemoFolder(folder / "demo") as demo:
        first = demo.keep_credentials(CONTENT)
        demo.secret_key()
        assert demo.fits(first)
        demo.keep_credentials(CONTENT)
        assert not demo.fits(first)


@pytest.mark.parametrize("damage", ["", "{", "{}", "[]"])
def test_damaged_credentials_count_as_lost(folder: Path, damage: str):
    with DemoFolder(folder / "demo") as demo:
        number = demo.keep_credentials(CONTENT)
        demo.secret_key()
        demo.credentials_path.write_text(damage)
        assert not demo.fits(number)


def test_a_second_demo_on_the_same_folder_is_refused(folder: Path):
    with DemoFolder(folder / "demo") as demo, pytest.raises(Refusal, match="already runs"):
        DemoFolder(demo.path).__enter__()


def test_a_folder_with_other_files_is_left_alone(folder: Path):
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(Refusal, match="holds other files"):
        DemoFolder(folder).__enter__()
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(folder: Path):
    (folder / "file").touch()
    with pytest.raises(Refusal, match="cannot be used"):
        DemoFolder(folder / "file" / "demo").__enter__()


def test_starting_over_deletes_only_what_the_demo_keeps(folder: Path):
    with DemoFolder(folder / "demo") as demo:
        demo.keep_credentials(CONTENT)
        demo.secret_key()
        (demo.path / "notes.txt").touch()
        demo.erase()
        assert sorted(path.name for path in demo.path.iterdir()) == ["demo.lock", "notes.txt"]


@pytest.mark.parametrize("made_by", ["the demo", "a person"])
def test_nobody_else_looks_into_the_folder(folder: Path, made_by: str):
    path = folder / "demo"
    if made_by == "a person":
        path.mkdir(mode=0o777)
    with DemoFolder(path):
        assert path.stat().st_mode & 0o077 == (
            0o011 if os.geteuid() == 0 else 0
        )  # root's database server passes through
        assert (path / "demo.lock").stat().st_mode & 0o077 == 0
