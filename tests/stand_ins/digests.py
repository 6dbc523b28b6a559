"""Digests and alerts with all that stories bring: copies, other articles, edits, what was told before, a trend."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from monitors.domain import Alert, Carrier, Digest, Hit, Pause, Resemblance, SilentSource, Story, Trend, Update
from stand_ins.messages import ALERT, COVERAGE, HITS, LAW, SLOT, WATCHLIST, hit, told

_AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def carrier(
    source_name: str, minutes: int, title: str = "Legislature adopts stricter cyber law", path: str = ""
) -> Carrier:
    """Return an article that came so many minutes after five o'clock in Zurich."""
    host = "".join(filter(str.isalnum, source_name.lower()))
    url = f"https://{host}.example/{path or 'cyber-law'}"
    return Carrier(source_name=source_name, title=title, url=url, at=_AT + timedelta(minutes=minutes))


_PAPERS = (
    *(
        "The Ledger",
        "Kurier",
        "Nordwire",
        "Harbour Post",
        "Tagblatt am See",
        "Capital Notes",
        "Evening Standard-Bearer",
    ),
    *("Coast Daily", "Le Courrier du Lac", "Port & Rail", "The Bund Review", "Inland Times", "Market Notes", "Signal"),
)
COPIES = tuple(carrier(name, 72 + 7 * number) for number, name in enumerate(_PAPERS))

LEAD = Story(
    id=1,
    hit=hit(
        f"Legislature adopts stricter {{{LAW}|Chinese cybersecurity law}}; fines rise tenfold",
        f"The amended {{{LAW}|cybersecurity law, which China}} first passed in 2016, raises the highest fine to ten "
        "million yuan and for the first time holds the managers of {entity:amazon|Amazon} and other cloud operators "
        "to account.",
        before="It was adopted on Sunday. ",
        url="https://asia.example/politics/cyber-law-adopted?edition=asia&page=1",
        source="Asia Business Daily",
        score=0.97,
        tier=1,
        published="2026-11-23T05:31",
    ),
    copies=COPIES,
    first=COPIES[0],
    others=(
        hit(
            f"What the new {{{LAW}|cyber law of China}} means for foreign clouds",
            url="https://cloudletter.example/what-it-means",
            source="Cloud Letter",
            published="2026-11-23T05:48",
        ),
        HITS[1],
        hit(
            "Handelskammer nennt {Datengesetz|Datengesetz} „kaum erfüllbar“",
            url="https://zeitung.example/wirtschaft/handelskammer",
            source="Neue Beispiel-Zeitung",
            published="2026-11-22T21:15",
            language="de",
        ),
    ),
)
FOLLOWED = Story(
    id=2,
    hit=HITS[0],
    told_at=datetime(2026, 11, 20, 6, 0, tzinfo=UTC),
    copies=(carrier("Nordwire", 40, HITS[0].article.article.title, "halls"),),
    first=None,
)
EDITED = Story(
    id=3,
    hit=hit(
        f"Regulator delays {{{LAW}|China’s cyber law}} audit by a year",
        f"Operators under {{{LAW}|China’s cybersecurity law}} now have until 2028 to pass the audit.",
        url="https://bund.example/audit-delayed",
        source="The Bund Review",
        published="2026-11-21T08:20",
        score=0.86,
    ),
    told_at=datetime(2026, 11, 20, 6, 0, tzinfo=UTC),
    updates=(
        Update(
            kind="headline",
            at=datetime(2026, 11, 22, 13, 5, tzinfo=UTC),
            title="Regulator delays China’s cyber law audit by a year",
            url="https://bund.example/audit-delayed",
            diffs=(
                (("Regulator ", "same"), ("insists on", "gone"), ("delays", "come"),
                 (" China’s cyber law audit", "same"), (" this spring", "gone"), (" by a year", "come")),
            ),
        ),
        Update(
            kind="correction",
            at=datetime(2026, 11, 22, 17, 40, tzinfo=UTC),
            title="Regulator delays China’s cyber law audit by a year",
            url="https://bund.example/audit-delayed",
            diffs=(
                (("Operators under China’s cybersecurity law now have until ", "same"), ("2027", "gone"),
                 ("2028", "come"), (" to pass the audit", "same"), (", the regulator said", "gone"), (".", "same")),
                (("", "same"), ("Correction: an earlier version of this article gave the wrong year.", "come")),
            ),
        ),
    ),
)  # fmt: skip
GAINED = Story(
    id=4,
    hit=hit(
        "Chip makers count their server rooms",
        f"Two of them said on Monday that the {{{LAW}|China cybersecurity law}} left them no choice.",
        url="https://chips.example/rooms",
        source="Chip Week",
        published="2026-11-22T09:00",
        score=0.7,
    ),
    updates=(
        Update(
            kind="gained",
            at=datetime(2026, 11, 23, 4, 58, tzinfo=UTC),
            title="Chip makers count their server rooms",
            url="https://chips.example/rooms",
            diffs=(
                (("Two of them said on Monday that ", "same"), ("they had", "gone"),
                 ("the China cybersecurity law left them", "come"), (" no choice.", "same")),
            ),
        ),
    ),
)  # fmt: skip
LOST = Story(
    id=5,
    hit=replace(
        hit(
            f"Ministry drops its reference to the {{{LAW}|cybersecurity law of China}}",
            url="https://ministry.example/press/88",
            source="Ministry of Trade, press office",
            published="2026-11-20T10:10",
            score=0.6,
        ),
        lost_at=datetime(2026, 11, 22, 8, 1, tzinfo=UTC),
    ),
    told_at=datetime(2026, 11, 20, 15, 0, tzinfo=UTC),
    updates=(
        Update(
            kind="lost",
            at=datetime(2026, 11, 22, 8, 1, tzinfo=UTC),
            title="Ministry publishes its export rules",
            url="https://ministry.example/press/88",
            diffs=(
                (("Ministry ", "same"), ("drops its reference to the cybersecurity law of China", "gone"),
                 ("publishes its export rules", "come")),
            ),
        ),
    ),
)  # fmt: skip
NAMESAKE = hit(
    "Dredgers wait for the {entity:amazon|Amazon} to rise",
    "Beijing’s shipyard holds back two of its barges until the {entity:amazon|Amazon} carries enough water again.",
    url="https://rivers.example/dredgers",
    source="River & Port",
    published="2026-11-22T16:40",
    kind="possible",
    score=0.4,
)
RELATED = hit(
    "Hyperscalers weigh leaving the mainland as data rules bite",
    "Several operators are said to be looking for buyers, since storing all {related|customer data} inside the country "
    "would cost more than the business brings.",
    url="https://cloudletter.example/hyperscalers",
    source="Cloud Letter",
    published="2026-11-22T19:30",
    kind="related",
    score=0.68,
    near=Resemblance(score=0.68, similarity=0.434, terms=("mainland", "operators", "rules", "data"), tier="core"),
)
RELATED_IN_CHINESE = hit(
    "主要互联网平台被要求在本地保存用户数据",
    "监管部门要求{related|互联网平台}在六个月内把用户数据迁回境内，并接受定期检查。",
    url="https://fazhi.example/platforms",
    source="法治时报",
    published="2026-11-22T22:05",
    language="zh",
    kind="related",
    score=0.61,
    near=Resemblance(score=0.61, similarity=0.387, terms=("互联网", "数据"), tier="core"),
)
RELATED_BY_ITS_TITLE = hit(
    "Foreign firms ask for time to move their {related|servers}",
    url="https://portrail.example/servers",
    source="Port & Rail",
    published="2026-11-23T03:40",
    kind="related",
    score=0.55,
    near=Resemblance(score=0.55, similarity=0.351, terms=("servers",), tier="core"),
)


def numbered(*stories: Story | Hit) -> tuple[Story, ...]:
    made = (story if isinstance(story, Story) else told(story)[0] for story in stories)
    return tuple(replace(story, id=number) for number, story in enumerate(made, 1))


TREND = Trend(counts=(2, 1, 0, 3, 2, 2, 1, 4, 2, 0, 1, 3, 2, 3), last_day=date(2026, 11, 23), usual=2.0)
FAR_ABOVE = replace(TREND, counts=(*TREND.counts[:-1], 9), usual=2.0, far_above=True)
QUIET = replace(TREND, counts=(0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0), usual=0.0)
SILENT = (SilentSource(name="Kurier", last_new_at=datetime(2026, 11, 17, 8, 12, tzinfo=UTC), usual=timedelta(hours=9)),)

RICH = Digest(
    watchlist=WATCHLIST,
    slot=SLOT,
    stories=numbered(LEAD, FOLLOWED, HITS[2], HITS[4], NAMESAKE, RELATED),
    coverage=replace(COVERAGE, silent=SILENT, sources_due=58, sources_read=56),
    repeats=12,
    trend=FAR_ABOVE,
    max_items=25,
    tier="core",
)
UPDATES = replace(RICH, stories=numbered(EDITED, GAINED, LOST), repeats=0, trend=TREND)
EMPTY = replace(
    RICH,
    stories=(),
    coverage=replace(COVERAGE, sources_read=60, failing=(), bodies_missing=0),
    repeats=0,
    trend=QUIET,
)
EMPTY_WITH_FAILURES = replace(
    EMPTY,
    coverage=replace(RICH.coverage, pauses=(Pause(since=_AT - timedelta(hours=9), until=_AT, why="stopped"),)),
    repeats=12,
)
NEAR_ONES = (RELATED, RELATED_IN_CHINESE, RELATED_BY_ITS_TITLE)
MEANT = replace(RICH, stories=numbered(LEAD, HITS[2], NAMESAKE, *NEAR_ONES, RELATED, RELATED), repeats=0, trend=TREND)
ONLY_RELATED = replace(
    RICH,
    stories=numbered(*NEAR_ONES, RELATED),
    coverage=replace(COVERAGE, sources_read=60, failing=(), bodies_missing=0),
    repeats=0,
    trend=QUIET,
)
POSSIBLE = replace(RICH, stories=numbered(HITS[5], RELATED), trend=QUIET, repeats=0)
SCRIPTS = replace(
    RICH,
    watchlist=replace(WATCHLIST, name="网络安全法 · قانون الأمن السيبراني"),
    stories=numbered(
        replace(
            told(HITS[3])[0],
            copies=(
                carrier("أخبار الخليج", 10, path="a"),
                carrier("יומן הנמל", 30, path="b"),
                carrier("法治时报", 55, path="c"),
            ),
            others=(HITS[1], HITS[2]),
        ),
        HITS[1],
        HITS[2],
    ),
    trend=TREND,
    repeats=1,
)
_WIDE_WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
_LONG = hit(
    f"{_WIDE_WORD * 2} {{{LAW}|China’s cyber law}} " + "and all the rest of a headline that does not end " * 5,
    f"See https://very-long.example/{'a' * 90} for {{{LAW}|the China cybersecurity law}} " + f"and {_WIDE_WORD} " * 12,
    url="https://long.example/" + "p" * 300 + "?q=%20" + "x" * 500,
    source=f"{_WIDE_WORD} und Anzeiger",
)
LIMITS = replace(
    RICH,
    watchlist=replace(WATCHLIST, name=f"{_WIDE_WORD} and every law that is anything like it"),
    stories=numbered(
        Story(
            id=1,
            hit=_LONG,
            copies=tuple(carrier(f"{_WIDE_WORD} {number}", number) for number in range(1_204)),
            others=tuple(HITS[number % 5] for number in range(40)),
            updates=EDITED.updates * 3,
        ),
        *(HITS[:5] * 40),
    ),
    coverage=replace(RICH.coverage, failing=COVERAGE.failing * 14, silent=SILENT * 14),
    trend=replace(FAR_ABOVE, counts=(0, 5, 1_204, 17, 0, 220, 90, 3, 1, 0, 418, 999, 12, 201)),
    repeats=4_321,
    max_items=75,
)

ALERT_OF_A_STORY = Alert(watchlist=WATCHLIST, at=ALERT.at, story=LEAD)
AGAIN = Alert(
    watchlist=WATCHLIST,
    at=datetime(2026, 11, 22, 18, 41, tzinfo=SLOT.tzinfo),
    story=replace(EDITED, updates=EDITED.updates[1:], again="correction"),
)
