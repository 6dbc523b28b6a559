"""Turns the stories a day into what every form shows of them: bars, a sparkline, numbers and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from monitors.digest import words

if TYPE_CHECKING:
    from datetime import date

    from monitors.domain import Trend

_SPARKS = "▁▂▃▄▅▆▇█"
_LONG = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    label: str
    """The number, short enough for a narrow bar: `1.2k`."""
    height: int
    """In percent of the highest; a day with stories has at least something to see."""
    today: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendView:
    heading: str
    bars: tuple[Bar, ...]
    first_day: str
    last_day: str
    sparkline: str
    numbers: str
    told: str


def trend_view(trend: Trend) -> TrendView:
    days, most = len(trend.counts), max(trend.counts, default=0)
    return TrendView(
        heading=f"Stories a day, the last {words.counted(days, 'day')}",
        bars=tuple(
            Bar(label=_short(count), height=_height(count, most), today=number == days)
            for number, count in enumerate(trend.counts, 1)
        ),
        first_day=_day(trend.last_day - timedelta(days=days - 1)),
        last_day=_day(trend.last_day),
        sparkline="".join(_spark(count, most) for count in trend.counts),
        numbers=", ".join(f"{count}" for count in trend.counts),
        told=words.today(trend),
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _short(count: int) -> str:
    return f"{count}" if count < _LONG else f"{count / _LONG:.1f}k" if count < 10 * _LONG else f"{count // _LONG}k"


def _height(count: int, most: int) -> int:
    return max(round(100 * count / most), 4) if count else 0


def _spark(count: int, most: int) -> str:
    """The lowest spark is no story; a day with one stands out from a day without."""
    return _SPARKS[max(round((len(_SPARKS) - 1) * count / most), 1)] if count else _SPARKS[0]
