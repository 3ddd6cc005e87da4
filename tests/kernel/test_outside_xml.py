"""XML documents of other programs: decoded as they say, bounded, and never expanded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.outside_xml import (
    DEPTH_MAX,
    ELEMENTS_MAX,
    NotRead,
    begins_like_xml,
    document_of,
    read_xml,
)

SIZE = 10_000_000


def read(content: bytes):
    return read_xml(content, size_max=SIZE)


def refused(content: bytes, size_max: int = SIZE) -> tuple[str, int | None]:
    with pytest.raises(NotRead) as trouble:
        read_xml(content, size_max=size_max)
    assert trouble.value.message % trouble.value.params
    return trouble.value.code, trouble.value.line


WORDS = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=30)


@given(WORDS, st.sampled_from(["UTF-8", "UTF-16", "GBK", "GB18030"]), st.integers(0, 3))
def test_words_come_back_in_every_encoding_with_their_line(words, encoding, lines):
    document = "\n" * lines + f'<?xml version="1.0" encoding="{encoding}"?>\n<a><b>{words}</b></a>'
    root = read(document.encode(encoding))
    assert (root.said("b"), root.one("b").line) == (words, lines + 2)


@given(st.binary(max_size=200))
def test_no_bytes_break_it(content):
    begins_like_xml(content)
    for begun in (content, b"<a>" + content, b'<?xml version="1.0" encoding="' + content):
        try:
            read(begun)
        except NotRead as trouble:
            assert trouble.message % trouble.params


ENTITY = '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY x SYSTEM "file:///etc/passwd">]>\n<a>&b;&x;</a>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("before", ["", "<!-- <a> -->\n", "<?x <a> ?>\n", "\n"])
def test_a_document_type_is_refused_in_every_encoding(encoding, before):
    declared = '<?xml version="1.0" encoding="GB18030"?>\n' if encoding == "gb18030" else ""
    document = declared + before + ENTITY
    line = 1 + (declared + before).count("\n")
    assert refused(document.encode(encoding)) == ("document_type", line)


def test_the_words_of_a_document_type_are_words_elsewhere():
    assert read(b"<a><!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE b>]]></a>").text == "<!DOCTYPE b>"


def test_size_depth_and_number_of_elements_are_bounded():
    assert refused(b"<a/>" + b" " * 100, size_max=50) == ("too_large", None)
    deep = b"<a>\n" * (DEPTH_MAX + 1) + b"</a>" * (DEPTH_MAX + 1)
    assert refused(deep) == ("too_deep", DEPTH_MAX + 1)
    assert refused(b"<a>" + b"<b/>" * ELEMENTS_MAX + b"</a>") == ("too_many", 1)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"no xml", b"<a>", b"<a>&nbsp;</a>", b"<a>\x00</a>", b"<a/><b/>"]
)
def test_what_is_no_xml_is_broken(content):
    assert refused(content)[0] == "broken_xml"


def test_elements_are_named_without_their_prefix_and_walked_in_order():
    root = read(b'<n:a xmlns:n="urn:x"><n:b k="1">x<c/>y</n:b><b>z</b></n:a>')
    assert [node.name for node in root.walk()] == ["a", "b", "c", "b"]
    assert [node.text for node in root.all("b")] == ["xy", "z"]
    assert root.one("b").attributes["k"] == "1"
    assert root.said("nothing", "b") == "xy"


@pytest.mark.parametrize(
    ("content", "is_xml"),
    [
        (b"<?xml version='1.0'?>", True),
        (b"\n\n<?xml version='1.0'?>", True),
        (b"\xef\xbb\xbf\r\n<Document/>", True),
        (b"<ns2:Document/>", True),
        ("<?xml version='1.0'?>".encode("utf-16"), True),
        ("<?xml version='1.0'?>".encode("utf-16-be"), True),
        (b":20:X", False),
        ("交易日期,金额".encode(), False),
        ("交易日期,金额".encode("utf-16"), False),
        (b"", False),
        (b"<table>", False),
    ],
)
def test_a_file_that_is_meant_to_be_xml_is_known(content, is_xml):
    assert begins_like_xml(content) is is_xml


def test_a_text_without_a_declaration_is_its_own_bytes():
    assert document_of("交易日期,金额") == "交易日期,金额".encode()
    assert read(document_of('<?xml version="1.0" encoding="GBK"?><a>上海</a>')).text == "上海"
