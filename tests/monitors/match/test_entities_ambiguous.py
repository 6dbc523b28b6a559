"""Ten firms whose names are words of the language too, and what tells the firm from the word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitors.domain import Alias, Entity, NeverNear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.monitors.match.conftest import Sights

CERTAIN, POSSIBLE, NONE = "certain", "possible", "none"


def firm(
    name: str, full: Sequence[str], *, context: Sequence[str] = (), never: Sequence[str] = (), within: int = 12
) -> Entity:
    return Entity(
        id=name.lower(),
        name=full[0],
        aliases=(*map(strong, full[1:]), Alias(text=name, case_sensitive=True, ambiguous=True)),
        context=tuple(context),
        never_near=NeverNear(any=tuple(never), within=within) if never else None,
    )


def strong(text: str) -> Alias:
    return Alias(text=text)


FIRMS = {
    one.id: one
    for one in (
        firm(
            "Amazon",
            ["Amazon.com Inc.", "Amazon.com", "Amazon Web Services", "NASDAQ:AMZN"],
            context=["AWS", "cloud", "Bezos", "retailer", "e-commerce", "marketplace"],
            never=["rainforest", "river", "basin", "deforestation"],
        ),
        firm(
            "Apple",
            ["Apple Inc.", "Apple Computer"],
            context=["iPhone", "iPad", "Mac", "Tim Cook", "Cupertino", "app store"],
            never=["pie", "orchard", "cider", "tree"],
        ),
        firm(
            "Orange",
            ["Orange S.A.", "France Télécom"],
            context=["operator", "broadband", "fibre", "mobile network"],
            never=["juice", "peel", "fruit", "alert"],
        ),
        firm(
            "Shell",
            ["Shell plc", "Royal Dutch Shell"],
            context=["oil", "LNG", "refinery", "petrol station"],
            never=["sea", "beach", "crab", "mortar", "company"],
            within=6,
        ),
        firm(
            "Target",
            ["Target Corporation", "NYSE:TGT"],
            context=["retailer", "store", "Minneapolis", "shopper"],
            never=["shooting", "missile", "inflation", '"price target"'],
        ),
        firm(
            "Visa",
            ["Visa Inc.", "NYSE:V"],
            context=["Mastercard", "card", "payment", "merchant"],
            never=["travel", "immigration", "embassy", "student"],
        ),
        firm("Gap", ["Gap Inc.", "The Gap"], context=["clothing", "Old Navy", "apparel"], never=["wage", "gender"]),
        firm("Delta", ["Delta Air Lines"], context=["airline", "flight", "Atlanta"], never=["variant", "Niger"]),
        firm("Sprint", ["Sprint Corporation"], context=["T-Mobile", "wireless", "carrier"], never=["race", "metres"]),
        firm("Oracle", ["Oracle Corporation"], context=["database", "Ellison", "software"], never=["Delphi"]),
    )
}


@pytest.mark.parametrize(
    ("firm", "text", "expected"),
    [
        ("amazon", "Amazon opens a warehouse in Calder, a spokeswoman for Amazon.com said.", CERTAIN),
        ("amazon", "Amazon hired 300 people. Shares of the retailer (NASDAQ: AMZN) were flat.", CERTAIN),
        ("amazon", "Amazon cut the price of its cloud; rival marketplaces did not follow.", CERTAIN),
        ("amazon", "Amazon said no.", POSSIBLE),
        ("amazon", "Amazon moved a cloud of birds towards the cloud above.", POSSIBLE),
        (
            "amazon",
            "The Amazon rainforest lost a tenth of its trees, though a cloud and a marketplace remain.",
            POSSIBLE,
        ),
        ("amazon", "Along the Amazon, a river with one marketplace and many clouds, nobody moved.", POSSIBLE),
        ("amazon", "An amazon rode past the cloud and the marketplace.", NONE),
        ("apple", "Apple will sell the iPhone in more of its shops, Tim Cook said.", CERTAIN),
        ("apple", "Apple’s app stores and its Macs are under review.", CERTAIN),
        ("apple", "Apple pie came first; the iPhone and the iPad were banned from the table.", POSSIBLE),
        ("apple", "Apple is what the girl was called.", POSSIBLE),
        ("apple", "An apple a day, and an iPhone and a Mac.", NONE),
        ("orange", "Orange S.A. lost customers, and Orange raised its prices.", CERTAIN),
        ("orange", "Orange lays fibre for every operator in the valley.", CERTAIN),
        ("orange", "Orange juice is served by the operator of the fibre mill.", POSSIBLE),
        ("orange", "Orange Ltd paints boats.", POSSIBLE),
        ("orange", "Orange alert in the valley: mobile networks and broadband fail.", POSSIBLE),
        ("orange", "The mobile spoke of the network of orange lights.", NONE),
        ("shell", "Shell closes a refinery and sells oil fields.", CERTAIN),
        ("shell", "Shell runs the petrol stations, LNG goes by ship.", CERTAIN),
        ("shell", "Shell and beach lay empty while oil burned in the refinery.", POSSIBLE),
        ("shell", "Shell has sold a refinery in the south, where boats bring oil from over the sea.", CERTAIN),
        ("shell", "A shell company bought oil from a refinery.", NONE),
        ("target", "Target stores drew more shoppers in May.", CERTAIN),
        ("target", "Target Corp. warned. Later, Target fell.", CERTAIN),
        ("target", "Target shooting is back: the store sells rifles to any shopper.", POSSIBLE),
        ("target", "Analysts raised the Price Target to $40 for the retailer with most stores.", POSSIBLE),
        ("target", "They target retailers with stores.", NONE),
        ("visa", "Visa cut fees for merchants, Mastercard did not.", CERTAIN),
        ("visa", "Visa rules for travel: no card, no payment.", POSSIBLE),
        ("visa", "Visa Inc. said that Visa cards work again.", CERTAIN),
        ("visa", "My visa card and its payments.", NONE),
        ("gap", "Gap closes clothing shops, and Old Navy opens some.", CERTAIN),
        ("gap", "Gap between wages: clothing and apparel pay least.", POSSIBLE),
        ("delta", "Delta cancelled every flight out of Atlanta.", CERTAIN),
        ("delta", "Delta variant grounds flights in Atlanta.", POSSIBLE),
        ("sprint", "Sprint and T-Mobile, two wireless carriers, merge.", CERTAIN),
        ("sprint", "Sprint race over 100 metres, by wireless from our carrier.", POSSIBLE),
        ("oracle", "Oracle sells databases, and Ellison sails.", CERTAIN),
        ("oracle", "Oracle of Delphi consulted on software and databases.", POSSIBLE),
        ("oracle", "Oracle wins.", POSSIBLE),
    ],
)
def test_the_firm_is_told_from_the_word(sights: Sights, firm: str, text: str, expected: str) -> None:
    sighted = sights([FIRMS[firm]], text)
    assert (CERTAIN if sighted.certain else POSSIBLE if sighted.possible else NONE) == expected
    assert set(sighted.certain) <= set(sighted.possible)


ACME = firm("Acme", ["Acme Anvils"], context=["anvil", "roadrunner", '"heavy metal"'], never=["peak"], within=3)


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        pytest.param("Acme has an anvil and a roadrunner.", ["Acme"], id="two context words"),
        pytest.param("Acme has anvils, anvils, an anvil.", [], id="one context word, often"),
        pytest.param("Acme has anvils and roadrunners.", ["Acme"], id="inflected"),
        pytest.param("Acme has anvils of heavy metal.", ["Acme"], id="a phrase in quotes"),
        pytest.param("Acme has anvils of heavy metals.", [], id="a phrase in quotes is not inflected"),
        pytest.param("Acme and Acme Anvils", ["Acme", "Acme Anvils"], id="a strong alias"),
    ],
)
def test_what_makes_an_ambiguous_alias_certain(sights: Sights, text: str, certain: list[str]) -> None:
    assert sights([ACME], text).certain == certain


def test_what_makes_it_certain_may_stand_anywhere_in_the_article(sights: Sights) -> None:
    assert sights([ACME], "An anvil.", title="Acme grows", lead="A roadrunner.").certain == ["Acme"]
    assert sights([ACME], "Acme grows", title="Acme Anvils").certain == ["Acme Anvils", "Acme"]


def test_the_words_of_a_name_are_no_context_of_it(sights: Sights) -> None:
    store = firm("Anvil Roadrunner", ["Acme Anvils"], context=["anvil", "roadrunner"])
    assert sights([store], "Anvil Roadrunner opened.") == ([], ["Anvil Roadrunner"])


def test_one_word_that_two_entries_name_is_not_two(sights: Sights) -> None:
    cloudy = firm("Acme", ["Acme Anvils"], context=["cloud", "cloud computing"])
    assert not sights([cloudy], "Acme likes cloud computing.").certain
    assert sights([cloudy], "Acme likes cloud computing in a cloud.").certain == ["Acme"]


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        pytest.param("Acme peak", 0, id="beside it"),
        pytest.param("peak Acme", 0, id="before it"),
        pytest.param("Acme one two peak", 0, id="three words away"),
        pytest.param("Acme one two three peak", 1, id="four words away"),
        pytest.param("peaks one two Acme", 0, id="inflected"),
        pytest.param("peak one two three Acme", 1, id="four words before"),
        pytest.param("Acme peak. one two three Acme", 1, id="a mention is dropped, not the article"),
    ],
)
def test_a_word_of_a_namesake_near_an_ambiguous_alias_makes_it_no_more_than_possible(
    sights: Sights, text: str, certain: int
) -> None:
    sighted = sights([ACME], text, lead="Acme Anvils")
    assert len(sighted.certain) == 1 + certain
    assert len(sighted.possible) == 1 + text.count("Acme")


def test_nothing_is_near_across_fields(sights: Sights) -> None:
    assert sights([ACME], "Acme Anvils", title="Acme", lead="Peak").certain == ["Acme", "Acme Anvils"]


def test_a_strong_alias_does_not_mind_namesakes(sights: Sights) -> None:
    assert sights([ACME], "Acme Anvils peak").certain == ["Acme Anvils"]


def test_two_characters_count_as_one_word_of_distance(sights: Sights) -> None:
    apple = Entity(
        id="apple",
        name="苹果公司",
        aliases=(Alias(text="苹果", ambiguous=True),),
        never_near=NeverNear(any=("水果",), within=3),
    )
    assert sights([apple], "苹果一二三四水果", title="苹果公司", language="zh").certain == ["苹果公司"]
    assert sights([apple], "苹果一二三四五水果", title="苹果公司", language="zh").certain == ["苹果公司", "苹果"]


def test_a_strong_alias_that_is_a_piece_of_the_name_of_another_is_no_evidence(sights: Sights) -> None:
    york = Entity(id="york", name="New York", aliases=(Alias(text="Gotham", ambiguous=True),))
    times = Entity(id="times", name="New York Times")
    assert sights([york, times], "The New York Times on Gotham") == ([], ["Gotham"])
    assert sights([york, times], "In New York, the New York Times on Gotham").certain == ["New York", "Gotham"]


def test_an_ambiguous_full_name_has_no_short_forms(sights: Sights) -> None:
    john = Entity(
        id="john", name="Senator Smith of Calder", aliases=(Alias(text="John Smith", ambiguous=True),), person=True
    )
    assert sights([john], "John Smith met J. Smith, and Smith left.") == ([], ["John Smith"])


def test_of_two_names_at_one_place_the_strong_one_decides(sights: Sights) -> None:
    entity = Entity(id="x", name="Acme", aliases=(Alias(text="acme", ambiguous=True),))
    assert sights([entity], "Acme") == (["Acme"], ["Acme"])
