from __future__ import annotations

import pytest

from crawler.extract.titles import without_site

SITES = frozenset({"nikkeiasianreview", "thedailyecho", "dailyecho", "echo"})


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Amazon sells cloud hardware- Nikkei Asian Review", "Amazon sells cloud hardware"),
        ("Amazon sells cloud hardware | The Daily Echo", "Amazon sells cloud hardware"),
        ("Amazon sells cloud hardware | Business | The Daily Echo", "Amazon sells cloud hardware"),
        ("Amazon sells cloud hardware – DAILY ECHO", "Amazon sells cloud hardware"),
        ("Amazon sells cloud hardware：The Daily Echo", "Amazon sells cloud hardware"),
        ("Amazon sells cloud hardware | Companies", "Amazon sells cloud hardware"),
        ("A well-known e-commerce giant", "A well-known e-commerce giant"),
        ("Storm hits the coast - thousands without power", "Storm hits the coast - thousands without power"),
        ("Merkel: nobody is perfect", "Merkel: nobody is perfect"),
        ("Tram | Bus", "Tram | Bus"),
        ("The Daily Echo", "The Daily Echo"),
    ],
)
def test_the_sites_name_is_no_part_of_a_title(title: str, bare: str) -> None:
    assert without_site(title, sites=SITES) == bare


def test_what_the_heading_leaves_out_goes_too() -> None:
    assert without_site("Storm hits - Weather and tides", sites=frozenset(), headings=["Storm hits"]) == "Storm hits"
