"""The curves of a cold record as a drawing: geometry for the macro `temperature_chart`. Drawn by the server.

Of many readings the lowest and highest of each piece are drawn, so that no peak is lost and the page stays
small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from portal.coldchain.queries import ColdRecord
from portal.coldchain.rules import HOLE, Reading, Trace

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 8, 24
PIECES = 250  # of a curve; each has two points


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its word."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, in units of the view box. band: top and height of what the goods bear."""

    curves: tuple[str, ...]
    band: tuple[float, float]
    ticks: tuple[Tick, ...]
    moments: tuple[tuple[float, datetime], ...]
    marks: tuple[float, ...]


def draw(record: ColdRecord) -> Drawing | None:
    """The curves of a record; None where no logger has readings."""
    readings = [reading for log in record.logs for reading in log.trace.readings]
    if not readings:
        return None
    edges = [edge for edge in (record.bounds.low, record.bounds.high) if edge is not None]
    values = [reading.celsius for reading in readings] + edges
    low, high = min(values) - 1, max(values) + 1
    start, end = min(one.at for one in readings), max(one.at for one in readings)
    span = max((end - start).total_seconds(), 60.0)

    def x(at: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (at - start).total_seconds() / span, 1)

    def y(celsius: Decimal) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * float((high - celsius) / (high - low)), 1)

    curves = [
        " ".join(f"{x(one.at)},{y(one.celsius)}" for one in piece)
        for log in record.logs
        for piece in _without_holes(log.trace)
    ]
    upper = high if record.bounds.high is None else record.bounds.high
    lower = low if record.bounds.low is None else record.bounds.low
    marks = [x(at) for at in (record.departed_at, record.arrived_at) if at is not None and start <= at <= end]
    return Drawing(
        tuple(curves),
        (y(upper), round(y(lower) - y(upper), 1)),
        tuple(Tick(y(Decimal(degree)), f"{degree} °C") for degree in _degrees(low, high)),
        ((x(start), start), (x(end), end)),
        tuple(marks),
    )


def _without_holes(trace: Trace) -> list[Sequence[Reading]]:
    """A curve for every stretch without a hole: across one nothing is known, so nothing is drawn."""
    readings = _thinned(trace.readings)
    interval = trace.interval or timedelta(0)
    thinned_by = max(1, len(trace.readings) // max(1, len(readings)))
    longest = interval * float(HOLE) * (2 * thinned_by)
    stretches: list[list[Reading]] = [list(readings[:1])]
    for before, after in pairwise(readings):
        if interval and after.at - before.at > longest:
            stretches.append([])
        stretches[-1].append(after)
    return [stretch for stretch in stretches if stretch]


def _thinned(readings: Sequence[Reading]) -> Sequence[Reading]:
    if len(readings) <= 2 * PIECES:
        return readings
    size = -(-len(readings) // PIECES)
    kept: list[Reading] = []
    for begin in range(0, len(readings), size):
        piece = readings[begin : begin + size]
        edges = {
            min(piece, key=lambda one: one.celsius).at: min(piece, key=lambda one: one.celsius),
            max(piece, key=lambda one: one.celsius).at: max(piece, key=lambda one: one.celsius),
        }
        kept.extend(edges[at] for at in sorted(edges))
    return kept


def _degrees(low: Decimal, high: Decimal) -> list[int]:
    """Whole degrees for the grid, at most eight."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if (high - low) / step <= 8)
    first = -(-int(low) // step) * step
    return [degree for degree in range(first, int(high) + 1, step) if low < degree < high]
