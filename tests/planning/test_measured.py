"""What is claimed of the forecast, on real intermittent series."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bench import forecast as bench


@pytest.fixture(scope="module")
def parts():
    return bench.read_parts()


@pytest.mark.parametrize("origin", bench.ORIGINS)
def test_the_forecast_beats_zeros_and_the_last_value_at_every_origin(parts, origin):
    rmsse, bias = bench.score(parts, bench.METHODS["ours"], origin)
    for other in ("zeros", "last value", "mean of 12 months"):
        assert rmsse < bench.score(parts, bench.METHODS[other], origin)[0], other
    assert abs(bias) < 0.1


def test_the_measure_is_the_one_that_others_publish_figures_of(parts):
    published = {"zeros": (0.721, -1.0), "last value": (0.875, 0.23), "mean of 12 months": (0.712, 0.14)}
    for name, figures in published.items():
        assert bench.score(parts, bench.METHODS[name], 39) == pytest.approx(figures, abs=0.006)


@pytest.mark.parametrize("months", bench.COVERED)
def test_stock_for_nineteen_of_twenty_suffices_about_as_often(parts, months):
    assert 0.93 <= bench.suffices(parts, Decimal("0.95"), months)["sufficed"] <= 0.97
