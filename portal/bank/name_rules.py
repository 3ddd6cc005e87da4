"""Names of Chinese companies as two banks write them, compared. Pure.

Width, brackets, blanks and case are nothing; ``有限责任公司`` is ``有限公司``; a place in brackets, or
before the name, may be written or left out. What remains has to be equal: two companies that are called
nearly alike are two companies.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile(r"[\s()（）\[\]【】<>《》“”\"'‘’·.,，。、:：;；\-—_/&]+")
_FORMS = (
    ("股份有限责任公司", "股份有限公司"),
    ("有限责任公司", "有限公司"),
    ("责任有限公司", "有限公司"),
    ("股份公司", "股份有限公司"),
    ("company limited", "coltd"),
    ("co limited", "coltd"),
    ("limited", "ltd"),
    ("corporation", "corp"),
    ("incorporated", "inc"),
)
_ENDINGS = re.compile("(股份有限公司|有限公司|集团公司|集团|公司|coltd|ltd|corp|inc)+$")
_PLACES = re.split(
    " ",
    "中国 北京 上海 天津 重庆 河北 山西 内蒙古 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 "
    "河南 湖北 湖南 广东 广西 海南 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 广州 深圳 南京 "
    "苏州 无锡 杭州 宁波 温州 合肥 福州 厦门 南昌 济南 青岛 郑州 武汉 长沙 南宁 海口 成都 贵阳 "
    "昆明 西安 兰州 西宁 银川 乌鲁木齐 沈阳 大连 长春 哈尔滨 石家庄 太原 呼和浩特 佛山 东莞 珠海 "
    "常州 南通 嘉兴 绍兴 台州 金华 泉州 烟台 潍坊 洛阳",
)
_PLACE = re.compile(f"^({'|'.join(sorted(_PLACES, key=len, reverse=True))})(省|市|自治区|特别行政区)?")
_INNER = re.compile(f"[(（]({'|'.join(_PLACES)})(省|市)?[)）]")
CORE_MIN = 2  # characters without place and form below which a name says too little


def folded_name(name: str) -> str:
    """A name as it is compared whole."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    words = re.sub(r"[.,]+", " ", plain)
    for written, usual in _FORMS:
        words = words.replace(written, usual)
    return _MARKS.sub("", words)


def core_of(name: str) -> str:
    """A name without its places and its legal form; empty where too little would be left."""
    plain = unicodedata.normalize("NFKC", name)
    bare = folded_name(_INNER.sub("", plain))
    bare = _ENDINGS.sub("", bare)
    while found := _PLACE.match(bare):
        shorter = bare[found.end() :]
        if len(shorter) < CORE_MIN:
            break
        bare = shorter
    return bare if len(bare) >= CORE_MIN else ""
