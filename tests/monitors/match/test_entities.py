"""Entities by their names: in all spellings, with and without legal form, short and long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.errors import ConfigError
from monitors.domain import Alias, Entity, NeverNear
from monitors.match.entities import Roster

if TYPE_CHECKING:
    from tests.monitors.match.conftest import Sights

AMAZON = Entity(
    id="amazon",
    name="Amazon.com",
    aliases=(
        Alias(text="Amazon Web Services"),
        Alias(text="Amazon", case_sensitive=True),
        Alias(text="亚马逊", lang="zh"),
    ),
)
YORK = Entity(id="york", name="New York")
TIMES = Entity(id="times", name="New York Times")
CHAIR = Entity(id="chair", name="Jerome Powell", person=True)


def named(*names: str, person: bool = False) -> Entity:
    return Entity(id="x", name=names[0], aliases=tuple(Alias(text=name) for name in names[1:]), person=person)


# -- names ------------------------------------------------------------------------------------------------------------


def test_an_entity_is_found_by_its_name_and_its_aliases(sights: Sights) -> None:
    text = "amazon.com sells. Amazon’s AMAZON WEB SERVICES grows. An amazon rows."
    assert sights([AMAZON], text).certain == ["amazon.com", "Amazon", "AMAZON WEB SERVICES"]


def test_a_name_is_not_inflected(sights: Sights) -> None:
    assert not sights([named("Target")], "They targeted the targets.").possible


def test_of_two_names_of_an_entity_the_longer_one_is_the_mention(sights: Sights) -> None:
    assert sights([AMAZON], "Amazon Web Services and Amazon").certain == ["Amazon Web Services", "Amazon"]


def test_a_piece_of_a_longer_name_of_another_entity_is_no_mention(sights: Sights) -> None:
    assert not sights([YORK, TIMES], "The New York Times wrote.").possible
    assert sights([YORK, TIMES], "The New York Times wrote from New York.").certain == ["New York"]
    assert sights([TIMES, YORK], "The New York Times wrote.").certain == ["New York Times"]
    assert sights([YORK], "The New York Times wrote.").certain == ["New York"]


def test_two_entities_may_share_a_name(sights: Sights) -> None:
    assert sights([YORK, Entity(id="state", name="new york")], "In New York.").certain == ["New York"]


def test_an_alias_of_a_language_is_found_in_that_language(sights: Sights) -> None:
    assert sights([AMAZON], "关于亚马逊公司的报道", language="zh").certain == ["亚马逊"]
    assert sights([AMAZON], "关于亚马逊公司的报道", language=None).certain == ["亚马逊"]
    assert not sights([AMAZON], "亚马逊 in English", language="en").possible


@pytest.mark.parametrize("name", ["Yahoo!", "AT&T", "Who? (band)", "E*Trade", "-30-", "C++", "U.S.", "Société X"])
def test_a_name_may_hold_what_is_syntax_in_a_keyword(sights: Sights, name: str) -> None:
    assert sights([named(name)], f"So {name} said.").certain == [name.strip("-)")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("Hewlett-Packard", "Hewlett Packard", id="hyphen"),
        pytest.param("Hewlett Packard", "Hewlett‑Packard", id="another hyphen"),
        pytest.param("Moody's", "Moody’s", id="apostrophe"),
        pytest.param("Lanhai", "Lanhai’s", id="possessive"),
        pytest.param("São Paulo", "Sao Paulo", id="accent"),
        pytest.param("三星电子", "三星电子", id="Han"),
        pytest.param("Газпром", "ГАЗПРОМ", id="Cyrillic"),
        pytest.param("أرامكو", "أرامكو", id="Arabic"),
    ],
)
def test_a_name_is_found_in_other_spellings_and_scripts(sights: Sights, name: str, text: str) -> None:
    assert len(sights([named(name)], f"{text} 1").certain) == 1


def test_of_an_entity_without_a_name_everybody_is_told_who_asks_for_it() -> None:
    roster = Roster([Entity(id="x", name="!!", aliases=(Alias(text="…"),)), YORK])
    assert "x" in roster
    for ask in (roster.mentions, roster.possible, roster.about):
        with pytest.raises(ConfigError, match="no letter or digit in any name of the entity x"):
            ask("x")
        with pytest.raises(ConfigError, match="no entity y"):
            ask("y")
        assert ask("york") is ask("york")


@pytest.mark.parametrize("word", ["cl*", "!!"])
def test_words_about_an_entity_that_cannot_be_read_are_an_error(word: str) -> None:
    with pytest.raises(ConfigError, match="of the entity x"):
        Roster([Entity(id="x", name="X", context=(word,))]).mentions("x")
    with pytest.raises(ConfigError, match="of the entity x"):
        Roster([Entity(id="x", name="X", never_near=NeverNear(any=(word,)))]).mentions("x")


# -- legal forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Lanhai", "Lanhai Inc. said", "Lanhai Inc."),
        ("Lanhai", "Lanhai, Inc., said", "Lanhai, Inc."),
        ("Lanhai", "by LANHAI INCORPORATED", "LANHAI INCORPORATED"),
        ("Lanhai", "Lanhai Co., Ltd. said", "Lanhai Co., Ltd."),
        ("Lanhai", "Lanhai Company Limited said", "Lanhai Company Limited"),
        ("Lanhai", "Lanhai & Co. said", "Lanhai & Co."),
        ("Halden", "Halden GmbH & Co. KG sagte", "Halden GmbH & Co. KG"),
        ("Halden", "Halden SE & Co. KGaA sagte", "Halden SE & Co. KGaA"),
        ("Halden", "Halden AG’s chair", "Halden AG"),
        ("Lanhai", "Lanhai Pte. Ltd. said", "Lanhai Pte. Ltd."),
        ("Lanhai", "Lanhai Public Company Limited said", "Lanhai Public Company Limited"),
        ("Koç", "Koç A.Ş. büyüyor", "Koç A.Ş."),
        ("Orange", "Orange S.A. a dit", "Orange S.A."),
        ("Fiat", "Fiat S.p.A. ha detto", "Fiat S.p.A."),
        ("Rossi", "Rossi S.r.l. ha", "Rossi S.r.l."),
        ("Martin", "Martin S.à r.l. a", "Martin S.à r.l."),
        ("Novo", "Novo A/S sagde", "Novo A/S"),
        ("Nokia", "Nokia Oyj sanoi", "Nokia Oyj"),
        ("Ericsson", "Ericsson AB (publ) sa", "Ericsson AB (publ)"),
        ("Heineken", "Heineken N.V. zei", "Heineken N.V."),
        ("KGHM", "KGHM sp. z o.o. ma", "KGHM sp. z o.o."),
        ("MOL", "MOL Kft. közölte", "MOL Kft."),
        ("ČEZ", "ČEZ, a. s., uvedla", "ČEZ, a. s."),
        ("Cemex", "Cemex, S.A.B. de C.V. dijo", "Cemex, S.A.B. de C.V."),
        ("Yahoo!", "Yahoo! Inc. said", "Yahoo! Inc."),
        ("Disney+", "Disney+ Ltd said", "Disney+ Ltd"),
        ("Warner Bros.", "Warner Bros. Inc. said", "Warner Bros. Inc."),
        ("トヨタ自動車", "新型をトヨタ自動車株式会社が発表", "トヨタ自動車株式会社"),
        ("トヨタ自動車", "株式会社トヨタ自動車が発表", "株式会社トヨタ自動車"),
        ("トヨタ自動車", "トヨタ自動車（株）が発表", "トヨタ自動車（株）"),
        ("中国移动", "中国移动有限公司公告", "中国移动有限公司"),
        ("카카오", "(주)카카오는 밝혔다", "(주)카카오"),
        ("Газпром", "ОАО «Газпром» сообщил", "ОАО «Газпром»"),
    ],
)
def test_a_legal_form_that_stands_at_a_name_is_part_of_the_mention(
    sights: Sights, name: str, text: str, found: str
) -> None:
    assert sights([named(name)], text).certain == [found]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("Shell", "Then the shell limited the damage.", id="a verb"),
        pytest.param("Amazon", "Amazon Co-Founder Leaves", id="a prefix"),
        pytest.param("Amazon", "We use Amazon as a shop.", id="a small word"),
        pytest.param("Amazon", "Nobody likes Amazon. Company towns do.", id="the next sentence"),
        pytest.param("Amazon", "Amazon\nInc. magazine", id="the next paragraph"),
        pytest.param("Total", "Mais Total a s’associer.", id="an apostrophe"),
    ],
)
def test_what_only_looks_like_a_legal_form_is_not_part_of_the_mention(sights: Sights, name: str, text: str) -> None:
    assert [found.lower() for found in sights([named(name)], text).certain] == [name.lower()]


@pytest.mark.parametrize(
    ("alias", "text"),
    [
        ("Orange S.A.", "Orange SA"),
        ("Orange SA", "Orange S.A."),
        ("Orange S.A.", "Orange, S.A.,"),
        ("Orange, S.A.", "ORANGE SA"),
        ("Target Corporation", "Target Corp."),
        ("Target Corp", "Target Corporation"),
        ("Warner Bros. Inc.", "Warner Bros. Incorporated"),
        ("Tiffany & Co.", "Tiffany & Company"),
        ("Grab Pte Ltd", "Grab Pte. Limited"),
        ("Lanhai Co., Ltd.", "Lanhai Company Limited"),
        ("株式会社トヨタ", "トヨタ（株）"),
        ("(株)トヨタ", "トヨタ株式会社"),
        ("ОАО «Газпром»", "ОАО Газпром"),
    ],
)
def test_an_alias_with_a_legal_form_is_found_in_any_spelling_of_it(sights: Sights, alias: str, text: str) -> None:
    assert len(sights([named(alias)], f"… {text} …").certain) == 1


@pytest.mark.parametrize(
    ("alias", "text"),
    [
        ("Orange S.A.", "Orange"),
        ("Orange S.A.", "Orange Ltd"),
        ("Orange S.A.", "Orange SAS"),
        ("Orange S.A.", "Orange, sa"),
        ("Lanhai Co.", "Lanhai Co., Ltd."),
        ("Tiffany & Co.", "Tiffany Co."),
        ("株式会社トヨタ", "トヨタ"),
        ("中国移动有限公司", "中国移动股份有限公司"),
    ],
)
def test_an_alias_with_a_legal_form_needs_it(sights: Sights, alias: str, text: str) -> None:
    assert not sights([named(alias)], f"… {text} …").possible


def test_an_alias_with_its_legal_form_does_not_make_the_name_without_it_strong(sights: Sights) -> None:
    orange = Entity(id="orange", name="Orange S.A.", aliases=(Alias(text="Orange", ambiguous=True),))
    assert sights([orange], "Orange Ltd grew.") == ([], ["Orange Ltd"])
    assert sights([orange], "Orange S.A. spoke. Orange grew.").certain == ["Orange S.A.", "Orange"]


def test_a_firm_of_another_legal_form_may_be_another_entity(sights: Sights) -> None:
    orange, other = Entity(id="orange", name="Orange"), Entity(id="other", name="Orange Ltd")
    assert sights([orange, other], "Orange Ltd grew, Orange S.A. fell.").certain == ["Orange S.A."]
    assert sights([other, orange], "Orange Limited grew, Orange S.A. fell.").certain == ["Orange Limited"]


# -- short forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Jerome Powell", "J. Powell"),
        ("Jerome Powell", "J Powell"),
        ("Jerome Powell", "J. H. Powell"),
        ("Jerome Powell", "Jerome H. Powell"),
        ("Jerome Hayden Powell", "J. H. Powell"),
        ("Jerome Hayden Powell", "J.H. Powell"),
        ("Jerome Hayden Powell", "J. Powell"),
        ("Jerome Hayden Powell", "Jerome H. Powell"),
        ("Jean-Claude Juncker", "J.-C. Juncker"),
        ("Ursula von der Leyen", "U. von der Leyen"),
    ],
)
def test_initials_count_where_the_full_name_stands(sights: Sights, name: str, short: str) -> None:
    assert not sights([named(name)], f"Then {short} spoke.").possible
    assert sights([named(name)], f"Then {short} spoke.", title=f"Enter {name}").certain == [name, short]


@pytest.mark.parametrize(
    "text", ["C. Powell", "C.H. Powell", "C. J. Powell", "Then j. Powell", "J. powell", "K.J. Powell"]
)
def test_the_initials_of_others_make_it_a_name_of_others(sights: Sights, text: str) -> None:
    assert sights([named("Jerome Powell")], text, title="Jerome Powell").certain == ["Jerome Powell"]


def test_an_article_is_no_initial(sights: Sights) -> None:
    assert sights([CHAIR], "A Powell aide left.", title="Jerome Powell").certain == ["Jerome Powell", "Powell"]


def test_a_last_or_first_name_alone_counts_for_persons_where_the_full_name_stands(sights: Sights) -> None:
    text = "Powell spoke. powell is a word, and Jerome knew. Mr. Powell’s staff did."
    assert not sights([CHAIR], text).possible
    assert sights([CHAIR], text, title="Jerome Powell").certain == [
        "Jerome Powell", "Powell", "Jerome", "Powell",
    ]  # fmt: skip
    assert sights([named("Jerome Powell")], text, title="Jerome Powell").certain == ["Jerome Powell"]


def test_a_last_name_may_be_of_several_words(sights: Sights) -> None:
    text = "Andrés Manuel López Obrador came. López Obrador spoke, Andrés Obrador, Obrador."
    assert sights([named("Andrés Manuel López Obrador", person=True)], text).certain == [
        "Andrés Manuel López Obrador", "López Obrador", "Andrés Obrador", "Obrador",
    ]  # fmt: skip
    text = "Ursula von der Leyen came. Frau von der Leyen spoke, Leyen."
    assert sights([named("Ursula von der Leyen", person=True)], text).certain == [
        "Ursula von der Leyen", "von der Leyen", "Leyen",
    ]  # fmt: skip


def test_the_first_name_may_be_the_family_name(sights: Sights) -> None:
    assert sights([named("Xi Jinping", person=True)], "Xi Jinping met XI, xi and Xi.").certain == ["Xi Jinping", "Xi"]


def test_a_middle_initial_may_stand_in_a_full_name_or_be_left_out(sights: Sights) -> None:
    assert sights([CHAIR], "Jerome H. Powell rose. Powell spoke.").certain == ["Jerome H. Powell", "Powell"]
    long = named("Jerome H. Powell", person=True)
    assert sights([long], "Jerome Powell rose. Powell spoke.").certain == ["Jerome Powell", "Powell"]
    assert not sights([CHAIR], "Jerome Hayden Powell, Jerome a Powell").possible
    assert not sights([named("Jerome Powell")], "Jerome H. Powell").possible


def test_a_generation_is_not_a_last_name(sights: Sights) -> None:
    junior = named("Robert Downey Jr.", person=True)
    assert sights([junior], "Robert Downey Jr. came. Downey left.").certain == ["Robert Downey Jr.", "Downey"]


@pytest.mark.parametrize("name", ["Johnson & Johnson", "Lanhai Data Inc.", "lanhai data", "A B C D Efg", "习近平"])
def test_some_names_have_no_short_forms(sights: Sights, name: str) -> None:
    words = "J. Johnson, Johnson, L. Data, L. D. Data, Data, A. Efg, Efg, 近平"
    assert sights([named(name, person=True)], words, title=name).certain == [name]


def test_a_short_form_inside_the_name_of_another_is_no_mention(sights: Sights) -> None:
    other = Entity(id="other", name="Colin Powell", person=True)
    text = "Jerome Powell met Colin Powell, and C. Powell left. Powell stayed."
    assert sights([CHAIR, other], text).certain == ["Jerome Powell", "Powell"]


def test_the_full_name_inside_a_longer_name_of_another_makes_no_short_form_count(sights: Sights) -> None:
    other = Entity(id="other", name="Jerome Powell Foundation")
    assert not sights([CHAIR, other], "The Jerome Powell Foundation. Powell spoke.").possible


@pytest.mark.parametrize("alias", ["Xi", "Li", "Ma"])
def test_an_alias_of_two_letters_counts_only_beside_a_longer_name(sights: Sights, alias: str) -> None:
    entity = named("Hu Jintao", alias)
    assert sights([entity], f"{alias} spoke. {alias.lower()}") == ([], [alias])
    assert sights([entity], f"{alias} met Hu Jintao.").certain == [alias, "Hu Jintao"]


@pytest.mark.parametrize("alias", ["3M", "BP", "5G", "苹果"])
def test_two_capitals_or_characters_are_a_name_like_any_other(sights: Sights, alias: str) -> None:
    assert sights([named("Something Else", alias)], f"{alias} rose.").certain == [alias]


# -- tickers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "text", "found"),
    [
        ("NASDAQ:AMZN", "Amazon (NASDAQ:AMZN) rose", "NASDAQ:AMZN"),
        ("NASDAQ:AMZN", "Amazon (Nasdaq: AMZN) rose", "Nasdaq: AMZN"),
        ("NASDAQ:AMZN", "buy $AMZN now", "$AMZN"),
        ("NASDAQ: AMZN", "NASDAQ:AMZN", "NASDAQ:AMZN"),
        ("NYSE:BRK.B", "(NYSE: BRK.B)", "NYSE: BRK.B"),
        ("NYSE:BRK.B", "sell $BRK.B now", "$BRK.B"),
        ("HKEX:0700", "Tencent (HKEX: 0700)", "HKEX: 0700"),
    ],
)
def test_a_ticker_is_found_as_it_is_written(sights: Sights, alias: str, text: str, found: str) -> None:
    assert sights([named("Something", alias)], text).certain == [found]


@pytest.mark.parametrize(
    ("alias", "text"),
    [
        ("NASDAQ:AMZN", "AMZN rose"),
        ("NASDAQ:AMZN", "On the Nasdaq AMZN rose"),
        ("NASDAQ:AMZN", "NYSE:AMZN"),
        ("NASDAQ:AMZN", "$amzn"),
        ("HKEX:0700", "for $0700"),
    ],
)
def test_a_ticker_needs_its_exchange_or_a_dollar_sign(sights: Sights, alias: str, text: str) -> None:
    assert not sights([named("Something", alias)], text).possible
