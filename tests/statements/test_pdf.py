"""The statement on paper, read back: what it says, how it is built, and that nothing runs over anything."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache

import pytest
from pypdf import PdfReader

from portal.kernel.money import ZERO
from portal.kernel.paper import table
from portal.kernel.paper.page import LEFT, RIGHT
from portal.kernel.paper.sheet import HEIGHT, Sheet, Style
from portal.kernel.translations import words as translations
from portal.statements.document import EntryKind, InconsistentStatement, StatementDocument
from portal.statements.pdf import compose, render, wording
from tests.statements.samples import LONG_DEALER, SHANGHAI, movement, statement

AMOUNT = r"-?[\d,]+\.\d\d"
ROW = re.compile(rf"^2026-10-\d\d .*? ({AMOUNT}) ({AMOUNT})$", re.M)

AWKWARD = {
    "one page": statement(12),
    "English": statement(12, locale="en", due=True),
    "five pages": statement(200),
    "long names": statement(30, dealer=LONG_DEALER, due=True),
    "long names in English": statement(30, dealer=LONG_DEALER, locale="en"),
    "no movement": statement(0),
    "no movement in English": statement(0, locale="en"),
    "nothing owed": statement(0, opening=ZERO),
    "credit balance": statement(4, opening=Decimal("-5000000.00"), locale="en"),
    "twelve digits": statement(20, scale=Decimal("100000000000")),
    "largest amounts": statement(
        9, opening=Decimal("-99999999999999.99"), scale=Decimal("100000000000"), locale="en"
    ),
    "endless remark": statement(
        [replace(movement(0), description="医用（耗材）、" * 400, reference="X" * 300)] * 3
    ),
    "endless address": statement(3, dealer=replace(LONG_DEALER, address="呼和浩特市" * 300)),
}
awkward = pytest.mark.parametrize("document", AWKWARD.values(), ids=AWKWARD.keys())


def pdf(document: StatementDocument) -> bytes:
    stream = io.BytesIO()
    render(document, stream)
    return stream.getvalue()


def reader(document: StatementDocument) -> PdfReader:
    return PdfReader(io.BytesIO(pdf(document)))


@cache
def pages_of_200_lines() -> tuple[str, ...]:
    return tuple(page.extract_text() for page in reader(statement(200)).pages)


def decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def rows(text: str) -> list[tuple[Decimal, Decimal]]:
    """(amount, balance) of each row of movements."""
    return [(decimal(amount), decimal(balance)) for amount, balance in ROW.findall(text)]


def printed_elsewhere(code: str) -> str:
    """What `code` prints in a fresh process with another hash seed and another time zone."""
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "TZ": "America/New_York",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


class Recorder(Sheet):
    """A sheet that remembers where every text was set."""

    def __init__(self, document: StatementDocument) -> None:
        self.set: list[tuple[int, float, float, str, Style]] = []
        super().__init__(io.BytesIO(), title="", author="", subject="", lang="zh", created=document.issued_at)
        compose(document, self)

    def text(self, x: float, y: float, text: str, style: Style) -> None:
        if text:
            self.set.append((self.page, x, y, text, style))
        super().text(x, y, text, style)


def test_every_document_number_is_on_the_paper():
    text = "".join(pages_of_200_lines())

    assert [line.document_no for line in statement(200).lines if line.document_no not in text] == []


def test_the_rows_add_up_from_opening_to_closing_to_the_fen():
    document = statement(200)
    balance = document.opening

    printed = rows("\n".join(pages_of_200_lines()))

    assert len(printed) == 200
    for line, (amount, shown) in zip(document.lines, printed, strict=True):
        balance += amount if line.debit else -amount
        assert shown == balance
    assert balance == document.closing


def test_the_totals_of_the_table_are_the_sums_of_its_columns():
    document = statement(200)

    debit, credit, balance = re.findall(
        rf"本期合计及期末余额 ({AMOUNT}) ({AMOUNT}) ({AMOUNT})", pages_of_200_lines()[-1]
    )[0]

    assert decimal(debit) == sum(line.debit for line in document.lines)
    assert decimal(credit) == sum(line.credit for line in document.lines)
    assert decimal(balance) == document.closing


def test_each_page_brings_forward_what_the_page_before_carried():
    pages = pages_of_200_lines()
    carried = [re.findall(rf"过次页 ({AMOUNT}) ({AMOUNT}) ({AMOUNT})", page) for page in pages[:-1]]
    brought = [re.findall(rf"承前页 ({AMOUNT}) ({AMOUNT}) ({AMOUNT})", page) for page in pages[1:]]

    assert all(len(sums) == 1 for sums in carried)
    assert carried == brought
    assert [decimal(sums[0][2]) for sums in carried] == [rows(page)[-1][1] for page in pages[:-1]]


def test_every_page_of_the_table_repeats_its_titles():
    assert all(re.search("日期 类型 单据编号 .* 借方 贷方 余额", page) for page in pages_of_200_lines())


@pytest.mark.parametrize(("locale", "foot"), [("zh", "第 {} 页，共 {} 页"), ("en", "Page {} of {}")])
def test_every_page_says_its_number_and_the_statements(locale, foot):
    pages = reader(statement(200, locale=locale)).pages

    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert foot.format(number, len(pages)) in text
        assert "ST-202610-000042" in text


def test_the_paper_names_both_companies_the_month_and_how_to_pay():
    text = "\n".join(page.extract_text() for page in reader(statement()).pages)

    for expected in (
        "对账单",
        "通路医疗科技有限公司",
        "广州瑞康医疗器械有限公司",
        "Guangzhou Ruikang Medical Devices Co., Ltd.",
        "91440106MA59ABCD1X",
        "2026年10月1日至31日",
        "2026年11月1日",
        "开票后 30 天内付款",
        "TL0042 2610 7",
        "6222 0000 0000 0000",
        "示例银行上海分行",
        "盖章处",
        "签字",
    ):
        assert expected in text


def test_the_english_paper_keeps_the_chinese_company_names():
    text = reader(statement(locale="en")).pages[0].extract_text()

    assert "Statement of account" in text
    assert "1–31 October 2026" in text
    assert "广州瑞康医疗器械有限公司" in text


def test_the_ageing_table_shows_every_bucket_and_the_closing_balance():
    document = statement()
    shown = " ".join(
        map(table.amount, (*document.ageing.buckets, document.ageing.unallocated, document.closing))
    )

    assert shown in reader(document).pages[0].extract_text()


def test_open_invoices_are_listed_where_the_statement_carries_them():
    document = statement(3, due=True)
    text = reader(document).pages[0].extract_text()

    assert all(f"{item.document_no} {item.date} {item.due_date}" in text for item in document.due)
    assert "未结清发票" not in reader(statement(3)).pages[0].extract_text()


def test_money_owed_to_the_dealer_asks_for_no_payment():
    text = reader(statement(4, opening=Decimal("-5000000.00"))).pages[0].extract_text()

    assert "期末余额（贵司结余）" in text
    assert "本期无需付款" in text
    assert "开户银行" not in text


def test_a_month_without_documents_says_so():
    assert "本期无往来" in reader(statement(0)).pages[0].extract_text()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_kind_of_document_is_named(locale):
    lines = [replace(movement(place), kind=kind) for place, kind in enumerate(EntryKind)]
    text = reader(statement(lines, locale=locale)).pages[0].extract_text()

    assert all(wording.kind_name(kind, locale) in text for kind in EntryKind)


def test_every_label_is_worded_in_both_languages():
    chinese, english = wording.words("zh"), wording.words("en")

    assert chinese.keys() == english.keys()
    same = {key for key in english if chinese[key] == english[key]}
    assert same == set()
    assert not [key for key, label in english.items() if re.search(r"[一-鿿]", label) and key != "subtitle"]


def test_the_paper_bears_its_title_in_both_languages():
    shown = {locale: wording.words(locale) for locale in ("zh", "en")}

    assert [shown[locale]["title"] for locale in shown] == ["对账单", "Statement of account"]
    assert [shown[locale]["subtitle"] for locale in shown] == ["STATEMENT OF ACCOUNT", "对账单"]


def test_words_of_a_page_are_not_those_of_the_paper():
    """The same English word means another thing there, and may change without the paper."""
    page = translations("zh")
    paper = wording.words("zh")

    assert (page.gettext("Period"), paper["period"]) == ("会计期间", "对账期间")
    assert page.pgettext("statement", "Issued by") == paper["issuer_seal"] != page.gettext("Issued by")


def test_all_fonts_are_embedded_as_subsets():
    for page in reader(statement(200)).pages:
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
        assert fonts
        for font in fonts:
            assert re.fullmatch(r"/[A-Z]{6}\+NotoSansSC-(Regular|Medium)", font["/BaseFont"])
            assert "/FontFile2" in font["/FontDescriptor"]


def test_a_page_of_figures_embeds_no_more_than_it_needs():
    assert len(pdf(statement(200))) < 100_000


def test_the_same_statement_is_the_same_bytes_in_every_process():
    code = (
        "import hashlib; from tests.statements.test_pdf import pdf, statement;"
        "print(hashlib.sha256(pdf(statement(40, due=True))).hexdigest())"
    )

    assert printed_elsewhere(code) == hashlib.sha256(pdf(statement(40, due=True))).hexdigest()


def test_the_file_says_what_it_is_in_which_language_and_when_it_was_issued():
    for locale, lang in (("zh", "zh-CN"), ("en", "en")):
        book = reader(statement(locale=locale))
        assert "ST-202610-000042" in book.metadata.title
        assert book.metadata.author == wording.names(statement().issuer, locale)[0]
        assert book.metadata.creation_date == datetime(2026, 11, 1, 9, 30, tzinfo=SHANGHAI)
        assert book.trailer["/Root"]["/Lang"] == lang


def test_figures_that_disagree_are_not_printed():
    stream = io.BytesIO()

    with pytest.raises(InconsistentStatement):
        render(replace(statement(), closing=Decimal("1.00")), stream)

    assert stream.getvalue() == b""


@awkward
def test_no_text_runs_over_another(document):
    page_texts: dict[int, list[tuple[float, float, float, float, str]]] = {}
    for page, x, y, text, style in Recorder(document).set:
        page_texts.setdefault(page, []).append((x, y, x + style.width(text), y + style.size * 0.7, text))

    for texts in page_texts.values():
        for index, (left, low, right, high, text) in enumerate(texts):
            clashes = [
                other[4]
                for other in texts[index + 1 :]
                if left < other[2] and other[0] < right and low < other[3] and other[1] < high
            ]
            assert not clashes, f"{text!r} runs over {clashes}"


@awkward
def test_all_text_stays_inside_the_margins(document):
    outside = [
        text
        for _, x, y, text, style in Recorder(document).set
        if x < LEFT - 0.01 or x + style.width(text) > RIGHT + 0.01 or not 30 < y < HEIGHT - 40
    ]

    assert outside == []


@awkward
def test_all_text_is_large_enough_to_read(document):
    assert min(style.size for *_, style in Recorder(document).set) >= 5


def test_the_money_of_a_column_ends_on_one_edge():
    balances = {table.amount(line.balance) for line in statement(200).lines}

    edges = {
        round(x + style.width(text), 1)
        for _, x, _, text, style in Recorder(statement(200)).set
        if text in balances
    }

    assert len(edges) == 1


def test_marks_without_a_glyph_are_shown_as_missing_and_controls_as_spaces():
    dealer = replace(statement().dealer, name_zh="上海\u200b医疗\t器械\n公司😀")

    assert "上海医疗 器械 公司〓" in reader(statement(dealer=dealer)).pages[0].extract_text()


def test_text_that_looks_like_pdf_syntax_is_only_text():
    dealer = replace(statement().dealer, name_en=r"A (B) \) ET Q endstream <C>")

    assert dealer.name_en in reader(statement(dealer=dealer)).pages[0].extract_text()


def test_rendering_needs_no_web_framework_and_no_database():
    code = (
        "import sys; from portal.statements import pdf;"
        " print({'flask', 'sqlalchemy', 'redis'} & sys.modules.keys())"
    )

    assert printed_elsewhere(code) == "set()"
