"""The YAML file becomes a Configuration, or every mistake in it."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.errors import ConfigError
from crawler.yaml_tree import read
from monitors.deliver.channels.email import Options as Email
from monitors.domain import Alias, DeliveryRule, Entity, Keyword, NeverNear, Schedule, SourceFilter, Watchlist
from monitors.lint import lint
from monitors.watchlist_file import ChannelConfig, Configuration, config_path, configuration_of, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.errors import Problem

    Configured = Callable[..., Configuration]
    Told = Callable[..., list[str]]

SMALLEST = """\
settings: {contact: me@example.org}
sources: [https://www.theregister.com]
watchlists:
  - name: Cloud divestment
    keywords: [cloud divestment]
    deliver: [{to: me@example.org, at: "07:00"}]
"""


def test_the_smallest_file_is_enough(configured: Configured) -> None:
    configuration = configured(SMALLEST, to_run=True)
    assert [source.id for source in configuration.sources] == ["theregister.com"]
    assert configuration.watchlists == (
        Watchlist(
            id="cloud-divestment",
            name="Cloud divestment",
            keywords=(Keyword(text="cloud divestment"),),
            related=True,
            deliver=(DeliveryRule(channel="email:me@example.org", schedule=Schedule(at=(time(7),), timezone="UTC")),),
        ),
    )
    assert configuration.channels == {
        "email:me@example.org": ChannelConfig(
            id="email:me@example.org", kind="email", options=Email(to=("me@example.org",))
        )
    }
    assert configuration.smtp.sender == "me@example.org"


def test_a_watchlist_keeps_everything_that_was_said(configured: Configured) -> None:
    configuration = configured("""\
version: 1
settings: {timezone: Europe/Zurich, languages: [en, zh], politeness: {delay: 0.1s}, allow_private: ["127.0.0.0/8:88"]}
sources:
  - {id: a, url: https://a.example.org, groups: [china]}
  - {id: b, url: https://b.example.org}
entities:
  - id: amazon
    name: Amazon.com Inc.
    aliases: [AWS, {text: Amazon, case_sensitive: true, ambiguous: true}, {text: 亚马逊, lang: zh}]
    context: [cloud, e-commerce]
    never_near: {any: [river, '"rain forest"'], within: 5}
    person: true
  - {name: Apple Inc.}
watchlists:
  - id: cyber
    name: China cybersecurity law
    owner: compliance@example.org
    sources: {ids: [b], groups: [china]}
    languages: [en, zh]
    entities: [amazon, apple-inc]
    keywords: [cyber law, {text: PIPL, case_sensitive: true}, {text: 网络安全法, lang: zh}, {text: act, exact: true}]
    all: [Beijing]
    none: [horoscope]
    related: false
    first_run: skip
    deliver:
      - {channel: legal, when: now}
      - {channel: legal, at: ["17:00", "6:30"], days: "mon-wed, sat", timezone: America/New_York, empty: send}
      - {to: [x@example.org, y@example.org], at: "08:00", days: [fri-mon], max_items: 5}
channels:
  - {id: legal, type: slack, webhook_url: "https://hooks.slack.com/services/T0/B0/xyz"}
smtp: {host: mail.example.org, from: vane@example.org}
""")
    assert configuration.settings.politeness.delay == timedelta(milliseconds=100)
    assert configuration.entities == (
        Entity(
            id="amazon",
            name="Amazon.com Inc.",
            aliases=(
                Alias(text="AWS"),
                Alias(text="Amazon", case_sensitive=True, ambiguous=True),
                Alias(text="亚马逊", lang="zh"),
            ),
            context=("cloud", "e-commerce"),
            never_near=NeverNear(any=("river", '"rain forest"'), within=5),
            person=True,
        ),
        Entity(id="apple-inc", name="Apple Inc."),
    )
    (watchlist,) = configuration.watchlists
    assert watchlist == Watchlist(
        id="cyber",
        name="China cybersecurity law",
        owner="compliance@example.org",
        keywords=(
            Keyword(text="cyber law"),
            Keyword(text="PIPL", case_sensitive=True),
            Keyword(text="网络安全法", lang="zh"),
            Keyword(text="act", exact=True),
        ),
        all=(Keyword(text="Beijing"),),
        none=(Keyword(text="horoscope"),),
        entities=("amazon", "apple-inc"),
        sources=SourceFilter(ids=frozenset({"b"}), groups=frozenset({"china"})),
        languages=frozenset({"en", "zh"}),
        first_run="skip",
        deliver=(
            DeliveryRule(channel="legal", timezone="Europe/Zurich"),
            DeliveryRule(
                channel="legal",
                schedule=Schedule(
                    at=(time(6, 30), time(17)), timezone="America/New_York", days=frozenset({0, 1, 2, 5})
                ),
                empty="send",
                timezone="America/New_York",
            ),
            DeliveryRule(
                channel="email:x@example.org,y@example.org",
                schedule=Schedule(at=(time(8),), timezone="Europe/Zurich", days=frozenset({4, 5, 6, 0})),
                max_items=5,
                timezone="Europe/Zurich",
            ),
        ),
    )
    assert [(channel.id, channel.kind) for channel in configuration.channels.values()] == [
        ("legal", "slack"),
        ("email:x@example.org,y@example.org", "email"),
    ]
    assert configuration.smtp.sender == "vane@example.org"


def watchlist(text: str) -> str:
    """Return a file with one watchlist, whose own keys begin on line 7."""
    return f"""\
settings: {{contact: me@example.org, languages: [en, zh]}}
sources: [{{id: a, url: "https://a.org", groups: [china]}}]
entities: [{{id: amazon, name: Amazon}}]
channels: [{{id: legal, type: email, to: me@example.org}}]
watchlists:
  - name: Cloud
    {text}
concepts: [{{id: outage, description: down}}]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("owner: me", "6 watchlists.0.keywords: needs at least one (or a `query`, `entities`, `concepts` or `all`)"),
        ("keywords: []", "7 watchlists.0.keywords: needs at least one (or a `query`, `entities`, `concepts` or `all`)"),
        ("none: [x]", "6 watchlists.0.keywords: needs at least one (or a `query`, `entities`, `concepts` or `all`)"),
        ("keywords: cloud", "7 watchlists.0.keywords: needs a list"),
        ("keywords: ['  ']", "7 watchlists.0.keywords.0: is blank"),
        ("keywords: [2026]", "7 watchlists.0.keywords.0: needs text (in quotes"),
        ("keywords: [{txt: x}]", "7 watchlists.0.keywords.0.text: is missing"),
        ("keywords: ['(a|b']", "7 watchlists.0.keywords.0: a parenthesis that nothing closes"),
        ("keywords: [{text: loi, lang: fr}]", "7 watchlists.0.keywords.0.lang: no article will be in `fr`"),
        ("languages: [en]\n    keywords: [{text: x, lang: zh}]", "8 watchlists.0.keywords.0.lang: is not among"),
        ("entities: [amazn]", "7 watchlists.0.entities.0: there is no entity `amazn`; did you mean `amazon`?"),
        ("concepts: [outag]", "7 watchlists.0.concepts.0: there is no concept `outag`; did you mean `outage`?"),
        ("related: maybe", "7 watchlists.0.related: needs true or false"),
        ("sources: {ids: [b]}", "7 watchlists.0.sources.ids.0: there is no source `b`"),
        ("sources: {groups: [chine]}", "7 watchlists.0.sources.groups.0: no source is in a group `chine`; "),
        ("sources: {}", "7 watchlists.0.sources: needs `ids` or `groups`; leave it out for every source"),
        ("sources: [a]", "7 watchlists.0.sources: needs a mapping (key: value)"),
        ("languages: [fr]", "7 watchlists.0.languages.0: no article will be in `fr`: it is missing"),
        ("languages: []", "7 watchlists.0.languages: needs at least one"),
        ("first_run: never", "7 watchlists.0.first_run: needs summarize, skip or deliver"),
        ("keyword: [x]", "7 watchlists.0.keyword: unknown key; did you mean `keywords`?"),
        ("id: a b", "7 watchlists.0.id: needs letters, digits"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_watchlist_names_its_line(told: Told, text: str, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in told(watchlist(text)))


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        (
            "context: [网络*]",
            "context.0: what is written without spaces is found inside of longer words: no * or ? is needed in '网络*'",
        ),
        ("context: [cl*]", "context.0: at least 3 letters must stand before the first * or ? in 'cl*'"),
        ("context: ['—']", "context.0: needs a letter or a digit to be found by"),
        ("context: cloud", "context: needs a list"),
        ("never_near: {within: 5}", "never_near.any: is missing"),
        ("never_near: {any: []}", "never_near.any: needs at least one"),
        ("never_near: {any: [x], within: 0}", "never_near.within: must be at least 1"),
        ("never_near: [x]", "never_near: needs a mapping (key: value)"),
        ("person: maybe", "person: needs true or false"),
        ("aliases: [{text: x, ambiguos: true}]", "aliases.0.ambiguos: unknown key; did you mean `ambiguous`?"),
    ],
)
def test_a_mistake_in_an_entity_names_its_key(told: Told, entity: str, expected: str) -> None:
    assert told(f"entities:\n  - {{name: Amazon, {entity}}}\n") == [f"2 entities.0.{expected}"]


@pytest.mark.parametrize("entity", ["name: '!?'", "name: Amazon, aliases: ['—']"])
def test_a_name_without_a_letter_is_a_mistake(told: Told, entity: str) -> None:
    (problem,) = told(f"entities:\n  - {{id: a, {entity}}}\n")
    assert problem.endswith("needs a letter or a digit to be found by")


def test_a_case_sensitive_keyword_may_forbid_its_twin(configured: Configured) -> None:
    configuration = configured(watchlist("keywords: [{text: US -us, case_sensitive: true}]"))
    assert configuration.watchlists[0].keywords[0].case_sensitive


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('at: "07:00"', "to: needs either `channel` or `to`"),
        ('to: x@y.org, channel: legal, at: "07:00"', "to: needs either `channel` or `to`, not both"),
        ("channel: legal", 'at: needs either `when: now` or `at: "07:00"`'),
        ('channel: legal, when: now, at: "07:00"', 'at: needs either `when: now` or `at: "07:00"`, not both'),
        ("channel: legl, when: now", "channel: there is no channel `legl`; did you mean `legal`?"),
        ("channel: legal, when: later", "when: needs now"),
        ('channel: legal, at: "24:00"', 'at: needs a time of day such as "07:00"'),
        ('channel: legal, at: "07:60"', 'at: needs a time of day such as "07:00"'),
        ('channel: legal, at: "7am"', 'at: needs a time of day such as "07:00"'),
        ("channel: legal, at: 7", 'at: needs a time of day such as "07:00"'),
        ("channel: legal, at: []", "at: needs at least one"),
        ('channel: legal, at: "07:00", days: mon-fry', "days: needs days such as mon-fri, [mon, wed] or sat,sun"),
        ('channel: legal, at: "07:00", days: mon-', "days: needs days such as mon-fri, [mon, wed] or sat,sun"),
        ('channel: legal, at: "07:00", days: []', "days: needs at least one"),
        ('channel: legal, at: "07:00", days: 1', "days: needs days such as mon-fri, [mon, wed] or sat,sun"),
        ('channel: legal, at: "07:00", timezone: Zurich', "timezone: is not a time zone of the IANA database"),
        ('channel: legal, at: "07:00", empty: maybe', "empty: needs send or skip"),
        ('channel: legal, at: "07:00", max_items: 0', "max_items: must be at least 1"),
        ('channel: legal, at: "07:00", max_items: "5"', "max_items: needs a whole number"),
        ('channel: legal, at: "07:00", max_related: -1', "max_related: must be at least 0"),
        ('channel: legal, at: "07:00", max_related: few', "max_related: needs a whole number"),
        ("channel: legal, when: now, max_related: 1", "max_related: is for digests (`at`), and means nothing with"),
        ('to: me, at: "07:00"', "to: needs to be an e-mail address"),
        ('to: [], at: "07:00"', "to: needs at least one"),
        ("channel: legal, when: now, empty: send", "empty: is for digests (`at`), and means nothing with `when: now`"),
        ("channel: legal, when: now, days: mon", "days: is for digests (`at`), and means nothing with `when: now`"),
    ],
)
def test_a_mistake_in_a_delivery_names_its_key(told: Told, rule: str, expected: str) -> None:
    problems = told(watchlist(f"keywords: [cloud]\n    deliver:\n      - {{{rule}}}"))
    assert len(problems) == 1
    line, key = problems[0].split(" ", 1)
    assert line == "9"
    assert key.removeprefix("watchlists.0.deliver.0.").startswith(expected)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("when: now", "when: now"),
        ('at: "07:00"', 'at: "07:00"'),
        ('at: ["07:00", "12:00"]', 'at: "12:00", empty: send'),
        ('at: "07:00", days: mon-fri', 'at: "7:00", days: fri'),
    ],
)
def test_the_same_readers_are_not_told_twice_at_the_same_time(told: Told, first: str, second: str) -> None:
    rules = f"      - {{channel: legal, {first}}}\n      - {{channel: legal, {second}}}"
    assert told(watchlist(f"keywords: [cloud]\n    deliver:\n{rules}")) == [
        "10 watchlists.0.deliver.1: tells the same readers at the same time as an earlier entry"
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("channel: legal, when: now", 'channel: legal, at: "07:00"'),
        ("channel: legal, when: now", "to: you@example.org, when: now"),
        ('channel: legal, at: "07:00"', 'channel: legal, at: "08:00"'),
        ('channel: legal, at: "07:00", days: mon-fri', 'channel: legal, at: "07:00", days: "sat,sun"'),
        ('channel: legal, at: "07:00"', 'channel: legal, at: "07:00", timezone: Asia/Tokyo'),
    ],
)
def test_at_different_times_the_same_readers_may_be_told_again(configured: Configured, first: str, second: str) -> None:
    text = watchlist(f"keywords: [cloud]\n    deliver:\n      - {{{first}}}\n      - {{{second}}}")
    assert len(configured(text).watchlists[0].deliver) == 2


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("{type: email, to: me@example.org}", "2 channels.0.id: is missing"),
        ("{id: a}", "2 channels.0.type: is missing"),
        (
            "{id: a, type: slak}",
            "2 channels.0.type: needs one of apprise, email, feed, slack, webhook; did you mean `slack`?",
        ),
        ("{id: a, type: slack}", "2 channels.0: needs `webhook_url`, or `token` and `channel`"),
        ("{id: a, type: slack, token: xoxb-12345678}", "2 channels.0: needs `channel` beside the token"),
        (
            '{id: a, type: slack, webhook_url: "https://x.org/y", token: xoxb-12345678, channel: C0123}',
            "2 channels.0.token: needs to be left out, or `webhook_url` does",
        ),
        ("{id: a, type: email, too: x@y.org, to: x@y.org}", "2 channels.0.too: unknown key; did you mean `to`?"),
        ("{id: a, type: email, to: nobody}", "2 channels.0.to: needs to be an e-mail address"),
        ('{id: "email:a", type: email, to: me@example.org}', "2 channels.0.id: needs letters, digits"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_channel_names_its_line(told: Told, channel: str, expected: str) -> None:
    (problem,) = told(f"channels:\n  - {channel}\n")
    assert problem.startswith(expected)


@pytest.mark.parametrize("section", ["sources", "entities", "watchlists", "channels"])
def test_ids_that_are_there_twice_name_both_lines(told: Told, section: str) -> None:
    rest = "url: https://x.org, name: X, keywords: [x], type: email, to: me@example.org"
    problems = told(f"{section}:\n  - {{id: same, {rest}}}\n  - {{id: same, {rest}}}\n")
    assert f"3 {section}.1.id: `same` is also the id of the entry on line 2; give one of them another" in problems


def test_ids_made_of_names_are_told_apart_too(told: Told) -> None:
    (problem,) = told("watchlists:\n  - {name: Cloud!, keywords: [a]}\n  - {name: cloud, keywords: [b]}\n")
    assert problem.startswith("3 watchlists.1: `cloud` is also the id of the entry on line 2")


def test_an_id_may_be_of_any_script(configured: Configured) -> None:
    made, given = "{name: 网络安全 2026, keywords: [a]}", "{name: b, id: stössenseer.de, keywords: [b]}"
    watchlists = configured(f"watchlists:\n  - {made}\n  - {given}\n").watchlists
    assert [watchlist.id for watchlist in watchlists] == ["网络安全-2026", "stössenseer.de"]


def test_a_name_without_letters_needs_an_id(told: Told) -> None:
    (problem,) = told("watchlists:\n  - {name: '!?', keywords: [cyber]}\n")
    assert problem == "2 watchlists.0.id: is missing, and cannot be made of a name without letters"


def test_mistakes_everywhere_are_told_at_once(told: Told) -> None:
    problems = told("""\
settings: {timezone: Mars/Olympus}
sources: [ftp://x.org]
watchlists:
  - name: A
    keywords: [a]
    deliver: [{channel: nobody, at: "99:00"}]
  - {name: B, keywords: ['${NOPE}']}
channels: [{id: c, type: email}]
smtp: {tls: maybe, hots: x}
smtp: {}
helth: {}
""")
    assert [problem.split(":")[0] for problem in problems] == [
        "1 settings.timezone",
        "2 sources.0",
        "6 watchlists.0.deliver.0.channel",
        "6 watchlists.0.deliver.0.at",
        "7 watchlists.1.keywords.0",
        "8 channels.0.to",
        "9 smtp.tls",
        "9 smtp.hots",
        "10 smtp",
        "11 helth",
    ]


def test_a_reference_to_a_broken_entry_is_no_second_mistake(told: Told) -> None:
    (problem,) = told("""\
channels: [{id: legal, type: slack, webhook_url: not-an-address}]
watchlists: [{name: A, keywords: [a], deliver: [{channel: legal, when: now}]}]
""")
    assert problem.startswith("1 channels.0.webhook_url: ")


def test_secrets_come_from_the_environment_and_are_never_told(told: Told, configured: Configured) -> None:
    text = 'channels:\n  - {id: s, type: slack, webhook_url: "${HOOK}"}\n'
    good = "https://hooks.slack.com/services/T0/B0/xyzzy"
    configuration = configured(text, {"HOOK": good})
    options: Any = configuration.channels["s"].options
    assert options.webhook_url.get_secret_value() == good
    assert "xyzzy" not in repr(configuration)
    assert "xyzzy" not in "".join(told(text, {"HOOK": "xyzzy plover"}))


def test_the_environment_of_the_process_is_the_default(
    write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSVANE_TEST_KEYWORD", "cloud")
    path = write("watchlists: [{name: A, keywords: ['${NEWSVANE_TEST_KEYWORD}']}]")
    assert load(path).watchlists[0].keywords == (Keyword(text="cloud"),)


# -- what running needs ----------------------------------------------------------------------------------------------


def test_running_needs_a_contact_to_crawl(told: Told, configured: Configured) -> None:
    text = "sources: [https://x.org]\n"
    assert configured(text).settings.contact is None
    assert told(text, to_run=True) == [
        "1 settings.contact: is missing: sites must be able to reach whoever crawls them"
    ]


@pytest.mark.parametrize(
    "mails",
    [
        "channels: [{id: a, type: email, to: x@y.org}]",
        "watchlists: [{name: A, keywords: [a], deliver: [{to: x@y.org, when: now}]}]",
    ],
)
def test_running_needs_a_sender_to_mail(told: Told, configured: Configured, mails: str) -> None:
    text = f"settings: {{contact: https://x.org}}\n{mails}\n"
    assert told(text, to_run=True) == ["1 smtp.from: is missing, and settings.contact is no address to send mail from"]
    assert configured(text + "smtp: {from: a@b.org}", to_run=True).smtp.sender == "a@b.org"


@pytest.mark.parametrize(
    ("smtp", "expected"),
    [
        ("{from: nobody}", "1 smtp.from: needs to be an e-mail address like name@example.org"),
        ("{password: x, password_file: y}", "1 smtp.password_file: needs to be left out, or `password` does"),
        ("{port: 0}", "1 smtp.port: must be at least 1"),
        ("{tls: ssl}", "1 smtp.tls: needs none, starttls or tls"),
    ],
)
def test_a_mistake_in_smtp_names_its_key(told: Told, smtp: str, expected: str) -> None:
    assert told(f"smtp: {smtp}") == [expected]


def test_running_needs_to_read_the_password(told: Told, configured: Configured, tmp_path: Path) -> None:
    text = "smtp: {from: a@b.org, password_file: secret}\n"
    assert told(text, to_run=True) == [
        f"1 smtp.password_file: {tmp_path}/secret cannot be read: No such file or directory"
    ]
    (tmp_path / "secret").write_text("hunter2")
    assert configured(text, to_run=True).smtp.password_file == tmp_path / "secret"


# -- which file ------------------------------------------------------------------------------------------------------


def test_the_option_wins_over_the_environment_and_that_over_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("option.yaml", "environ.yaml", "newsvane.yaml"):
        (tmp_path / name).touch()
    assert config_path(Path("option.yaml"), {"NEWSVANE_CONFIG": "environ.yaml"}) == Path("option.yaml")
    assert config_path(None, {"NEWSVANE_CONFIG": "environ.yaml"}) == Path("environ.yaml")
    assert config_path(None, {}) == Path("newsvane.yaml")


def test_without_a_file_init_is_the_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^newsvane\.yaml: no such file; `newsvane init` writes one$"):
        config_path(None, {})


# -- laws ------------------------------------------------------------------------------------------------------------

WHOLE = {
    "settings": {"contact": "me@example.org", "languages": ["en"], "politeness": {"delay": "1s"}},
    "sources": ["https://a.org", {"id": "b", "url": "https://b.org", "groups": ["g"], "tier": 1}],
    "entities": [
        {
            "id": "amazon",
            "name": "Amazon",
            "aliases": ["AWS", {"text": "Amazon", "lang": "en", "ambiguous": True}],
            "context": ["cloud"],
            "never_near": {"any": ["river"], "within": 5},
            "person": False,
        }
    ],
    "queries": {"routine": "newsletter OR horoscope"},
    "watchlists": [
        {
            "name": "A",
            "keywords": ["cloud", {"text": "x"}],
            "query": "(a NEAR/3 b) AND entity:amazon AND source:b NOT @routine",
            "none": ["law"],
            "tests": [{"match": "a cloud", "lang": "en"}, {"no_match": "y", "title": "z"}],
            "entities": ["amazon"],
            "sources": {"ids": ["b"], "groups": ["g"]},
            "deliver": [
                {"to": ["me@example.org"], "at": ["07:00"], "days": "mon-fri"},
                {"channel": "c", "when": "now"},
            ],
        }
    ],
    "channels": [{"id": "c", "type": "slack", "webhook_url": "https://hooks.slack.com/services/T/B/x"}],
    "smtp": {"host": "localhost", "port": 25},
}
junk = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(
        ["", "x", "webhook", "${X}", "mon-fri", "c", "@routine", "a NOT b", "entity:amazon", "lang:x", [], {}]
    )
).map(deepcopy)  # what one change puts in, another may change


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, below in inner for found in places(below, (*place, key)))]


def problems_in(path: Path) -> tuple[Problem, ...]:
    try:
        document = read(path, {})
        return tuple(lint(document, configuration_of(document, path, to_run=True)))
    except ConfigError as error:
        return error.problems or pytest.fail(f"without a line: {error}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from(places(WHOLE)[1:]), junk | st.dictionaries(st.sampled_from(["id", "to", "zz"]), junk)
        ),
        max_size=4,
    )
)
def test_whatever_is_wrong_is_told_with_a_line(write: Callable[[str], Path], changes: list[tuple[Any, Any]]) -> None:
    changed = json.loads(json.dumps(WHOLE))
    for place, value in changes:
        holder = changed
        try:
            for step in place[:-1]:
                holder = holder[step]
            holder[place[-1]] = value
        except (KeyError, TypeError, IndexError):
            continue  # an earlier change took the place away
    path = write(json.dumps(changed, indent=1))
    last = path.read_text().count("\n") + 1
    assert all(0 < problem.line <= last for problem in problems_in(path))
