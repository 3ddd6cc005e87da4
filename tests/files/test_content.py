"""What an uploaded file is, by its bytes, and what of it is kept."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_LZMA

import pytest
from PIL import Image
from PIL.ExifTags import Base
from xlsxwriter import Workbook

from portal.files import content_rules, office_rules, text_rules
from portal.files.content_rules import HEIC, JPEG, PDF, PICTURES, PNG, media_type_of
from portal.files.pictures import PIXELS_MAX, kept_picture, preview
from portal.kernel import archives
from portal.kernel.errors import Invalid
from tests.archives import an_archive, claiming
from tests.files.acts import a_pdf, a_picture, a_png_of, a_workbook, sample


def fate(name: str, content: bytes) -> str:
    """The type of a file that is taken, or the code of its refusal."""
    try:
        media_type = media_type_of(name, content)
        return kept_picture(content, media_type)[1] if media_type in PICTURES else media_type
    except Invalid as refusal:
        [fault] = refusal.faults
        assert fault.pointer == "/file" and fault.fix
        return fault.code


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photo_gps.heic", JPEG),
        ("photo_gps.jpg", JPEG),
        ("motion_photo.jpg", JPEG),
        ("jpg_and_zip.jpg", JPEG),
        ("truncated.heic", "torn_file"),
        ("corrupted.heic", "torn_file"),
        ("hostile.svg", "markup"),
        ("script.html", "markup"),
        ("page.jpg", "markup"),
        ("xxe.xml", "markup"),
        ("executable_pe.jpg", "program"),
        ("executable_elf.png", "program"),
        ("gif_and_html.gif", "picture_type"),
        ("pdf_and_zip.pdf", "two_files_in_one"),
        ("macro.xlsm", "macros"),
        ("macro.docm", "macros"),
        ("excel4_macro.slk", "macros"),
        ("dde_link.xlsx", "macros"),
        ("formula.csv", "formula"),
        ("password_tika.xlsx", "password"),
        ("droste.zip", "archive"),
        ("quine.gz", "archive"),
        ("zip_slip.zip", "archive"),
        ("gbk_names.zip", "archive"),
        ("not_a_zip.odt", "file_ending"),
    ],
)
def test_files_of_the_world_are_taken_or_refused(name, expected):
    assert fate(name, sample(name)) == expected


@pytest.mark.parametrize("name", ["macro.xlsm", "macro.docm", "dde_link.xlsx", "excel4_macro.slk"])
def test_another_ending_makes_nothing_better(name):
    for ending in ("xlsx", "docx", "csv", "txt", "pdf", "jpg"):
        assert fate(f"a.{ending}", sample(name)) == "macros"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("收据.PDF", a_pdf(), PDF),
        ("a.png", a_picture("PNG"), PNG),
        ("a.jpeg", a_picture(), JPEG),
        ("a.xlsx", a_workbook(), office_rules.SHEET),
        ("a.csv", "编号,数量\nA-1,-3\n电话,+86 21 5555\n".encode("gb18030"), text_rules.CSV),
        ("a.csv", b"\xef\xbb\xbfsku,quantity\nA,1\n", text_rules.CSV),
        ("a.txt", "温度 > 8 °C\n".encode("utf-16"), text_rules.TEXT),
        ("a.jpg", a_picture("PNG"), "file_ending"),
        ("a.pdf.exe", a_pdf(), "file_ending"),
        ("a", a_pdf(), "file_ending"),
        ("a.pdf", a_pdf()[:-7], "torn_file"),
        ("a.pdf", a_pdf() + a_picture(), "two_files_in_one"),
        ("a.jpg", a_picture()[:400], "torn_file"),
        ("a.png", a_picture("PNG")[:-20], "torn_file"),
        ("a.jpg", b"\xff\xd8\xff", "torn_file"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "torn_file"),
        ("a.heic", b"\x00\x00\x00\x14ftypheic\x00\x00\x00\x00mif1", "torn_file"),
        ("a.webp", a_picture("WEBP"), "picture_type"),
        ("a.gif", a_picture("GIF"), "picture_type"),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42", "video"),
        ("a.csv", b"a\x00b", "file_type"),
        ("a.txt", b"\x81\xff\xfe", "file_type"),
        ("a.csv", "a;b\n1;＝HYPERLINK(1)\n".encode(), "formula"),
        ("a.csv", b"a,b\n1,@SUM(A1)\n", "formula"),
        ("a.csv", b"a\tb\n1\t-2+cmd|'/c calc'!A0\n", "formula"),
        ("a.csv", b"<svg onload=alert(1)>", "markup"),
        ("a.txt", b"hello <script>alert(1)</script>", "markup"),
        ("a.txt", b"#!/bin/sh\n", "program"),
        ("a.xlsx", an_archive(a="b"), "archive"),
        ("a.xlsx", a_workbook() + b"trailing", "two_files_in_one"),
        ("a.xlsx", a_workbook()[:-30], "torn_file"),
    ],
)
def test_what_is_made_for_it_is_taken_or_refused(name, content, expected):
    assert fate(name, content) == expected


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/macrosheets/sheet1.xml", "<x/>"),
        ("xl/vbaProject.bin", ""),
        ("word/activeX/activeX1.xml", "<x/>"),
        ("[Content_Types].xml", '<Types><Override ContentType="…sheet.macroEnabled.main+xml"/></Types>'),
        ("[Content_Types].xml", "<Types><Override ContentType='macro&#69;nabled'/></Types>".encode("utf-16")),
        ("xl/externalLinks/externalLink1.xml", '<x:ddeLink ddeService="cmd"/>'),
        ("word/footnotes.xml", "<w><instrText>D</instrText><r/><instrText>DE</instrText></w>"),
        ("customXml/item1.xml", "<w><instrText><![CDATA[ dd]]>&#101;auto cmd</instrText></w>"),
        ("word/_rels/settings.xml.rels", "<R Type='…/attachedTemplate' Target='//x' TargetMode='External'/>"),
        ("word/_rels/document.xml.rels", '<R TargetMode="&#69;xternal" Type="…/image" Target="http://x/"/>'),
        ("xl/worksheets/_rels/sheet1.xml.rels", '<R Type="…/oleObject" TargetMode="External" Target="x"/>'),
        ("ppt/_rels/a.rels", '<R Type="…/frame" TargetMode="External" Target="x"/>'.encode("utf-16")),
        ("word/document.xml", '<w:instrText xml:space="preserve"> DDEAUTO c:\\\\calc.exe</w:instrText>'),
        ("word/header1.xml", '<w:fldSimple w:instr=" DDE cmd"/>'),
        ("word/_rels/settings.xml.rels", '<R Type="…/attachedTemplate" Target="//x" TargetMode="External"/>'),
    ],
)
def test_an_office_file_in_which_something_could_run_is_refused(part, content):
    assert fate("a.xlsx", an_office_file(part, content)) == "macros"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("word/_rels/document.xml.rels", '<R Type="…/hyperlink" Target="https://x" TargetMode="External"/>'),
        ("word/_rels/document.xml.rels", '<R Type="…/image" Target="media/image1.png"/>'),
        ("word/document.xml", "<w><t>DDEAUTO</t><instrText> DATE </instrText><instrText>DDE</instrText></w>"),
        ("word/document.xml", "<w><t>macroEnabled vbaProject TargetMode='External'</t></w>"),
    ],
)
def test_what_only_looks_like_it_could_run_is_taken(part, content):
    assert fate("a.docx", an_office_file(part, content)) == office_rules.WORD


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE w [<!ENTITY e "External">]><w><R TargetMode="&e;" Type="image"/></w>',
        "<w><R TargetMode=External/></w>",
        "<w>",
        "",
    ],
)
def test_a_part_that_is_no_plain_xml_is_refused(content):
    assert fate("a.docx", an_office_file("word/_rels/document.xml.rels", content)) == "torn_file"


def an_office_file(part: str, content: str | bytes) -> bytes:
    main = "word/document.xml" if part.startswith(("word", "custom")) else "xl/workbook.xml"
    return an_archive(**{"[Content_Types].xml": "<Types/>", main: "<x/>"} | {part: content})


def test_a_text_that_speaks_of_dde_is_no_link():
    made = an_office_file("word/document.xml", "<w:t>p,p'-DDE und DDT; DDEAUTO</w:t>")
    assert fate("a.docx", made) == office_rules.WORD


def test_a_workbook_of_a_real_writer_is_taken():
    made = BytesIO()
    with Workbook(made) as book:
        book.add_worksheet().write_row(0, 0, ["sku", "=1+1", 3])
    assert fate("a.xlsx", made.getvalue()) == office_rules.SHEET


def test_an_office_file_that_unfolds_without_measure_is_refused_unread():
    zeros = bytes(70 * 2**20)
    made = a_workbook(**{"xl__externalLinks__externalLink1.xml": zeros})
    assert len(made) < 100_000 and fate("a.xlsx", made) == "file_unfolds"


def test_many_parts_that_unfold_together_are_refused():
    part = b"<x>" + bytes(b" " * 2**20) + b"</x>"
    made = a_workbook(**{f"xl__externalLinks__externalLink{number}.xml": part for number in range(40)})
    assert fate("a.xlsx", made) == "file_unfolds"


def test_a_list_of_more_parts_than_an_office_file_has_is_not_even_read(monkeypatch):
    made = a_workbook(**{f"a{number}.bin": b"" for number in range(5000)})
    monkeypatch.setattr(archives, "ZipFile", lambda _: pytest.fail("the list was read"))
    assert fate("a.xlsx", made) == "file_unfolds"


def test_a_part_of_endless_elements_is_refused_soon():
    made = an_office_file("word/document.xml", b"<w>" + b"<a/>" * 2_000_000 + b"</w>")
    assert fate("a.docx", made) == "file_unfolds"


@pytest.mark.parametrize("claimed", [0, 10, 2**20])
def test_what_an_office_file_claims_of_its_sizes_is_not_believed(claimed):
    made = claiming(an_office_file("word/document.xml", b"<w>" + b" " * 2**25 + b"</w>"), claimed)
    assert fate("a.docx", made) == "file_unfolds"
    short = claiming(an_office_file("word/document.xml", b"<w><instrText>DDE</instrText></w>"), claimed)
    assert fate("a.docx", short) == "torn_file"


@pytest.mark.parametrize("method", [ZIP_BZIP2, ZIP_LZMA])
def test_an_office_file_packed_as_no_office_packs_is_refused_unopened(method):
    made = an_archive(method, **{"[Content_Types].xml": "<Types/>", "word__document.xml": "<w/>"})
    assert fate("a.docx", made) == "torn_file"


def test_a_stream_that_breaks_within_is_no_mistake_of_ours():
    made = bytearray(an_office_file("word/document.xml", "<w>" + "text " * 100 + "</w>"))
    at = made.index(b"word/document.xml") + len("word/document.xml")
    made[at : at + 4] = b"\xff" * 4
    assert fate("a.docx", bytes(made)) == "torn_file"


@pytest.mark.parametrize(
    "within",
    [
        "<< /S /JavaScript /JS (app.alert(1)) >>",
        "<</OpenAction<</S/Launch/F(cmd.exe)>>>>",
        "<</Type/EmbeddedFile/Length 9>>",
        "<</Names<</EmbeddedFiles 3 0 R>>>>",
        "<</S/J#61vaScript>>",
        "<</S/#4Caunch>>",
        "<</#4a#53(x)>>",
    ],
)
def test_a_pdf_that_openly_runs_or_hides_something_is_refused(within):
    assert fate("a.pdf", a_pdf().replace(b"%%EOF", within.encode() + b"\n%%EOF")) == "pdf_runs"


@pytest.mark.parametrize("within", ["/JSON", "/Launcher", "(JavaScript)", "/JavaScript-free", "/J#53ON"])
def test_a_pdf_that_only_sounds_like_it_is_taken(within):
    assert fate("a.pdf", a_pdf().replace(b"%%EOF", within.encode() + b"\n%%EOF")) == PDF


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (PIXELS_MAX, 2), (2**31 - 1, 2**31 - 1)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(width, height):
    assert fate("a.png", a_png_of(width, height)) == "too_many_pixels"


def shown(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGB")


@pytest.mark.parametrize("name", ["photo_gps.heic", "photo_gps.jpg", "motion_photo.jpg", "jpg_and_zip.jpg"])
def test_what_is_kept_of_a_picture_has_no_place_maker_or_date_and_nothing_behind_it(name):
    kept, media_type = kept_picture(sample(name), HEIC if name.endswith("heic") else JPEG)
    picture = Image.open(BytesIO(kept))
    assert media_type == JPEG and kept.endswith(b"\xff\xd9")
    assert not picture.getexif() and "xmp" not in picture.info and "photoshop" not in picture.info
    assert not any(word in kept for word in (b"GPS", b"Canon", b"2009:", b"xpacket", b"PK\x03\x04", b"8BIM"))


def test_a_jpeg_keeps_its_very_pixels_and_its_colours():
    content = sample("photo_gps.jpg")
    kept, _ = kept_picture(content, JPEG)
    assert shown(kept).tobytes() == shown(content).tobytes()
    profile = Image.open(BytesIO(sample("photo_gps.heic"))).info["icc_profile"]
    for kind, media_type in (("JPEG", JPEG), ("PNG", PNG)):
        coloured, _ = kept_picture(a_picture(kind, icc_profile=profile), media_type)
        assert Image.open(BytesIO(coloured)).info["icc_profile"] == profile
    assert Image.open(BytesIO(kept_picture(sample("photo_gps.heic"), HEIC)[0])).info["icc_profile"] == profile


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", JPEG), ("PNG", PNG)])
def test_a_turned_picture_stays_turned_without_the_rest_of_its_exif(kind, media_type):
    exif = Image.Exif()
    exif[Base.Orientation], exif[Base.Make], exif[Base.DateTime] = 6, "Canon", "2009:10:10 10:10:10"
    kept, _ = kept_picture(a_picture(kind, exif=exif.tobytes(), comment=b"at home"), media_type)
    assert dict(Image.open(BytesIO(kept)).getexif()) == {Base.Orientation: 6}
    assert b"Canon" not in kept and b"at home" not in kept
    assert shown(preview(kept, media_type)).size == (48, 64)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16", "1"])
def test_pictures_of_every_kind_of_colour_have_a_small_one(mode):
    made, kind = BytesIO(), "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (1000, 500)).save(made, kind)
    kept, media_type = kept_picture(made.getvalue(), JPEG if kind == "JPEG" else PNG)
    assert shown(preview(kept, media_type)).size == (480, 240)


def test_a_progressive_jpeg_is_taken_whole():
    content = a_picture(size=(300, 200), progressive=True)
    assert shown(kept_picture(content, JPEG)[0]).tobytes() == shown(content).tobytes()


@pytest.mark.parametrize("name", ["photo_gps.jpg", "motion_photo.jpg", "photo_gps.heic", "dde_link.xlsx"])
@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_broken_in_a_file_it_is_taken_or_refused_in_words(name, seed):
    content = bytearray(sample(name))
    step = len(content) // 37
    for at in range(seed, len(content), step + seed):
        content[at] = (content[at] * 31 + seed * 7) % 256
    assert fate(name, bytes(content[: len(content) - seed % 5 * step]))


def test_every_type_has_its_endings_and_no_two_share_one():
    endings = [ending for several in content_rules.ENDINGS.values() for ending in several]
    assert len(set(endings)) == len(endings)
