"""Packed copies of files: up to date, whole, and no reason not to start."""

from __future__ import annotations

import gzip
import os

import brotli

from launch.precompress import precompress

TEXT = b".state { color: red; }\n" * 100


def test_files_for_browsers_get_packed_copies_and_nothing_else_does(tmp_path):
    for name in ("a.css", "deep/b.js", "c.svg", "d.txt", "e.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(TEXT)
    (tmp_path / "small.css").write_bytes(b"p{}")
    precompress(tmp_path)
    copies = {
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.suffix in (".br", ".gz")
    }
    assert copies == {
        f"{name}{suffix}" for name in ("a.css", "deep/b.js", "c.svg") for suffix in (".br", ".gz")
    }
    assert (
        brotli.decompress((tmp_path / "a.css.br").read_bytes())
        == gzip.decompress((tmp_path / "a.css.gz").read_bytes())
        == TEXT
    )
    assert (tmp_path / "a.css.br").stat().st_mode == (tmp_path / "a.css").stat().st_mode


def test_a_file_that_changed_is_packed_again_also_when_it_became_older(tmp_path):
    file = tmp_path / "a.css"
    file.write_bytes(TEXT)
    precompress(tmp_path)
    file.write_bytes(TEXT * 2)
    os.utime(file, (1, 1))
    precompress(tmp_path)
    assert brotli.decompress((tmp_path / "a.css.br").read_bytes()) == TEXT * 2


def test_one_that_did_not_change_is_left_alone(tmp_path):
    (tmp_path / "a.css").write_bytes(TEXT)
    precompress(tmp_path)
    (tmp_path / "a.css.br").write_bytes(b"kept")
    os.utime(tmp_path / "a.css.br", ns=(tmp_path.joinpath("a.css").stat().st_mtime_ns,) * 2)
    precompress(tmp_path)
    assert (tmp_path / "a.css.br").read_bytes() == b"kept"


def test_a_folder_that_takes_no_copies_is_no_reason_not_to_start(tmp_path):
    (tmp_path / "a.css").write_bytes(TEXT)
    (tmp_path / "a.css.br").mkdir()  # as root, a folder without write permission would not refuse
    precompress(tmp_path)
    assert not list(tmp_path.glob(".packing-*"))
