"""What dealers of the demonstration plan, and what they claim: generated, and no one's real business.

Days are told backwards from the demonstration's moment, and courses by what was done one after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Budgeted:
    """A pot. ends: approved or rejected, or what waits; raised: another amount that waits for a decision."""

    title_zh: str
    title_en: str
    kind: str
    amount: int
    why: str
    region: str = ""
    ends: str = "approved"
    raised: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """An activity of a dealer. first, last: days ago, negative ones are to come. course: its end."""

    name: str
    dealer: int
    kind: str
    title: str
    place: str
    first: int
    last: int
    amount: int
    course: str
    approved: int = 0
    budget: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim. course: one act after another, from the day `age` on. kind: period, or as of an activity.

    activity: name of a planned one. photos, invoices: how many. late: its invoices are dated behind the
    activity. asked: ¥; of a period more than was calculated.
    """

    dealer: int
    kind: str
    course: tuple[str, ...]
    age: int
    asked: int = 0
    activity: str = ""
    note: str = ""
    photos: int = 0
    invoices: int = 0
    late: bool = False
    hospital: str = ""


BUDGETS = (
    Budgeted("全国市场推广费", "Marketing, nationwide", "marketing", 480_000, "年度渠道预算，按季度释放"),
    Budgeted(
        "华东促销活动费", "Promotion, East China", "promotion", 60_000, "下半年重点客户促销", region="HD"
    ),
    Budgeted("全国促销活动费", "Promotion, nationwide", "promotion", 220_000, "年度渠道预算"),
    Budgeted("样品支持", "Samples", "samples", 40_000, "新品入院试用", raised=60_000),
    Budgeted("招标支持", "Tender support", "tender", 260_000, "省级集采与医院招标配合"),
    Budgeted(
        "价格保护准备金", "Price protection", "price_protection", 90_000, "年末调价准备", ends="proposed"
    ),
    Budgeted(
        "华南展会费",
        "Exhibitions, South China",
        "marketing",
        300_000,
        "追加展位",
        region="ZN",
        ends="rejected",
    ),
)

MEETING, TRAINING, ROADSHOW, FAIR, TRIAL, BID = (
    "科室会",
    "护士培训",
    "巡回推广",
    "学术年会",
    "新品试用",
    "省标",
)
ACTIVITIES = (
    Planned(
        MEETING,
        1,
        "marketing",
        "三甲医院麻醉科科室会（六场）",
        "华东医院",
        75,
        40,
        36_000,
        "approved",
        36_000,
    ),
    Planned(TRAINING, 2, "marketing", "静脉输液护士培训班", "南方医院", 60, 33, 18_000, "approved", 15_000),
    Planned(
        ROADSHOW, 3, "promotion", "县域医院巡回推广", "县域六家医院", 95, 76, 42_000, "approved", 42_000, 2
    ),
    Planned(FAIR, 1, "marketing", "省医学会学术年会展位", "会展中心", 50, 47, 130_000, "approved", 128_000),
    Planned(TRIAL, 4, "samples", "新型敷料入院试用", "第一人民医院", 45, 15, 9_000, "approved", 9_000, 3),
    Planned(BID, 5, "tender", "省级耗材招标配合", "省医药采购中心", 48, 20, 24_000, "approved", 24_000, 4),
    Planned("", 1, "promotion", "年末回馈套餐", "上海", -5, -35, 28_000, "submitted"),
    Planned("", 2, "promotion", "门诊换药包推广", "广州", -3, -20, 12_000, "submitted"),
    Planned("", 2, "marketing", "社区义诊", "社区卫生服务中心", -2, -9, 5_000, "returned"),
    Planned("", 3, "marketing", "国际展会差旅", "境外", -20, -25, 95_000, "rejected"),
    Planned("", 4, "samples", "二期试用", "第二人民医院", -8, -40, 6_000, "draft"),
    Planned("", 5, "tender", "市级招标配合", "市采购办", -4, -12, 8_000, "withdrawn"),
    Planned("", 6, "marketing", "手术室器械演示会", "中心医院", 90, 84, 16_000, "closed", 16_000),
)

CLAIMS = (
    Claimed(1, "marketing", ("submit", "approve", "approve"), 30, 18_600, MEETING, photos=2, invoices=2),
    Claimed(1, "marketing", ("submit",), 16, 9_400, MEETING, photos=1, invoices=1, late=True),
    Claimed(1, "marketing", ("submit", "approve", "approve"), 9, 120_000, FAIR, photos=3, invoices=3),
    Claimed(1, "price_protection", ("submit",), 4, note="新价目表公布后，在库产品申请价差补偿"),
    Claimed(1, "period", ("submit",), 3),
    Claimed(1, "samples", (), 1, 2_600, note="手术室试用样品两箱", photos=1),
    Claimed(
        2, "marketing", ("submit", "return", "edit", "approve"), 22, 8_800, TRAINING, photos=2, invoices=1
    ),
    Claimed(2, "marketing", ("submit", "return"), 12, 5_200, TRAINING, photos=1, invoices=1),
    Claimed(2, "period", ("submit", "approve"), 6),
    Claimed(2, "samples", ("submit",), 5, 3_200, note="骨科试用样品"),
    Claimed(2, "samples", ("submit",), 3, 3_200, note="骨科试用样品（补报）", photos=1),
    Claimed(3, "promotion", ("submit", "approve", "delegate"), 11, 26_500, ROADSHOW, photos=2, invoices=2),
    Claimed(3, "promotion", ("submit", "reject"), 14, 7_900, ROADSHOW, photos=1, invoices=1),
    Claimed(3, "period", (), 2),
    Claimed(4, "samples", ("submit", "less"), 12, 7_500, TRIAL, note="敷料试用三十床", photos=2),
    Claimed(4, "price_protection", ("submit", "approve"), 15, note="在库产品价差补偿"),
    Claimed(5, "tender", ("submit", "approve"), 10, 19_800, BID, hospital="省人民医院", photos=1),
    Claimed(6, "tender", ("submit", "withdraw"), 8, 4_500, hospital="市中心医院", photos=1),
)

REASONS = {
    "return": "缺少签到表与会场全景照片，请补充后再提交",
    "reject": "发票开具方与活动执行方不一致，不符合核销要求",
    "less": "两床为自费患者，不在试用范围内，按二十八床核销",
}
KEPT_SHARE = Decimal("0.9")  # of what is asked, where less is granted
