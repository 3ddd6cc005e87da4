"""A code says one thing, or it is refused: whatever was lost, changed or mistyped on the way."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from string import ascii_letters, digits
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import ean

from portal.kernel.errors import Invalid
from portal.scanning.element_strings import READINGS_MAX, element_string, from_brackets
from portal.scanning.read_code import as_typed, read_code
from portal.scanning.rules import TEXT_MAX, Element, Issuer, Reading, bracketed, day_of

TODAY = date(2026, 7, 15)
GS = "\x1d"
DI = "06901234510027"
DATA = Path(__file__).with_name("data")
VECTORS = json.loads((DATA / "gs1_vectors.json").read_text())


def read(data: str, symbology: str = "", today: date = TODAY) -> Reading:
    return read_code(data, today=today, symbology=symbology)


def refused(data: str, symbology: str = "") -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(data, symbology)
    for fault in caught.value.faults:
        assert fault.pointer == "/data" and fault.message and fault.fix, fault
    return caught.value


def readings_in(refusal: Invalid) -> list[str]:
    return [str(fault.params["actual"]) for fault in refusal.faults if "actual" in fault.params]


SAID = Reading(Issuer.GS1, DI, lot="AB-1", serial="S9", expiry=date(2028, 2, 29), production=date(2026, 2, 1))
ELEMENTS = f"01{DI}1126020117280200" + f"10AB-1{GS}21S9"


@pytest.mark.parametrize(
    "data",
    [
        ELEMENTS,
        f"]d2{ELEMENTS}",
        f"]C1{ELEMENTS}{GS}",
        f"]Q3{ELEMENTS}\r\n",
        f"]e0{ELEMENTS}",
        f"]d8{ELEMENTS}",
        f"]d2{GS}{ELEMENTS}",
        ELEMENTS.replace(GS, "␝"),
        "]d2" + f"10AB-1{GS}21S9{GS}01{DI}1126020117280200",
        f"(01){DI}(11)260201(17)280200(10)AB-1(21)S9",
        f" (01) {DI} (11) 260201 (17) 280200 (10) AB-1 (21) S9 ",
        f"（01）{DI}（11）260201（17）280200（10）ＡＢ－1（21）S9",
        f"https://id.gs1.org/01/{DI}/10/AB-1/21/S9?11=260201&17=280200",
        f"https://medizin.example.cn/p/q/01/{DI[1:]}/10/AB-1/21/S9?17=280200&11=260201&utm_source=box#top",
        f"]Q1HTTP://SHOP.EXAMPLE/01/{DI}/10/AB%2d1/21/S9?11=260201&17=280200",
    ],
)
def test_one_code_in_every_writing_says_the_same(data):
    assert read(data) == SAID


@pytest.mark.parametrize("symbology", ["]d2", "d2"])
def test_the_symbology_may_be_said_beside_the_data(symbology):
    assert read(ELEMENTS, symbology) == SAID
    assert read(f"]d2{ELEMENTS}", symbology) == SAID
    assert refused(f"]C1{ELEMENTS}", symbology).code == "two_symbologies"


@pytest.mark.parametrize(
    ("data", "gtin"),
    [
        ("06901234510027", DI),
        ("6901234510027", DI),
        ("690-1234 510027", DI),
        ("６９０１２３４５１００２７", DI),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("]E06901234510027", DI),
        ("]E496385074", "00000096385074"),
        ("]I116901234510024", "16901234510024"),
    ],
)
def test_a_number_alone_is_read_in_each_of_its_lengths(data, gtin):
    assert read(data) == Reading(Issuer.GS1, gtin)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "empty"),
        (" \r\n", "empty"),
        ("hello", "no_code"),
        ("STENT", "no_code"),
        ("690123451002", "wrong_check_digit"),
        ("06901234510028", "wrong_check_digit"),
        ("00000000000000", "no_article"),
        (f"01{DI[:-1]}817280131", "wrong_check_digit"),
        (f"(01){DI[:-1]}8(10)A", "wrong_check_digit"),
        (f"https://a.example/01/{DI[:-1]}8", "wrong_check_digit"),
        ("0100000000000000", "no_article"),
        (f"01{DI}17281331", "malformed_element"),
        (f"01{DI}17280230", "malformed_element"),
        (f"01{DI}17280001", "malformed_element"),
        (f"(01){DI}(30)", "malformed_element"),
        (f"(01){DI}(10)" + "A" * 21, "malformed_element"),
        (f"]d201{DI}10A B", "malformed_element"),
        (f"]d201{DI}10批号", "malformed_element"),
        ("]d201" + "٠" * 14, "malformed_element"),
        (f"]d201{DI}{GS}{GS}10A", "empty_element"),
        (f"]d201{DI}8101A", "unknown_identifier"),
        (f"(01){DI}(9)A", "malformed_brackets"),
        (f"(01){DI}(", "malformed_brackets"),
        (f"(011){DI}", "unknown_identifier"),
        (f"(01){DI}(10)A(10)B", "contradiction_within"),
        (f"(01){DI}(3101)000001(3102)000001", "contradiction_within"),
        (f"(01){DI}(02){DI}(37)5", "contradiction"),
        (f"(01){DI}(8030)AbC", "contradiction"),
        (f"(01){DI}(17)280131(7003)2802011200", "two_expiries"),
        (f"(02){DI}(37)5", "no_article_number"),
        ("(00)006141411234567890", "no_article_number"),
        (f"https://a.example/01/{DI}?10=A", "malformed_link"),
        (f"https://a.example/01/{DI}?17=280131&17=290131", "malformed_link"),
        (f"https://a.example/01/{DI}?17=", "malformed_link"),
        ("https://a.example/01/690123451", "no_device_in_address"),
        ("https://a.example/products/5", "no_device_in_address"),
        (f"]C0{ELEMENTS}", "no_code"),
        ("]C0" + DI, "no_code"),
        ("]E0" + DI, "malformed_number"),
        ("[)>\x1e06\x1d9N111234568408\x1d1TF17L715034", "no_code"),
        ("9" * (TEXT_MAX + 1), "too_long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data, code):
    assert refused(data).code == code


@pytest.mark.parametrize(
    ("digits_", "today", "day"),
    [
        ("280200", TODAY, date(2028, 2, 29)),
        ("270200", TODAY, date(2027, 2, 28)),
        ("281130", TODAY, date(2028, 11, 30)),
        ("281200", TODAY, date(2028, 12, 31)),
        ("760101", TODAY, date(2076, 1, 1)),
        ("770101", TODAY, date(1977, 1, 1)),
        ("000229", TODAY, date(2000, 2, 29)),
        ("991231", date(2049, 1, 1), date(2099, 12, 31)),
        ("991231", date(2048, 12, 31), date(1999, 12, 31)),
        ("000101", date(2051, 1, 1), date(2100, 1, 1)),
        ("010101", date(2051, 1, 1), date(2101, 1, 1)),
        ("020101", date(2051, 1, 1), date(2002, 1, 1)),
    ],
)
def test_a_year_is_within_49_past_and_50_to_come(digits_, today, day):
    assert day_of(digits_, today) == day


def test_a_code_tells_an_expiry_to_the_minute_by_its_day():
    assert read(f"(01){DI}(7003)2802011200").expiry == date(2028, 2, 1)


# Separators that were lost.


def test_where_separators_may_have_stood_is_asked_with_every_reading():
    lost = refused(f"01{DI}17280200" + "10A121S9")
    assert lost.code == "separators_lost"
    assert readings_in(lost) == [
        f"(01){DI}(17)280200(10)A121S9",
        f"(01){DI}(17)280200(10)A1(21)S9",
    ]
    assert [read(reading).lot for reading in readings_in(lost)] == ["A121S9", "A1"]


def test_a_label_whose_separators_a_reader_dropped_is_refused():
    """GS1 General Specifications, figure 4.15.1-2, as a decoder gives it that drops FNC1."""
    lost = refused("01095040000591012112345678p901101234567p171411208200http://www.gs1.org/demo/")
    whole = "(01)09504000059101(21)12345678p901(10)1234567p(17)141120(8200)http://www.gs1.org/demo/"
    assert lost.code == "separators_lost" and whole in readings_in(lost)


def test_what_no_separator_could_have_cut_is_read():
    assert read(f"01{DI}17280131" + "10AB01999").lot == "AB01999"
    assert read(f"]d201{DI}17280131" + f"10A121S9{GS}").lot == "A121S9", "a separator came through"


@pytest.mark.parametrize(
    "made", ["1021" * 95, "01095040000591011" + "0210240" * 50, "10" + "2110240241820010" * 24]
)
def test_a_text_made_to_be_tried_for_ever_is_refused(made):
    assert refused(made[:TEXT_MAX]).code in {"separators_lost", "malformed_element", "no_code"}


# MA and AHM.

MA_DI = "MA.156.M0.100761.21234561"
SPECIMEN = f"{MA_DI}.Sx00008.M220117.L20220117.D20220118.E220130.V220117.C3"
OF_SPECIMEN = Reading(
    Issuer.MA, MA_DI, lot="20220117", serial="x00008", expiry=date(2022, 1, 30), production=date(2022, 1, 17)
)


@pytest.mark.parametrize(
    "data",
    [
        SPECIMEN,
        f'<UDI IAC="MA">{SPECIMEN}</UDI>',
        f"https://www.idcode.example/c?code={SPECIMEN}&from=box",
        f"http://x.example/q={quote(SPECIMEN, safe='')}",
        SPECIMEN.replace("M220117", "P20220117"),
    ],
)
def test_a_code_of_ma_is_read_however_it_is_wrapped(data):
    assert read(data) == OF_SPECIMEN


def test_of_ma_a_day_to_which_it_is_valid_is_the_expiry_where_there_is_no_other():
    assert read(f"{MA_DI}.V20280131") == Reading(Issuer.MA, MA_DI, expiry=date(2028, 1, 31))
    assert read(MA_DI) == Reading(Issuer.MA, MA_DI)
    assert read("MA.156.M0.100761.2123456789011").di == "MA.156.M0.100761.2123456789011"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("MA.156.M0.1007.21234561", "malformed_ma"),
        ("MA.156.M0.100761.2123456", "malformed_ma"),
        (f"{MA_DI}L5", "malformed_ma"),
        (f"{MA_DI}.", "malformed_ma"),
        (f"{MA_DI}..L5", "malformed_ma_part"),
        (f"{MA_DI}.X5", "malformed_ma_part"),
        (f"{MA_DI}.L5.L6", "malformed_ma_part"),
        (f"{MA_DI}.E280231", "no_such_day_ma"),
        (f"{MA_DI}.E2802", "no_such_day_ma"),
        (f"{MA_DI}.E280200", "no_such_day_ma"),
        (f"{MA_DI}.M220117.P220118", "two_productions"),
        ("MF0123456789*BN220101*SN55", "ahm_not_decodable"),
        ('<UDI IAC="AHM">anything</UDI>', "ahm_not_decodable"),
    ],
)
def test_what_is_said_of_ma_and_ahm_and_cannot_be_read_is_refused(data, code):
    assert refused(data).code == code


def test_a_code_of_ahm_is_shown_as_it_is():
    assert refused("MF0123456789*BN220101").params["raw"] == "MF0123456789*BN220101"


# What others found out.

# Right by GS1's engine, and none of a device by itself: what is not read is no misreading.
NO_DEVICE = {"no_article_number", "no_code", "no_device_in_address", "malformed_link"}


def of_vectors() -> list[tuple[str, bool]]:
    cases = []
    for kind in ("bracketed_to_fnc1", "ai_combination_rules", "gtin_check_digit"):
        cases += [(case["input"], case["valid"]) for case in VECTORS[kind]]
    for case in VECTORS["fnc1_message_valid"]:
        cases.append(("]C1" + case["input"].removeprefix("^").replace("^", GS), case["valid"]))
    cases += [(case["scan"], case["valid"]) for case in VECTORS["scan_data"]]
    cases += [(case["uri"], case["valid"]) for case in VECTORS["digital_link"]]
    return cases


@pytest.mark.parametrize(("data", "valid"), of_vectors())
def test_every_vector_of_gs1_is_read_right_or_not_at_all(data, valid):
    if not valid:
        # The engine has a switch for identifiers unknown to it; the file has that address both ways.
        refused(data)
        return
    try:
        read(data)
    except Invalid as refusal:
        assert refusal.code in NO_DEVICE


@pytest.mark.parametrize("case", VECTORS["bracketed_to_fnc1"], ids=lambda case: case["input"])
def test_brackets_are_cut_as_gs1_cuts_them(case):
    if not case["valid"]:
        with pytest.raises(Invalid):
            from_brackets(case["input"])
        return
    said = from_brackets(case["input"])
    assert said == element_string(case["expected"].removeprefix("^").replace("^", GS))


@pytest.mark.parametrize(
    "case", [case for case in VECTORS["digital_link"] if "/01/" in case["uri"] and case["valid"]]
)
def test_addresses_say_what_gs1_reads_in_them(case):
    try:
        said = read(case["uri"])
    except Invalid as refusal:
        assert refusal.code == "malformed_link" and "89=" in case["uri"]
        return
    assert said == read("]C1" + case["expected"].removeprefix("^").replace("^", GS))


def of_pictures() -> list[dict[str, str]]:
    with (DATA / "barcode_texts.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", of_pictures(), ids=lambda case: case["file"])
def test_pictures_say_what_their_readers_read(case):
    data = case["text"].replace("<GS>", GS).replace("<RS>", "\x1e").replace("<EOT>", "\x04")
    named = "(01)" in case["elements"] and "(01)00000000000000" not in case["elements"]
    # AI 3932 holds a currency by its number: its letters are told.
    if named and "(3932)" not in case["elements"]:
        assert read(case["identifier"] + data) == read(case["elements"])
    elif case["identifier"] == "]I1":
        assert read(case["identifier"] + data).di == data
    else:
        refused(case["identifier"] + data)


# Whatever may come.

CSET_82 = "!\"%&'()*+,-./:;<=>?_" + digits + ascii_letters
VALUES = st.text(CSET_82, min_size=1, max_size=20)
DAYS = st.dates(date(1977, 1, 1), date(2076, 12, 31))
GTINS = st.from_regex(r"[0-9]{12}[1-9]", fullmatch=True).map(lambda body: body + ean.calc_check_digit(body))
SAID_OF_ANY = st.builds(
    Reading,
    st.just(Issuer.GS1),
    GTINS,
    lot=st.none() | VALUES,
    serial=st.none() | VALUES,
    expiry=st.none() | DAYS,
    production=st.none() | DAYS,
)


def elements_of(said: Reading) -> list[Element]:
    found = {
        "01": said.di,
        "11": said.production and f"{said.production:%y%m%d}",
        "17": said.expiry and f"{said.expiry:%y%m%d}",
        "10": said.lot,
        "21": said.serial,
    }
    return [Element(identifier, value) for identifier, value in found.items() if value]


def as_sent(elements: list[Element]) -> str:
    return "]d2" + "".join(
        f"{one.identifier}{one.value}{GS if one.identifier in ('10', '21') else ''}" for one in elements
    )


@given(SAID_OF_ANY, st.randoms(use_true_random=False))
def test_what_is_written_is_read(said, random):
    elements = elements_of(said)
    random.shuffle(elements)
    assert read(as_sent(elements)) == said
    assert read(bracketed(elements)) == said


@given(SAID_OF_ANY, st.randoms(use_true_random=False))
def test_a_code_says_the_same_as_it_may_be_typed(said, random):
    elements = elements_of(said)
    random.shuffle(elements)
    for sent in (as_sent(elements), as_sent(elements).removeprefix("]d2"), bracketed(elements), said.di):
        shown = as_typed(sent)
        assert shown.isprintable() and read(shown) == read(sent)


@given(SAID_OF_ANY)
def test_an_address_says_what_was_written_into_it(said):
    address = f"https://any.example/01/{said.di}"
    address += f"/10/{quote(said.lot, safe='')}" if said.lot else ""
    address += f"/21/{quote(said.serial, safe='')}" if said.serial else ""
    dates = [("11", said.production), ("17", said.expiry)]
    address += "?" + "&".join(f"{name}={day:%y%m%d}" for name, day in dates if day)
    assume(len(address) <= TEXT_MAX)
    if {"..", "."} & {said.lot, said.serial}:
        return
    assert read(address) == said


@given(SAID_OF_ANY.map(lambda said: replace(said, lot=said.lot or "L", serial=said.serial or "S")))
def test_a_code_whose_separators_are_lost_is_never_read_as_another(said):
    elements = elements_of(said)
    lost = refused(as_sent(elements).replace(GS, ""))
    told = readings_in(lost)
    assert lost.code == "separators_lost"
    assert bracketed(elements) in told or len(told) >= READINGS_MAX or not told


@given(SAID_OF_ANY, st.integers(0, 13), st.integers(1, 9))
def test_no_other_digit_passes_for_the_number(said, place, more):
    wrong = said.di[:place] + str((int(said.di[place]) + more) % 10) + said.di[place + 1 :]
    other = elements_of(replace(said, di=wrong))
    for data in (wrong, as_sent(other), bracketed(other), f"https://a.example/01/{wrong}"):
        assert refused(data).code == "wrong_check_digit"


@given(
    st.text(max_size=60) | st.text("01271()\x1d]dC2MA.https:/?=&[%SLE", max_size=80),
    st.sampled_from(["", "]d2", "E0", "zz", "]"]),
)
def test_no_text_harms_the_reader(data, symbology):
    try:
        read(data, symbology)
    except Invalid as refusal:
        assert refusal.faults
