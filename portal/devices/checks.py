"""What has to be true of the register: who was sent a unit has its device, and nobody else."""

from __future__ import annotations

from portal.kernel.checking import Check
from portal.kernel.errors import N_

CHECKS = (
    Check(
        "devices/registered",
        N_("Every unit with a serial number that was shipped to a dealer is a device of that dealer alone."),
        """
        SELECT p.sku || ' ' || u.serial AS subject, d.number AS kept, u.document AS counted
          FROM serial_unit u
          JOIN product p ON p.id = u.product_id
          LEFT JOIN device d ON d.product_id = u.product_id AND d.serial = u.serial AND d.held_until IS NULL
         WHERE u.state = 'shipped' AND starts_with(u.document, 'SH')
           AND d.dealer_id IS DISTINCT FROM u.dealer_id
        UNION ALL
        SELECT p.sku || ' ' || u.serial, d.number, u.document
          FROM serial_unit u
          JOIN product p ON p.id = u.product_id
          JOIN device d ON d.product_id = u.product_id AND d.serial = u.serial AND d.held_until IS NULL
         WHERE u.state <> 'shipped'
        """,
    ),
    Check(
        "devices/last-movement",
        N_("Every device that came with a shipment names the one by which its dealer got it last."),
        """
        SELECT d.number AS subject, d.shipment_no AS kept, u.document AS counted
          FROM device d
          JOIN serial_unit u ON u.product_id = d.product_id AND u.serial = d.serial AND u.state = 'shipped'
         WHERE d.held_until IS NULL AND d.source = 'shipping' AND d.shipment_no <> u.document
        """,
    ),
)
