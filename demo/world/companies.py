"""Invented companies: names, unified social credit codes, licences. Any likeness to a real firm is chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from pypinyin import lazy_pinyin
from stdnum.cn import uscc

from demo.source.registration import years_before
from demo.world.regions import City, Province

_FIRST = "康瑞博安和泰盛华恒宏济益仁德信诚润佳嘉百正天海新元同永景凯普众联迈赛维科"
_SECOND = "泰达源德康安宁健生达诚信和瑞博华盛宇医邦民辰悦澜川禾铭凡思捷朗"
_KINDS = (
    ("医疗器械有限公司", "Medical Devices Co., Ltd."),
    ("医疗科技有限公司", "Medical Technology Co., Ltd."),
    ("医疗用品有限公司", "Medical Supplies Co., Ltd."),
    ("医药贸易有限公司", "Pharmaceutical Trading Co., Ltd."),
    ("医疗设备有限公司", "Medical Equipment Co., Ltd."),
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀兰",
    "霞",
    "平",
)
_GIVEN += (
    "刚",
    "桂英",
    "建国",
    "海燕",
    "晓东",
    "志强",
    "雪梅",
    "文博",
    "佳怡",
    "子涵",
    "宇轩",
    "思远",
    "雨桐",
    "浩然",
    "嘉欣",
)
_ROADS = (
    "人民路",
    "建设路",
    "中山路",
    "解放路",
    "和平路",
    "新华路",
    "友谊路",
    "科技路",
    "创业路",
    "健康路",
    "文化路",
    "北京路",
)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LICENCE_YEARS = 5


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A company's name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Licence:
    """Leave to deal in devices of a class: a business licence (class III, five years) or a filing (class II,
    no end).

    `categories` are prefixes of category codes; empty means every category.
    """

    number: str
    device_class: str
    categories: tuple[str, ...]
    valid_from: date
    valid_to: date | None

    def covers(self, device_class: str, category: str, day: date) -> bool:
        """Whether goods of this class and category may be dealt in on `day`."""
        return (
            self.device_class == device_class
            and (not self.categories or category.startswith(self.categories))
            and self.valid_from <= day
            and (self.valid_to is None or day <= self.valid_to)
        )


def company_name(city: City, chance: Random, taken: set[str]) -> CompanyName:
    """A name no other demo company has."""
    while True:
        brand = chance.choice(_FIRST) + chance.choice(_SECOND)
        kind_zh, kind_en = chance.choice(_KINDS)
        if brand[0] != brand[1] and brand not in taken:
            taken.add(brand)
            return CompanyName(
                f"{city.plain_name}{brand}{kind_zh}",
                f"{romanised(city.plain_name)} {romanised(brand)} {kind_en}",
            )


def person_name(chance: Random) -> str:
    """A Chinese name."""
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN)


def romanised(text: str) -> str:
    """Pinyin in one word with a capital: 苏州 → Suzhou."""
    return "".join(lazy_pinyin(text)).capitalize()


def street_address(chance: Random) -> str:
    """A road and a house number that exist in every Chinese city, and hence in none in particular."""
    return f"{chance.choice(_ROADS)} {chance.randint(1, 899)} 号"


def phone_number(serial: int) -> str:
    """Eleven digits in the form of a mobile number, all of one block so that they are told at a glance."""
    return f"1990000{serial % 10_000:04d}"


def credit_code(city: City, chance: Random) -> str:
    """A unified social credit code with both of its check characters right (GB 32100-2015, GB 11714)."""
    body = "MA" + "".join(chance.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(6))
    number = f"91{city.code}00{body}{organisation_check(body)}"
    return number + uscc.calc_check_digit(number)


def organisation_check(body: str) -> str:
    """Check character of an eight-character organisation code."""
    total = sum(
        weight * _ALPHABET.index(character)
        for weight, character in zip(_ORGANISATION_WEIGHTS, body, strict=True)
    )
    return "0123456789X0"[(11 - total % 11) % 11]


def filing(province: Province, city: City, serial: int, since: date) -> Licence:
    """The class II filing of a dealer."""
    number = f"{province.short}{city.name_zh[0]}药监械经营备{since.year}{serial:04d}号"
    return Licence(number, "II", (), since, None)


def licence(
    province: Province, city: City, serial: int, last_day: date, categories: tuple[str, ...]
) -> Licence:
    """The class III business licence of a dealer, in force for five years until `last_day`."""
    first_day = years_before(last_day, LICENCE_YEARS) + timedelta(days=1)
    number = f"{province.short}{city.name_zh[0]}药监械经营许{first_day.year}{serial:04d}号"
    return Licence(number, "III", categories, first_day, last_day)
