"""The fixed cast: everybody and everything a test may count on, in every fresh database.

Huadong buys, Yuegang is its rival far away, Suzhou a small neighbour in the same area. Ids of different kinds
never coincide, so that a mixed-up id fails a test instead of passing by luck. Dates lie decades apart from
today, except where the name says otherwise; `NOW` is the moment the run began.

    from tests import cast
    place_order(session, actor=cast.huadong.buyer.actor(), ...)
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.budgets.vocabulary import BudgetRight
from portal.catalogue.vocabulary import CatalogueRight
from portal.claims.vocabulary import ClaimRight
from portal.counting.vocabulary import CountingRight
from portal.custody.vocabulary import TraceRight
from portal.dealers.vocabulary import DealerRight
from portal.dealerstock.vocabulary import DealerStockRight
from portal.devices.vocabulary import DeviceRight
from portal.epcis.vocabulary import EpcisRight
from portal.feed.vocabulary import FeedRight
from portal.files.vocabulary import FileRight
from portal.identity.rules import Role
from portal.identity.vocabulary import IdentityRight
from portal.kernel import clock
from portal.knowledge.vocabulary import KnowledgeRight
from portal.ledger.vocabulary import LedgerRight
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight
from portal.notifications.vocabulary import NotificationRight
from portal.orders.vocabulary import OrderRight
from portal.own_ledgers.vocabulary import OwnLedgerRight
from portal.papers.vocabulary import PaperRight
from portal.payments.vocabulary import PaymentRight
from portal.planning.vocabulary import PlanningRight
from portal.pricing.vocabulary import PriceRight
from portal.purchasing.vocabulary import PurchasingRight
from portal.rebates.vocabulary import RebateRight
from portal.recalls.vocabulary import RecallRight
from portal.receiving.vocabulary import ReceivingRight
from portal.returns.vocabulary import ReturnRight
from portal.sellout.vocabulary import SellOutRight
from portal.service.vocabulary import ServiceRight
from portal.shipping.vocabulary import ShippingRight
from portal.statements.vocabulary import StatementRight
from portal.stock.vocabulary import StockRight
from portal.transfers.vocabulary import TransferRight
from portal.webhooks.vocabulary import WebhookRight
from portal.workdays.vocabulary import WorkdayRight
from tests.business_zone import choose_zone
from tests.roles import Dealer, Licence, Lot, Person, Product, Region, System, Warehouse

ZONE = ZoneInfo(choose_zone())
NOW = clock.now()
TODAY = clock.business_date(NOW, ZONE)
PASSWORD = "correct horse battery staple"
SECRET = "an-api-secret-for-tests-0123456789abcdef"

_LONG_AGO, _FAR_OFF = date(2020, 1, 1), date(2099, 12, 31)

# Regions

east = Region(11, "east", "华东", "East China")
south = Region(12, "south", "华南", "South China")
shanghai = Region(21, "31", "上海市", "Shanghai", east)
jiangsu = Region(22, "32", "江苏省", "Jiangsu", east)
guangdong = Region(23, "44", "广东省", "Guangdong", south)

regions = (east, south, shanghai, jiangsu, guangdong)

# Dealers

_DEALER_SCOPES = (
    CatalogueRight.READ,
    PriceRight.READ,
    StockRight.READ,
    DealerStockRight.REPORT,
    TraceRight.READ,
    SellOutRight.WRITE,
    EpcisRight.CAPTURE,
    EpcisRight.READ,
    OrderRight.READ,
    OrderRight.WRITE,
    StatementRight.READ,
    StatementRight.CONFIRM,
    PaymentRight.CREATE,
    FeedRight.READ,
    FeedRight.ACKNOWLEDGE,
    NotificationRight.READ,
    PurchasingRight.APPROVE,
    FileRight.WRITE,
    RebateRight.READ,
    BudgetRight.PLAN,
    ClaimRight.WRITE,
    KnowledgeRight.READ,
    ServiceRight.READ,
    ServiceRight.WRITE,
    OwnLedgerRight.COMPARE,
    WebhookRight.WRITE,
    IdentityRight.CLIENTS,
    DeviceRight.READ,
    DeviceRight.WRITE,
    IdentityRight.PEOPLE,
    PaperRight.READ,
    PaperRight.FILE,
    TraceRight.READ,
    RecallRight.READ,
    RecallRight.ANSWER,
)


def people_of(dealer_id: int, code: str) -> dict[str, Person | System]:
    """One user a role, and the dealer's own system."""
    first = dealer_id * 10
    roles = {
        "buyer": Role.DEALER_BUYER,
        "finance": Role.DEALER_FINANCE,
        "boss": Role.DEALER_OWNER,
        "service": Role.DEALER_SERVICE,
    }
    people = {
        name: Person(first + place, f"{name}@{code}.example", f"{code} {name}", (role,), dealer_id)
        for place, (name, role) in enumerate(roles.items(), start=1)
    }
    return people | {
        "system": System(first + 9, f"{code}-system", f"{code} system", _DEALER_SCOPES, dealer_id)
    }


def licences_of(code: str, class_3_until: date = _FAR_OFF) -> tuple[Licence, ...]:
    """A filing for class II and a licence for class III."""
    return (
        Licence(f"{code}-filing", 2, _LONG_AGO, _FAR_OFF),
        Licence(f"{code}-licence", 3, _LONG_AGO, class_3_until),
    )


huadong = Dealer(
    101,
    "huadong",
    "上海明德医疗器械有限公司",
    "Shanghai Mingde Medical Devices Co., Ltd.",
    "91310115MA1H7N2K3B",
    shanghai,
    "S",
    "上海市",
    Decimal("500000.00"),
    licences_of("huadong"),
    **people_of(101, "huadong"),
)
yuegang = Dealer(
    102,
    "yuegang",
    "广州粤康医疗科技有限公司",
    "Guangzhou Yuekang Medical Technology Co., Ltd.",
    "91440101MA5D6R8P4T",
    guangdong,
    "B",
    "广州市",
    Decimal("200000.00"),
    licences_of("yuegang"),
    **people_of(102, "yuegang"),
)
suzhou = Dealer(
    103,
    "suzhou",
    "苏州姑苏医疗用品有限公司",
    "Suzhou Gusu Medical Supplies Co., Ltd.",
    "91320505MA1W3T9Q52",
    jiangsu,
    "A",
    "苏州市",
    Decimal("5000.00"),
    licences_of("suzhou", class_3_until=date(2024, 6, 30)),
    **people_of(103, "suzhou"),
)

dealers = (huadong, yuegang, suzhou)

# Headquarters

order_desk = Person(1, "order.desk@hq.example", "订单台 沈岚", (Role.ORDER_DESK,), regions=None)
hq_finance = Person(2, "finance@hq.example", "财务 顾敏", (Role.HQ_FINANCE,), regions=None)
quality = Person(3, "quality@hq.example", "质量 陆诚", (Role.QUALITY,), regions=None)
administrator = Person(4, "admin@hq.example", "管理员 许航", (Role.ADMINISTRATOR,), regions=None)
national_manager = Person(5, "national@hq.example", "渠道总监 秦朗", (Role.CHANNEL_MANAGER,), regions=None)
east_manager = Person(
    6, "east@hq.example", "华东经理 周宁", (Role.CHANNEL_MANAGER,), regions=(east, shanghai, jiangsu)
)
south_manager = Person(
    7, "south@hq.example", "华南经理 黎昕", (Role.CHANNEL_MANAGER,), regions=(south, guangdong)
)
south_desk = Person(
    8, "south.desk@hq.example", "华南订单 何悦", (Role.ORDER_DESK,), regions=(south, guangdong)
)
desk_colleague = Person(16, "order.desk2@hq.example", "仓库复核 童欣", (Role.ORDER_DESK,), regions=None)
national_colleague = Person(
    14, "national2@hq.example", "渠道副总监 沈悦", (Role.CHANNEL_MANAGER,), regions=None
)
quality_colleague = Person(15, "quality2@hq.example", "质量 温如", (Role.QUALITY,), regions=None)
finance_colleague = Person(10, "finance2@hq.example", "财务 韩立", (Role.HQ_FINANCE,), regions=None)

service_desk = Person(17, "service@hq.example", "客服 方晴", (Role.SERVICE_DESK,), regions=None)
technician = Person(18, "technician@hq.example", "工程师 罗毅", (Role.TECHNICIAN,), regions=None)
south_technician = Person(
    19, "south.technician@hq.example", "华南工程师 梁栋", (Role.TECHNICIAN,), regions=(south, guangdong)
)

staff = (
    order_desk,
    desk_colleague,
    hq_finance,
    finance_colleague,
    quality,
    quality_colleague,
    administrator,
    national_manager,
    national_colleague,
    east_manager,
    south_manager,
    south_desk,
    service_desk,
    technician,
    south_technician,
)
people = staff + tuple(person for dealer in dealers for person in dealer.people)

erp = System(
    9,
    "erp",
    "ERP",
    (
        CatalogueRight.HEADQUARTERS,
        DealerRight.HEADQUARTERS,
        DealerRight.TIERS,
        DealerStockRight.HEADQUARTERS,
        OrderRight.DESK,
        PlanningRight.SET,
        ShippingRight.SHIP,
        ReturnRight.HANDLE,
        ReturnRight.INSPECT,
        TransferRight.TRANSFER,
        CountingRight.COUNT,
        NonconformingRight.REPORT,
        ReceivingRight.RECEIVE,
        ReceivingRight.ACCEPT,
        StockRight.HEADQUARTERS,
        StockRight.PLACE,
        ShippingRight.REVIEWS,
        LedgerRight.READ,
        LedgerRight.POST,
        StatementRight.CLOSE,
        FeedRight.EDIT,
        FeedRight.PUBLISH,
        FileRight.DESK,
        BudgetRight.DECIDE,
        ServiceRight.DESK,
        WorkdayRight.READ,
        WorkdayRight.EDIT,
        KnowledgeRight.WRITE,
        KnowledgeRight.PUBLISH,
        DeviceRight.LOOK,
        DeviceRight.FIELD,
        DeviceRight.DESK,
        DeviceRight.HOSPITALS,
        PaperRight.DESK,
        PaperRight.REVIEW,
        PaperRight.AUTHORISE,
    ),
)
controller = System(
    13,
    "controller",
    "Controller",
    (
        LedgerRight.APPROVE,
        TransferRight.TRANSFER,
        CountingRight.APPROVE,
        NonconformingRight.REPORT,
        QualityRight.DECIDE,
        PaperRight.DESK,
        PaperRight.APPROVE,
    ),
)
systems = (erp, controller, *(dealer.system for dealer in dealers))

# Products: the name says what is special about each. Tier S pays 20 % less than list, A 15 %, B 10 %, C 5 %.

categories = {
    "A": ("注射、采集与收集器械", "Administration, withdrawal and collection"),
    "A02": ("注射器类", "Syringes"),
    "P": ("植入器械", "Implantable prosthetic devices"),
    "P07": ("心血管植入物", "Vascular and cardiac prostheses"),
    "T": ("防护用品", "Protective equipment"),
    "T01": ("手套类", "Gloves"),
}

gloves = Product(
    301,
    "GLOVES",
    "医用检查手套",
    "Examination gloves",
    "06901234510010",
    1,
    "T01",
    Decimal("25.00"),
    "M 号 100 只/盒",
    registration_to=None,
    lot_controlled=False,
    expiry_controlled=False,
)
syringe = Product(
    302,
    "SYRINGE",
    "一次性使用无菌注射器",
    "Sterile syringe for single use",
    "06901234510027",
    2,
    "A02",
    Decimal("3.20"),
    "5 mL 带针",
    unit="支",
    pack_multiple=10,
)
stent = Product(
    303,
    "STENT",
    "药物洗脱冠脉支架",
    "Drug-eluting coronary stent",
    "06901234510034",
    3,
    "P07",
    Decimal("8600.00"),
    "3.0 × 18 mm",
    unit="套",
    serial_controlled=True,
    implantable=True,
)
withdrawn_catheter = Product(
    304,
    "WITHDRAWN",
    "导尿管（已停售）",
    "Urinary catheter, withdrawn",
    "06901234510041",
    2,
    "A",
    Decimal("18.00"),
    state="withdrawn",
)
lapsed_pump = Product(
    305,
    "LAPSED",
    "输液泵（注册证过期）",
    "Infusion pump, registration expired",
    "06901234510058",
    2,
    "A",
    Decimal("4200.00"),
    registration_to=date(2024, 3, 31),
)
gauze = Product(
    306, "GAUZE", "脱脂纱布块", "Absorbent gauze swabs", "06901234510065", 2, "A", Decimal("12.50")
)
last_suture = Product(
    307,
    "LAST",
    "可吸收缝合线（仅余一件）",
    "Absorbable suture, one unit left",
    "06901234510072",
    2,
    "A",
    Decimal("96.00"),
)
southern_mask = Product(
    308,
    "SOUTHERN",
    "外科口罩（仅广州有货）",
    "Surgical mask, in Guangzhou only",
    "06901234510089",
    2,
    "T",
    Decimal("0.85"),
)
sold_out_scale = Product(
    309,
    "SOLD-OUT",
    "婴儿秤（无货）",
    "Infant scale, sold out",
    "06901234510096",
    1,
    "A",
    Decimal("880.00"),
    registration_to=None,
    lot_controlled=False,
    expiry_controlled=False,
)
unpriced_probe = Product(
    310, "UNPRICED", "体温探头（无价格）", "Temperature probe without a price", "06901234510102", 2, "A", None
)

products = (
    gloves,
    syringe,
    stent,
    withdrawn_catheter,
    lapsed_pump,
    gauze,
    last_suture,
    southern_mask,
    sold_out_scale,
    unpriced_probe,
)

# Stock. Shanghai is served from both warehouses, Jiangsu from Shanghai's only, Guangdong from Guangzhou's
# only.

shanghai_warehouse = Warehouse(
    51, "WH-SH", "上海仓", "Shanghai warehouse", shanghai, "上海市", {shanghai: 1, jiangsu: 1}
)
guangzhou_warehouse = Warehouse(
    52, "WH-GZ", "广州仓", "Guangzhou warehouse", guangdong, "广州市", {guangdong: 1, shanghai: 2}
)

warehouses = (shanghai_warehouse, guangzhou_warehouse)

gloves_lot = Lot(401, gloves, "-", None, {shanghai_warehouse: 500, guangzhou_warehouse: 300})
syringe_lot_early = Lot(
    402, syringe, "SY-EARLY", date(2098, 1, 31), {shanghai_warehouse: 100, guangzhou_warehouse: 200}
)
syringe_lot_late = Lot(403, syringe, "SY-LATE", date(2099, 1, 31), {shanghai_warehouse: 900})
stent_lot = Lot(404, stent, "ST-1", date(2098, 6, 30), {shanghai_warehouse: 20, guangzhou_warehouse: 20})
withdrawn_lot = Lot(405, withdrawn_catheter, "WD-1", _FAR_OFF, {shanghai_warehouse: 50})
lapsed_lot = Lot(406, lapsed_pump, "LP-1", _FAR_OFF, {shanghai_warehouse: 5})
gauze_lot_expired = Lot(
    407, gauze, "GZ-EXPIRED", date(2024, 1, 31), {shanghai_warehouse: 40}, state="expired"
)
gauze_lot_short_dated = Lot(408, gauze, "GZ-SHORT", TODAY + timedelta(days=60), {shanghai_warehouse: 30})
gauze_lot_fresh = Lot(409, gauze, "GZ-FRESH", _FAR_OFF, {shanghai_warehouse: 70})
last_suture_lot = Lot(410, last_suture, "LS-1", _FAR_OFF, {shanghai_warehouse: 1})
southern_mask_lot = Lot(411, southern_mask, "SM-1", _FAR_OFF, {guangzhou_warehouse: 1000})
unpriced_lot = Lot(412, unpriced_probe, "UP-1", _FAR_OFF, {shanghai_warehouse: 10})

lots = (
    gloves_lot,
    syringe_lot_early,
    syringe_lot_late,
    stent_lot,
    withdrawn_lot,
    lapsed_lot,
    gauze_lot_expired,
    gauze_lot_short_dated,
    gauze_lot_fresh,
    last_suture_lot,
    southern_mask_lot,
    unpriced_lot,
)

# Prices. One national policy in force, one draft that nobody outside headquarters may see.

policy_number = "PP-TIERS"
policy_in_force = 601
policy_draft = 602
PERCENT_OFF = {"S": Decimal(20), "A": Decimal(15), "B": Decimal(10), "C": Decimal(5)}
FIRST_DAY = date(2022, 1, 1)  # of every dealer
PRICES_SINCE = clock.start_of(FIRST_DAY, ZONE)

# One promotion, of long ago: it concerns no order of today.
past_promotion = 651
rebate_programme, rebate_programme_number = 661, "FL-NATION"
dunning_run_number = "DG2611-00000000A"
rebate_run_number = "RS-PAST"
# A pot that was refused: nothing was ever drawn on it.
budget, budget_number = 671, "BG-PAST"
rebate_simulation = 1
# Of every dealer an activity of this number is approved, from a pot that no other is paid from.
activity_number, open_budget, open_budget_number = "AC-1", 672, "BG-OPEN"
past_promotion_number = "CX-PAST"
supply_request_number = "SR-PAST"
# A draft that was given up, a count that was, and a report that was decided: none moved anything.
transfer_number, stock_count_number, nonconforming_number = "TR-PAST", "SC-PAST", "NC-PAST"
goods_receipt_number = "GR-PAST"
purchase_order_number = "PO-PAST"
supplier_code = "SUP-PAST"
wave_number = "WV-PAST"
# A plan of a product line of which no device is ever installed.
maintenance_plan = 681
