"""A tax invoice's XML as the tax platform writes it, of what a document says; its number is invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from portal.tax_invoices.rules import OurDocument


def tax_invoice_xml(
    document: OurDocument, *, number: str, issued_on: date, blue: str = "", remark: str = ""
) -> bytes:
    """The file. blue: number of the invoice that a red-letter one takes back."""
    net = sum((one.amount for one in document.lines), Decimal(0))
    tax = sum((one.tax for one in document.lines), Decimal(0))
    items = "".join(
        "<IssuItemInformation>"
        f"<ItemName>*医疗仪器器械*{escape(one.name)}</ItemName><SpecMod>{escape(one.spec)}</SpecMod>"
        f"<MeaUnits>{escape(one.unit)}</MeaUnits><Quantity>{one.quantity}</Quantity>"
        f"<Amount>{one.amount}</Amount><TaxRate>{one.rate}</TaxRate><ComTaxAm>{one.tax}</ComTaxAm>"
        "</IssuItemInformation>"
        for one in document.lines
    )
    told = f"被红冲蓝字数电发票号码：{blue} {remark}" if blue else remark
    return (
        '<?xml version="1.0" encoding="UTF-8"?><EInvoice><EInvoiceData>'
        f"<SellerInformation><SellerIdNum>{document.seller}</SellerIdNum></SellerInformation>"
        f"<BuyerInformation><BuyerIdNum>{document.buyer}</BuyerIdNum></BuyerInformation>"
        f"<BasicInformation><TotalAmWithoutTax>{net}</TotalAmWithoutTax><TotalTaxAm>{tax}</TotalTaxAm>"
        f"<TotalTax-includedAmount>{net + tax}</TotalTax-includedAmount></BasicInformation>{items}"
        f"<AdditionalInformation><Remark>{escape(told)}</Remark></AdditionalInformation></EInvoiceData>"
        f"<TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber>"
        f"<IssueTime>{issued_on}</IssueTime></TaxSupervisionInfo></EInvoice>"
    ).encode()
