"""What an entry may say, whom it reaches, and which files it carries."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest

from portal.feed import rules
from portal.feed.attachment_rules import checked_type, plain_name
from portal.feed.rules import EVERYBODY, Address, Content, addresses_of, least
from portal.files.content_rules import JPEG, PDF, PNG
from portal.files.office_rules import SHEET, SLIDES, WORD
from portal.kernel.errors import Invalid
from tests.cast import ZONE
from tests.files.acts import a_pdf, a_workbook


def content(**said) -> Content:
    return Content(**{"kind": "notice", "title_zh": "通知", "title_en": "Notice"} | said)


def pointers(**said) -> list[str]:
    return [fault.pointer for fault in rules.content_faults(content(**said))]


def test_every_fault_of_an_entry_stands_beside_its_field():
    assert pointers() == []
    assert pointers(kind="gossip", title_zh="", title_en="x" * 121, text_zh="x" * 10_001) == [
        "/kind",
        "/title_zh",
        "/title_en",
        "/text_zh",
    ]
    assert pointers(title_en="a\u202eb") == ["/title_en"]  # turns what follows around
    day = datetime(2026, 1, 1, tzinfo=ZONE)
    assert pointers(valid_from=day, valid_until=day) == ["/valid_until"]


def test_regions_tiers_and_lines_narrow_each_other_and_named_dealers_come_besides():
    meant = addresses_of(regions=[11, 12], tiers=["S"], categories=["P", "T"], dealers=[101])
    assert set(meant) == {
        *(Address(None, region, "S", line) for region in (11, 12) for line in ("P", "T")),
        Address(101),
    }
    assert addresses_of(regions=[], tiers=[], categories=[], dealers=[]) == (EVERYBODY,)
    assert addresses_of(regions=[], tiers=[], categories=[], dealers=[101, 101]) == (Address(101),)


def test_everybody_is_everybody_whoever_else_is_named():
    assert least([Address(101), EVERYBODY]) == (EVERYBODY,)
    assert least([Address(tier="S"), Address(101), Address(tier="S")]) == (Address(tier="S"), Address(101))
    assert least([]) == (EVERYBODY,)


def test_a_text_is_paragraphs_and_lists():
    text = "各位经销商：\r\n请注意。\r\n\r\n- 华东 <b>\r\n- 华南\r\n\r\n\r\n谢谢"
    found = list(rules.blocks(text))
    assert [(block.is_list, block.lines) for block in found] == [
        (False, ("各位经销商：", "请注意。")),
        (True, ("华东 <b>", "华南")),
        (False, ("谢谢",)),
    ]
    assert list(rules.blocks(" \n\n ")) == []


MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)


def office(*names: str) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return file.getvalue()


DOCX = office("[Content_Types].xml", "word/document.xml")
ONE, LARGE = a_pdf(), a_pdf("x" * 10 * 2**20)
FETCHING = a_workbook(
    **{"xl/_rels/a.rels": '<R Type="…/attachedTemplate" Target="//x" TargetMode="External"/>'}
)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("价格政策.PDF", ONE, PDF),
        ("a.png", b"\x89PNG\r\n\x1a\n....", PNG),
        ("a.jpeg", b"\xff\xd8\xff\xe0", JPEG),
        ("a.docx", DOCX, WORD),
        ("a.xlsx", office("[Content_Types].xml", "xl/workbook.xml"), SHEET),
        ("a.pptx", office("[Content_Types].xml", "ppt/presentation.xml"), SLIDES),
    ],
)
def test_what_everybody_opens_is_attached(name, content, media_type):
    assert checked_type(name, content, attached=9) == media_type


@pytest.mark.parametrize(
    ("name", "content", "attached", "code"),
    [
        ("a.pdf", ONE, 10, "too_many_files"),
        ("", ONE, 0, "no_file"),
        ("a.pdf", b"", 0, "no_file"),
        ("a.pdf", LARGE, 0, "file_too_large"),
        ("x" * 117 + ".pdf", ONE, 0, "file_name"),
        ("a\r\n.pdf", ONE, 0, "file_name"),
        ("a.html", ONE, 0, "file_ending"),
        ("a.docx", ONE, 0, "file_ending"),
        ("a.csv", b"sku,qty\nA-1,2\n", 0, "file_type"),
        ("a.pdf", b"%PDF-1.7 torn", 0, "torn_file"),
        ("a.pdf", b"%PDF-1.7 /Java#53cript (x) %%EOF", 0, "pdf_runs"),
        ("a.pdf", b"%PDF-1.7 << /EmbeddedFiles 4 0 R >> %%EOF", 0, "pdf_runs"),
        ("a.pdf", ONE + b"PK and more", 0, "two_files_in_one"),
        ("a.docx", DOCX + b"more", 0, "two_files_in_one"),
        ("a.docx", office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), 0, "macros"),
        ("a.xlsx", FETCHING, 0, "macros"),
        ("a.docx", office("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"), 0, "archive"),
        ("a.docx", b"PK\x03\x04 no archive", 0, "torn_file"),
        ("a.pdf", b"MZ\x90\x00", 0, "program"),
    ],
)
def test_a_file_is_refused_with_the_reason(name, content, attached, code):
    with pytest.raises(Invalid) as refusal:
        checked_type(name, content, attached=attached)
    [fault] = refusal.value.faults
    assert (fault.pointer, fault.code) == ("/file", code) and fault.fix


@pytest.mark.parametrize("content", [b"<html><script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_no_page_is_attached_whatever_it_is_called(content):
    for name in ("a.pdf", "a.txt", "a.html"):
        with pytest.raises(Invalid):
            checked_type(name, content, attached=0)


def test_a_files_name_has_no_folder():
    assert plain_name("C:\\fake\\政策.pdf") == plain_name("../../政策.pdf") == "政策.pdf"
