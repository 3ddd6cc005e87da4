"""The fonts of the paper: what they have, what can be copied out of a PDF, and what is said of characters
they lack.
"""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from portal.kernel.paper.fonts import REGULAR, STRONG, face, to_unicode
from portal.kernel.paper.page import BODY
from portal.kernel.printable import VARIATION_SELECTORS, print_faults, unprintable
from portal.statements.pdf import render
from tests.statements.samples import statement

# 通用规范汉字表 (2013) has 8,105 characters; these 196 of them lie beyond the basic plane.
STANDARD_BEYOND = """
𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍣
𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩
𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹
𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓
""".replace("\n", "")

# How portal/kernel/printable.py is written anew after a change of fonts.
RANGES = """
import textwrap; from itertools import groupby; from portal.kernel.paper.fonts import REGULAR, face
known = [code for code in range(0x110000) if face(REGULAR).has(code)]
runs = [[code for _, code in run] for _, run in groupby(enumerate(known), lambda pair: pair[1] - pair[0])]
named = " ".join(f"{run[0]:X}" + f"-{run[-1]:X}" * (len(run) > 1) for run in runs)
print(textwrap.fill(named, 108, break_on_hyphens=False))
"""


def copied(text: str) -> str:
    """`text` as a program reads it out of a statement that has it as the dealer's address, without blanks."""
    stream = io.BytesIO()
    render(replace(statement(0), dealer=replace(statement().dealer, address=text)), stream)
    return "".join("".join(page.extract_text() for page in PdfReader(stream).pages).split())


def is_itself(character: str) -> bool:
    """Whether a character stands on paper as it is: no blank, no mark for another one, not the older code
    of another one.
    """
    return (
        character.isprintable()
        and character != " "
        and normalize("NFC", character) == character
        and ord(character) not in VARIATION_SELECTORS
    )


def in_parts(text: str) -> list[str]:
    return [text[start : start + 200] for start in range(0, len(text), 200)]


def test_the_whole_national_standard_list_beyond_the_basic_plane_is_printed_and_copied():
    assert len(set(STANDARD_BEYOND)) == 196
    assert unprintable(STANDARD_BEYOND) == ""
    assert STANDARD_BEYOND in copied(STANDARD_BEYOND)


@pytest.mark.parametrize("plane", [0, 1, 2, 3])
def test_text_of_every_plane_can_be_copied(plane):
    known = [chr(code) for code in range(plane << 16, plane + 1 << 16) if face(REGULAR).has(code)]
    sample = "".join(filter(is_itself, known[:: max(1, len(known) // 300)]))
    assert len(sample) >= 3
    assert [part for part in in_parts(sample) if part not in copied(part)] == []


@pytest.mark.parametrize(
    "name", ["Łódź Çelik Ňová Αθήνα Київ Đặng", "通路Ł医疗𬭳ř公司", "ΑΒΓ有限公司", "Škoda 斯柯达 𬭊"]
)
def test_letters_that_the_main_font_lacks_are_set_from_the_other(name):
    assert name.replace(" ", "") in copied(name)
    assert BODY.width(name) == pytest.approx(sum(map(BODY.width, name)))


def test_what_is_composed_or_marked_in_another_way_is_the_same_name():
    assert copied("Cafe\u0301\uf900" + "葛\U000e0100").count("Café豈葛") == 1


@given(st.lists(st.integers(1, 0x10FFFF).filter(lambda code: not 0xD800 <= code < 0xE000), max_size=255))
def test_a_map_to_text_is_utf_16_in_blocks_of_a_hundred(points):
    lines = to_unicode([0, *points]).splitlines()
    pairs = [line[1:-1].split("> <") for line in lines if line.startswith("<") and line != "<00> <FF>"]
    assert [(int(code, 16), bytes.fromhex(text).decode("utf-16-be")) for code, text in pairs] == list(
        enumerate(map(chr, points), start=1)
    )
    assert all(int(line.split()[0]) <= 100 for line in lines if line.endswith("beginbfchar"))


def test_the_values_say_what_the_fonts_have():
    wrong = [
        f"{code:X}"
        for code in range(sys.maxunicode + 1)
        if is_itself(chr(code))
        and {face(REGULAR).has(code), face(STRONG).has(code)} != {not unprintable(chr(code))}
    ]
    assert wrong == [], f"write the ranges of portal/kernel/printable.py anew: {RANGES}"


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("广州瑞康医疗器械有限公司", ""),
        ("Łukasz Nowák", ""),
        ("Cafe\u0301", ""),
        ("邓𬭊", ""),
        ("葛\U000e0100", ""),
        ("", ""),
        ("瑞康😀医疗😀🏥", "😀🏥"),
        ("𰀀面", "𰀀"),
        ("שלום", "שלום"),
        ("First\nSecond", "\n"),
        ("bell\x07", "\x07"),
        ("第一\n第二", "\n"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
    ],
)
def test_characters_that_no_font_has_are_named_once_and_in_order(name, lacking):
    assert unprintable(name) == lacking
    told = [one if one.isprintable() else f"U+{ord(one):04X}" for one in lacking]
    assert [fault.params["characters"].split() for fault in print_faults("/name", name)] == [told] * bool(
        told
    )
