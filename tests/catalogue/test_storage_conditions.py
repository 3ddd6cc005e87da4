"""Storage codes and the dozen ways to write a temperature."""

from __future__ import annotations

from time import process_time

import pytest

from portal.catalogue.storage_conditions import describe


@pytest.mark.parametrize(
    ("codes", "english"),
    [
        ("SHC08 (en: 2-8°C)", "Store at 2 °C to 8 °C"),
        ("SHC08 (en: -20~50℃)", "Store at -20 °C to 50 °C"),
        (
            "SHC08 (en: Lower limit-15 Degrees Celsius Upper limit- 30 Degrees Celsius)",
            "Store at 15 °C to 30 °C",
        ),
        ("SHC06 (en: 10℃-+40℃)", "Store at 10 °C to 40 °C"),
        ("SHC06 (en: -40℃- +55℃)", "Store at -40 °C to 55 °C"),
        ("SHC06 (en: –25 °C) | SHC07 (en: +45 °C)", "Store at -25 °C to 45 °C"),
        ("SHC06 (en: 5oC) | SHC07 (en: 25oC)", "Store at 5 °C to 25 °C"),
        ("SHC07 (en: 25 degree Celsius)", "Store below 25 °C"),
        ("SHC13 (en: Room Temperature)", "Store at 10 °C to 30 °C"),
    ],
)
def test_temperatures_are_read_with_their_signs(codes: str, english: str):
    assert describe(codes).en == english


@pytest.mark.parametrize(
    "slip", ["SHC08 (en: 40°c-55°c)", "SHC06 (en: 25°C)", "SHC06 (en: 20- 90%)", "SHC08 (en: see label)"]
)
def test_a_temperature_that_cannot_be_meant_points_to_the_label(slip: str):
    assert describe(slip).en == "Temperature as labelled"
    assert describe(slip).zh == "温度按标签要求"


def test_every_condition_is_told_in_chinese_too():
    storage = describe("SHC05 | SHC02 | SHC09 (en: 20%-80%) | SHC08 (en: 15-25°C)")
    assert storage.zh == "贮存温度 15～25℃；避免阳光直射；保持干燥；相对湿度 20–80%"
    assert storage.en == "Store at 15 °C to 25 °C; Keep away from sunlight; Keep dry; Humidity 20–80 % RH"


def test_cold_chain_means_no_more_than_eight_degrees():
    assert describe("SHC08 (en: 2-8℃. Please see the IFU.)").cold_chain
    assert not describe("SHC08 (en: 2-25°C)").cold_chain


@pytest.mark.parametrize(
    ("codes", "lower", "upper"),
    [
        ("SHC08 (en: 2-8℃)", 2, 8),
        ("SHC08 (en: -20~50℃)", -20, 50),
        ("SHC06 (en: -15 Degrees Celsius) | SHC07 (en: 30°C)", -15, 30),
        ("SHC07 (en: 8°C)", None, 8),
        ("SHC08 (en: 40°c-55°c)", None, None),
        ("SHC02", None, None),
    ],
)
def test_the_limits_are_those_of_the_sentence(codes: str, lower: float | None, upper: float | None):
    storage = describe(codes)
    assert (storage.lower, storage.upper) == (lower, upper)
    for limit in (lower, upper):
        assert limit is None or (f"{limit:g} °C" in storage.en and f"{limit:g}" in storage.zh)


def test_no_code_gives_no_sentence():
    assert describe("") == ("", "", False, None, None)


@pytest.mark.parametrize("value", [" " * 200_000 + "x", "1" * 200_000, " - " * 60_000])
@pytest.mark.parametrize("code", ["SHC06", "SHC09", "SHC10"])
def test_a_story_is_no_value(code: str, value: str):
    began = process_time()
    assert describe(f"{code} (en: {value})").en in AS_LABELLED
    assert process_time() - began < 2


AS_LABELLED = ("Temperature as labelled", "Humidity as labelled", "Air pressure as labelled")
