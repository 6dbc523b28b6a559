"""A day of real news sites that publish, reprint and edit: each story told once, each copy counted, each edit told.

pytest -s --sites 771 -m slow tests/e2e/test_replay_stories.py     all of them, killed at every point, with the figures
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from stand_ins.evidence import COPY, NOTICES, Evidence, opened
from stand_ins.newsday import HOUR, World
from stand_ins.press import Press
from stand_ins.replay import Replay, replaying
from stand_ins.site import NewsSite
from stand_ins.slack import SlackStandIn

from crawler.crash import POINTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stand_ins.program import Newsvane
    from stand_ins.smtp import MailCatcher

EDGE = 0.05
"""A share so near to COPY may be called either way."""
MOST_ALERTS = 2
DAY = timedelta(hours=14)
DIGESTS_AFTER_HOURS = (1, 7, 13)
WATCHLISTS = """
  - name: Broad
    keywords: [government, minister, company, police, Regierung, Polizei, Unternehmen, gouvernement, gobierno, 中国]
    first_run: deliver
    deliver:
      - {{to: broad@example.org, at: ["{0}", "{1}", "{2}"], max_items: 500}}
      - {{channel: chat, at: ["{1}", "{2}"], max_items: 500}}
  - name: At once
    keywords: [minister, police, president, Polizei, Präsident, presidente]
    first_run: deliver
    stories: {{realert_on: []}}
    deliver: [{{to: now@example.org, when: now}}, {{channel: chat, when: now}}]
  - name: And again
    keywords: [minister, police, president, company, people, Polizei, Präsident, presidente]
    first_run: deliver
    stories: {{max_alerts: 2}}
    deliver: [{{to: again@example.org, when: now}}]
  - name: Corrected
    keywords: ['"edited by the replay server"']
    first_run: deliver
    deliver: [{{to: corrected@example.org, at: ["{0}", "{1}", "{2}"], max_items: 500}}]
  - name: As printed
    keywords: [people, year, Menschen, Jahr, años]
    none: ['"edited by the replay server"']
    first_run: deliver
    deliver: [{{to: printed@example.org, at: ["{0}", "{1}", "{2}"], max_items: 500}}]
"""


@pytest.fixture
def chat() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


@pytest.fixture
def world(
    request: pytest.FixtureRequest, shared: Path, newsvane: Newsvane, mail: MailCatcher, chat: SlackStandIn
) -> Iterator[World]:
    sites, every_s = request.param
    sites = sites or request.config.getoption("--sites")
    with ExitStack() as stack:
        timed = ("--redate", "2", "--start-with", "1", "--publish-every", str(every_s), "--feed-items", "500")
        replay = stack.enter_context(replaying(shared, "--sites", str(sites), *timed))
        press = Press([stack.enter_context(NewsSite(f"127.7.0.{number}")) for number in (1, 2, 3, 4)])
        start = datetime.now(UTC).replace(second=0, microsecond=0) - DAY  # no page may be dated in the future
        newsvane.configure(configuration(replay, press, mail, chat, start))
        yield World(newsvane, replay, press, mail, chat, start)


def configuration(replay: Replay, press: Press, mail: MailCatcher, chat: SlackStandIn, start: datetime) -> str:
    addresses = {site["site"]: f"{site['ip']}/rss.xml" for site in replay.sites()}
    addresses |= {f"press-{number}": f"{site.url}/feed" for number, site in enumerate(press.sites)}
    sources = "".join(
        f"  - {{id: '{name}', url: '{url}', type: feed, track_changes: 3d}}\n" for name, url in addresses.items()
    )
    ports = ", ".join(f'"127.0.0.0/8:{port}"' for port in (replay.port, *(site.port for site in press.sites)))
    digests_at = [f"{start + hours * HOUR:%H:%M}" for hours in DIGESTS_AFTER_HOURS]
    return f"""
settings:
  contact: desk@example.org
  related: false
  timezone: UTC
  politeness: {{delay: 0s}}
  allow_private: [{ports}]
sources:
{sources}
watchlists:{WATCHLISTS.format(*digests_at)}
channels:
  - {{id: chat, type: slack, webhook_url: "{chat.url}"}}
smtp: {{host: {mail.host}, port: {mail.port}}}
"""


@pytest.mark.parametrize("world", [(12, 4)], ids=["twelve-sites"], indirect=True)
@pytest.mark.timeout(1200)
def test_every_story_is_told_once_with_its_copies_and_its_edits(world: World) -> None:
    live_through(world, size=3, deaths=[(), ("matches-recorded",), ("digest-composed",), ()])
    check(world)


@pytest.mark.slow
@pytest.mark.parametrize("world", [(0, 60)], ids=["all-sites"], indirect=True)
@pytest.mark.timeout(3600)
def test_the_same_of_all_sites_and_killed_at_every_point(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    live_through(world, size=20, deaths=[POINTS[:4], POINTS[4:8], POINTS[8:11], POINTS[11:]])
    evidence = check(world)
    with capsys.disabled():
        print(f"\n{evidence}")  # noqa: T201


def live_through(world: World, *, size: int, deaths: Sequence[Sequence[str]]) -> None:
    """Let a day pass on which the world publishes, reprints and edits, and Newsvane is killed now and then."""
    world.round(0)
    world.reprint(2 * size, 0)
    world.edit(size)
    world.press.print()
    world.round(1.1, die_at=deaths[0])
    world.edit(size)
    world.press.print()
    world.round(3.5, die_at=deaths[1])
    world.rename(size)
    world.press.print()
    world.replay.publish(500)
    world.round(7.1, die_at=deaths[2])
    world.edit(size)
    world.rename(size)
    world.round(13.1, die_at=deaths[3])
    assert world.kills == [point for some in deaths for point in some]


def check(world: World) -> str:
    """Hold what was received against the truth; return what there was, in figures."""
    assert not world.chat.refusals
    with opened(world.newsvane) as rows:
        evidence = Evidence(rows, world.mail.messages, world.chat.bodies, world.corrected, world.renamed)
        assert_copies_are_those_of_the_truth(evidence)
        assert_every_message_was_received(evidence)
        assert_every_story_is_alerted_once(evidence)
        assert_every_match_is_told_or_counted(evidence)
        assert_copies_are_counted(evidence)
        assert_repeats_are_counted(evidence)
        assert_nothing_is_told_twice(evidence)
        assert_every_edit_is_told_once(evidence)
        assert_a_corrected_story_is_alerted_again(evidence)
        return in_figures(evidence)


def in_figures(evidence: Evidence) -> str:
    articles = evidence.articles.values()
    copies = sum(one.copy_of != one.id for one in articles)
    return (
        f"{len(articles)} articles in {len({one.story for one in articles})} stories, {copies} of them copies; "
        f"{len(evidence.messages)} messages told {sum(len(one.stories) for one in evidence.messages)} stories and "
        f"{sum(1 for _ in evidence.updates_due())} edits"
    )


def assert_copies_are_those_of_the_truth(evidence: Evidence) -> None:
    """Hold the groups of copies against what the texts share, but for what is too near the edge to be called."""
    known: defaultdict[int, set[int]] = defaultdict(set)
    for one, other, share in evidence.pairs():
        if share >= COPY + EDGE:
            assert one.copy_of == other.copy_of, f"{share:.2f} shared: {one.url} {other.url}"
        if share >= COPY - EDGE:
            known[one.id].add(other.copy_of)
            known[other.id].add(one.copy_of)
    for article in evidence.articles.values():
        assert article.copy_of == article.id or article.copy_of in known[article.id], f"no copy: {article.url}"
    assert sum(one.copy_of != one.id for one in evidence.articles.values()) >= 10, "hardly any copies"


def assert_every_message_was_received(evidence: Evidence) -> None:
    assert not evidence.ask("SELECT id FROM deliveries WHERE state != 'sent'")
    assert len(evidence.messages) == len(evidence.ask("SELECT id FROM deliveries"))


def assert_every_story_is_alerted_once(evidence: Evidence) -> None:
    alerts = [one for one in evidence.messages if one.key.startswith("alert:")]
    told = Counter(
        (one.watchlist, one.key, evidence.articles[story.url].story) for one in alerts for story in one.stories
    )
    assert told
    assert {count for (watchlist, _, _), count in told.items() if watchlist == "at-once"} == {1}
    assert max(told.values()) <= MOST_ALERTS
    due = {
        tuple(row)
        for row in evidence.ask(
            f"SELECT DISTINCT m.watchlist_id, n.key, s.story_id {NOTICES} WHERE n.key LIKE 'alert:%'"
        )
    }
    assert due == set(told)


def assert_every_match_is_told_or_counted(evidence: Evidence) -> None:
    """Of copies one is told; in an alert, and where Slack has no room for all of a story, one of a story."""
    shown, stories = set(), set()
    for message in evidence.messages:
        for told in (evidence.articles[url] for story in message.stories for url in (story.url, *story.others)):
            shown.add((message.watchlist, message.key, told.copy_of))
            stories.add((message.watchlist, message.key, told.story))
    for row in evidence.ask(
        f"SELECT m.watchlist_id, n.key, n.message_id, s.article_id, s.copy_of, s.story_id {NOTICES}"
    ):
        of = (row["watchlist_id"], row["key"])
        assert row["message_id"], f"match never told: {tuple(row)}"
        assert (*of, row["story_id"]) in stories, f"story not told: {tuple(row)}"
        if row["key"].startswith("digest:email:"):
            assert (*of, row["copy_of"] or row["article_id"]) in shown, f"match not told: {tuple(row)}"


def assert_copies_are_counted(evidence: Evidence) -> None:
    groups = evidence.copies()
    counted = 0
    for message in evidence.messages:
        for story in message.stories:
            shown = evidence.articles[story.url]
            then = [one for one in groups[shown.id] if one.stored_at <= message.composed_at and one != shown]
            if message.key.startswith("digest:"):
                assert story.copies == len(then), f"{story.copies} copies told, {len(then)} there: {story.text}"
            else:  # an alert leaves while others of the same crawl still wait to be placed
                assert story.copies <= len(then)
            counted += story.copies
    assert counted >= 5, "hardly any copies"


def assert_repeats_are_counted(evidence: Evidence) -> None:
    told: defaultdict[str, set[int]] = defaultdict(set)
    for message in sorted(evidence.messages, key=lambda one: one.id):
        if message.key.startswith("digest:email:"):
            shown = {evidence.articles[url].copy_of for story in message.stories for url in (story.url, *story.others)}
            settled = [
                row["copy_of"] or row["article_id"]
                for row in evidence.ask(f"SELECT s.article_id, s.copy_of {NOTICES} WHERE n.message_id = ?", message.id)
            ]
            # one is both where an edit brings up what was told before
            known = told[message.watchlist]
            assert sum(one not in shown for one in settled) <= message.repeats <= sum(one in known for one in settled)
            told[message.watchlist] |= shown
    assert any(message.repeats for message in evidence.messages)


def assert_nothing_is_told_twice(evidence: Evidence) -> None:
    told: defaultdict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    for message in sorted(evidence.messages, key=lambda one: one.composed_at):
        so_far = told[message.watchlist, message.key]
        stories = {evidence.articles[url].story for url in so_far}
        for story in message.stories:
            is_known = evidence.articles[story.url].story in stories
            assert story.before == is_known, f"told before? {is_known}: {story.text}"
            again = {story.url, *story.others} & so_far.keys()
            assert not again or story.edits, f"told twice: {again}"
        so_far |= {url: message.composed_at for story in message.stories for url in (story.url, *story.others)}


def assert_every_edit_is_told_once(evidence: Evidence) -> None:
    told = Counter(
        (message.watchlist, message.key, url, kind)
        for message in evidence.messages
        for story in message.stories
        for kind, url in story.edits
        if message.key.startswith("digest:")
    )
    due = Counter(evidence.updates_due())
    assert len({kind for *_, kind in due}) == 4, "each kind of edit"
    assert due == told


def assert_a_corrected_story_is_alerted_again(evidence: Evidence) -> None:
    alerts: defaultdict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    for message in evidence.messages:
        if message.watchlist == "and-again":
            (story,) = message.stories
            alerts[evidence.articles[story.url].story].append((message.composed_at, story.again))
    corrected: defaultdict[int, list[datetime]] = defaultdict(list)
    for url in evidence.corrected:
        if evidence.matched_by(url, "and-again"):
            corrected[evidence.articles[url].story].append(evidence.seen_at(url, "correction"))
    for story, told in alerts.items():
        (first, again), *more = sorted(told)
        assert not again
        assert all(again for _, again in more)
        assert bool(more) == any(first < seen for seen in corrected[story]), f"story {story}: {told}"
    assert any(len(told) > 1 for told in alerts.values())
