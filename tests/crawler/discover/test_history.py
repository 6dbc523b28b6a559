"""A sitemap's news is told from its history, so that a list of all that a site ever had does not flood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.discover.history import news_and_history, worth_reading
from crawler.discover.sitemaps import Listed, Submap
from crawler.domain import Entry

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def page(name: object, age: timedelta | None = None) -> Listed:
    return Listed(entry=Entry(link=f"https://a.example/{name}"), changed=None if age is None else NOW - age)


def names(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.link.rpartition("/")[2] for entry in entries]


def test_at_first_the_last_three_days_are_news_and_no_less_than_fifty() -> None:
    old = [page(f"old{n}", (n + 10) * DAY) for n in range(1000)]
    new = [page(f"new{n}", n * HOUR) for n in range(70)]
    news, history = news_and_history([*old, *new], read_at=None, now=NOW)
    assert names(news) == [f"new{n}" for n in range(70)]
    assert len(history) == 1000
    news, history = news_and_history([*old, page("new", HOUR)], read_at=None, now=NOW)
    assert names(news) == ["new", *(f"old{n}" for n in range(49))]
    assert len(history) == 951


def test_a_long_list_without_dates_is_history_but_for_the_first_fifty() -> None:
    news, history = news_and_history([page(n) for n in range(5000)], read_at=None, now=NOW)
    assert names(news) == [str(n) for n in range(50)]
    assert len(history) == 4950


def test_later_whatever_appears_is_news_unless_it_is_from_a_month_before() -> None:
    listed = [page("late", 5 * DAY), page("undated"), page("window", 40 * DAY), page("new", HOUR)]
    news, history = news_and_history(listed, read_at=NOW - HOUR, now=NOW)
    assert names(news) == ["new", "late", "undated"]
    assert names(history) == ["window"]


def test_what_came_while_nobody_looked_is_news() -> None:
    news, _ = news_and_history([page("a", 50 * DAY)], read_at=NOW - 60 * DAY, now=NOW)
    assert names(news) == ["a"]


def test_a_date_in_the_future_is_none() -> None:
    news, _ = news_and_history([page("liar", -90 * DAY), page("new", HOUR)], read_at=None, now=NOW)
    assert names(news) == ["new", "liar"]


def test_no_more_than_ten_thousand_are_remembered() -> None:
    news, history = news_and_history([page(n, n * HOUR) for n in range(12_000)], read_at=None, now=NOW)
    assert len(news) + len(history) == 10_000


def submaps(*rows: tuple[str, timedelta | None]) -> list[Submap]:
    return [Submap(url=f"https://a.example/{name}", changed=None if age is None else NOW - age) for name, age in rows]


def chosen(maps: list[Submap], read_at: datetime | None = None) -> list[str]:
    return [one.url.rpartition("/")[2] for one in worth_reading(maps, read_at=read_at, now=NOW)]


def test_sitemaps_called_news_come_first_then_the_newest() -> None:
    maps = submaps(("2024.xml", 400 * DAY), ("b.xml", DAY), ("a.xml", HOUR), ("news.xml", None), ("tags.xml", None))
    assert chosen(maps) == ["news.xml", "a.xml", "b.xml", "tags.xml"]


def test_what_did_not_change_since_the_last_read_is_left_out() -> None:
    maps = submaps(("a.xml", HOUR), ("b.xml", 3 * DAY))
    assert chosen(maps, read_at=NOW - 2 * HOUR) == ["a.xml"]
    assert chosen(submaps(("b.xml", 3 * DAY)), read_at=NOW - 2 * HOUR) == []


def test_of_an_index_that_slept_for_years_the_newest_is_read_once() -> None:
    assert chosen(submaps(("1.xml", 900 * DAY), ("2.xml", 800 * DAY))) == ["2.xml"]


def test_a_date_in_the_name_serves_where_the_index_gives_none() -> None:
    maps = submaps(("posts-2025-12.xml", None), ("posts-2026-11.xml", None), ("posts-2026-02.xml", None))
    assert chosen(maps) == ["posts-2026-11.xml", "posts-2026-02.xml", "posts-2025-12.xml"]


def test_without_any_date_both_ends_come_before_the_middle() -> None:
    maps = submaps(*((f"{n}.xml", None) for n in range(1, 6)))
    assert chosen(maps) == ["1.xml", "5.xml", "2.xml", "4.xml", "3.xml"]
