"""Sales areas, provinces, cities and the regional warehouses."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent.parent / "data"

# The six customary areas of China, each with the warehouse that serves it and the order in which others help
# out.
AREAS = {
    "HB": ("华北", "North China"),
    "DB": ("东北", "Northeast China"),
    "HD": ("华东", "East China"),
    "ZN": ("中南", "Central and South China"),
    "XN": ("西南", "Southwest China"),
    "XB": ("西北", "Northwest China"),
}
SERVING_ORDER = {
    "HB": ("HB", "DB", "HD"),
    "DB": ("DB", "HB", "HD"),
    "HD": ("HD", "ZN", "HB"),
    "ZN": ("ZN", "HD", "XN"),
    "XN": ("XN", "ZN", "XB"),
    "XB": ("XB", "XN", "HB"),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A province that went from one area to another."""

    province: str
    former: str
    to: str


MOVED = Moved("15", "DB", "HB")
_PSEUDO_CITIES = ("市辖区", "县")  # placeholders of the division code below a municipality


@dataclass(frozen=True, slots=True)
class Province:
    """A province. `weight` is its economy: the share of dealers it gets (roughly GDP in 100 billion CNY)."""

    code: str
    area: str
    short: str
    name_zh: str
    name_en: str
    weight: int


@dataclass(frozen=True, slots=True)
class City:
    """A prefecture-level city, `code` of four digits. A municipality counts as its own city."""

    code: str
    province: str
    name_zh: str

    @property
    def plain_name(self) -> str:
        """Name without 市, for company names: 苏州."""
        return self.name_zh.removesuffix("市")


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A regional warehouse."""

    code: str
    area: str
    province: str
    city: str
    name_zh: str
    name_en: str
    address: str


WAREHOUSES = (
    Warehouse(
        "WH-HB",
        "HB",
        "11",
        "北京市",
        "华北仓（北京）",
        "North China warehouse (Beijing)",
        "大兴区生物医药产业园示例路 1 号",
    ),
    Warehouse(
        "WH-DB",
        "DB",
        "21",
        "沈阳市",
        "东北仓（沈阳）",
        "Northeast warehouse (Shenyang)",
        "浑南区医药物流园示例路 2 号",
    ),
    Warehouse(
        "WH-HD",
        "HD",
        "31",
        "上海市",
        "华东仓（上海）",
        "East China warehouse (Shanghai)",
        "青浦区医药物流园示例路 3 号",
    ),
    Warehouse(
        "WH-ZN",
        "ZN",
        "44",
        "广州市",
        "中南仓（广州）",
        "Central and South warehouse (Guangzhou)",
        "黄埔区医药物流园示例路 4 号",
    ),
    Warehouse(
        "WH-XN",
        "XN",
        "51",
        "成都市",
        "西南仓（成都）",
        "Southwest warehouse (Chengdu)",
        "温江区医药物流园示例路 5 号",
    ),
    Warehouse(
        "WH-XB",
        "XB",
        "61",
        "西安市",
        "西北仓（西安）",
        "Northwest warehouse (Xi'an)",
        "高新区医药物流园示例路 6 号",
    ),
)


def read_provinces() -> dict[str, Province]:
    """Provinces by two-digit code."""
    with (DATA / "provinces.tsv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Province(
                row["code"], row["area"], row["short"], row["name_zh"], row["name_en"], int(row["weight"])
            )
            for row in csv.DictReader(file, delimiter="\t")
        }


def read_cities() -> dict[str, list[City]]:
    """Cities by province, the capital first. Prefectures and leagues that are no cities are left out.

    A municipality has only pseudo-cities below it and is its own city.
    """
    provinces = read_provinces()
    cities: dict[str, list[City]] = {code: [] for code in provinces}
    with (DATA / "cities.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["name"] not in _PSEUDO_CITIES and row["name"].endswith("市"):
                cities[row["provinceCode"]].append(City(row["code"], row["provinceCode"], row["name"]))
    for code, found in cities.items():
        if not found:
            found.append(City(f"{code}01", code, provinces[code].name_zh))
    return cities


def serving_warehouses(area: str) -> tuple[int, ...]:
    """Indices into `WAREHOUSES` in the order in which they serve an area: its own, then the two nearest."""
    by_area = {warehouse.area: index for index, warehouse in enumerate(WAREHOUSES)}
    return tuple(by_area[other] for other in SERVING_ORDER[area])
