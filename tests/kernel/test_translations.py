"""Words are as new as their source at every start, and nothing is written to have them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.kernel.translations import words
from tests.servers import ROOT

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
ASK = "import sys, pathlib; from portal.kernel.translations import words; "
ASK += "print(words('zh', pathlib.Path(sys.argv[1])).gettext('Order'))"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A catalogue of one word."""
    path = tmp_path / "zh" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(f'{HEAD}msgid "Order"\nmsgstr "订单"\n', encoding="utf-8")
    return path


def start(folder: Path) -> subprocess.Popen[str]:
    """A process that says how it calls an order."""
    return subprocess.Popen(
        [sys.executable, "-c", ASK, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def test_a_changed_word_is_seen_at_the_next_start_even_if_its_file_became_older(source, tmp_path):
    assert start(tmp_path).communicate()[0] == "订单\n"
    source.write_text(source.read_text(encoding="utf-8").replace("订单", "订货单"), encoding="utf-8")
    os.utime(source, (1, 1))
    assert start(tmp_path).communicate()[0] == "订货单\n"


def test_processes_that_start_at_once_read_the_same_and_write_nothing(source, tmp_path):
    both = [start(tmp_path), start(tmp_path)]
    assert [process.communicate()[0] for process in both] == ["订单\n", "订单\n"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [source]


def test_a_compiled_file_that_somebody_left_is_not_believed(source, tmp_path):
    source.with_suffix(".mo").write_bytes(b"stale")
    assert words("zh", tmp_path).gettext("Order") == "订单"


def test_a_language_without_a_catalogue_is_english(tmp_path):
    assert words("fr", tmp_path).gettext("Order") == "Order"


def test_a_guess_is_not_shown(source, tmp_path):
    source.write_text(f'{HEAD}#, fuzzy\nmsgid "Order"\nmsgstr "命令"\n', encoding="utf-8")
    assert words("zh", tmp_path).gettext("Order") == "Order"


@pytest.mark.parametrize("damage", ["<<<<<<< HEAD\n", 'msgidd "Cart"\n', "=======\n"])
def test_a_damaged_catalogue_stops_the_start_and_names_its_line(source, tmp_path, damage):
    source.write_text(source.read_text(encoding="utf-8") + damage, encoding="utf-8")
    with pytest.raises(ValueError, match=r"messages\.po, line 6: "):
        words("zh", tmp_path)
