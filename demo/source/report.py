"""Prints what the cleaning of the demo catalogue refused, and why: ``python -m demo.source.report``."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from datetime import date

from demo.source.assortment import choose
from demo.source.catalogue import Catalogue, read_catalogue
from demo.source.cleaning import Fault, Report


def main() -> None:
    """Read the catalogue and print the report as Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--today", type=date.fromisoformat, default=date.today(), help="the day to judge dates by (ISO)"
    )
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    catalogue = read_catalogue(today=arguments.today, seed=arguments.seed)
    print(
        "\n".join(
            [
                *refusals(catalogue.report),
                "",
                *mendings(catalogue.report),
                "",
                *outcome(catalogue, arguments.today),
            ]
        )
    )


def refusals(report: Report) -> Iterator[str]:
    """One row for each fault, also those that never occurred. A record may have several."""
    yield (
        f"Devices: {report.read} read, {report.accepted} accepted, {report.read - report.accepted} refused. "
        f"Packaging levels: {report.packages_read} read, {report.packages_attached} attached to an accepted "
        f"device. Certificates: {report.certificates_read} read, {report.certificates_accepted} accepted."
    )
    yield ""
    yield "| refused because | records | for example |"
    yield "|---|---:|---|"
    for fault in Fault:
        yield row(fault, report.faults[fault], report)


def mendings(report: Report) -> Iterator[str]:
    """One row for each thing that was passed over without refusing the record."""
    yield "| mended | records | for example |"
    yield "|---|---:|---|"
    for note, count in sorted(report.notes.items(), key=lambda entry: -entry[1]):
        yield row(note, count, report)


def row(what: str, count: int, report: Report) -> str:
    """A table row with the first example."""
    examples = report.examples.get(what, [""])
    return f"| {what} | {count} | {examples[0].replace('|', '/')} |"


def outcome(catalogue: Catalogue, today: date) -> Iterator[str]:
    """What the demo sells."""
    chosen = choose(catalogue.devices)
    classes = Counter(device.device_class for device in chosen)
    saleable = sum(device.orderable(today) for device in chosen)
    lapsed = sum(not device.registration.in_force(today) for device in chosen)
    makers = len({device.maker.name for device in chosen})
    families = len({device.family for device in chosen})
    by_class = ", ".join(f"{classes[name]} of class {name}" for name in ("I", "II", "III"))
    yield f"Assortment: {len(chosen)} devices of {makers} makers in {families} families ({by_class}); "
    yield f"{saleable} may be sold today, {lapsed} have a lapsed registration."


if __name__ == "__main__":
    main()
