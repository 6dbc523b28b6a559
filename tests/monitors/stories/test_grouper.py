"""Articles become copies and stories as they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.domain import Article
from monitors.stories.grouper import Grouper, Place, Sketch, sketch

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FIRE = Article(
    url="https://a.example/fire",
    title="Fire destroys Waitrose store in Banstead",
    text="A fire that ripped through a Waitrose store in Banstead, Surrey, is thought suspicious, police said. "
    "Ten fire engines fought the blaze, which began on the roof of the shop in the High Street on Friday night.",
)
LATER = Article(
    url="https://b.example/later",
    title="Police question man over blaze at Waitrose in Banstead",
    text="Detectives in Surrey are questioning a man over the fire which gutted a Waitrose shop in Banstead on Friday. "
    "Residents of the High Street were told that they could return to their homes.",
)
AGAIN = Article(
    url="https://b.example/again",
    title="Waitrose in Banstead was set on fire, police believe",
    text="The blaze that gutted the Banstead store of Waitrose was laid, police in Surrey said, and a man is held.",
)
OTHER = Article(
    url="https://c.example/other",
    title="Man denies arson after Wellington supermarket fire",
    text="A 43-year-old man has denied arson following a fire at a supermarket in Wellington, Somerset, on Sunday. "
    "Crews from Tiverton and Cullompton were sent at 5am; the Waitrose branch in Fore Street stays shut. "
    "Taunton magistrates adjourned the case until August.",
)


class Desk:
    def __init__(self) -> None:
        self.grouper, self.articles = Grouper(), dict[int, Article]()

    def place(self, number: int, article: Article, at: datetime = NOON) -> Place:
        self.articles[number] = article
        return self.grouper.place(number, sketch(article), at, lambda one: self.articles[one].text)


def test_an_article_on_the_same_event_joins_its_story_and_a_lookalike_does_not() -> None:
    desk = Desk()
    assert desk.place(3, FIRE) == Place(3)
    assert desk.place(5, OTHER) == Place(5)
    assert desk.place(8, LATER) == Place(3)


def test_a_copy_belongs_to_the_story_of_its_original() -> None:
    desk = Desk()
    desk.place(3, FIRE)
    desk.place(8, LATER)
    reprint = Article(url="https://d.example/1", title="Man held", text=LATER.text)
    assert desk.place(9, reprint) == Place(3, 8)


def test_articles_come_in_any_order_of_time_and_a_story_ends_with_its_window() -> None:
    desk = Desk()
    assert desk.place(3, FIRE, NOON) == Place(3)
    assert desk.place(4, LATER, NOON - 3 * DAY) == Place(3)
    assert desk.place(5, AGAIN, NOON - 5 * DAY) == Place(5)
    assert desk.place(6, AGAIN, NOON + 5 * DAY) == Place(6)


def test_an_edited_article_keeps_its_place_and_is_compared_by_what_it_says_now() -> None:
    desk = Desk()
    desk.place(3, OTHER)
    assert desk.place(3, FIRE) == Place(3)
    assert desk.place(4, LATER) == Place(3)
    assert desk.place(5, OTHER) == Place(5)


def test_what_was_restored_groups_as_what_was_placed() -> None:
    grouper = Grouper()
    for number, article in ((3, FIRE), (5, OTHER)):
        grouper.restore(number, Sketch.from_bytes(sketch(article).to_bytes()), NOON, Place(number))
    assert grouper.place(8, sketch(LATER), NOON, {}.get) == Place(3)


def test_what_another_version_wrote_can_be_compared_with_nothing() -> None:
    grouper = Grouper()
    for number, written in enumerate((b"", b"\x00", b"\xff\xff\x07", b"\x01\x00\x09\x09")):
        grouper.restore(number, Sketch.from_bytes(written), NOON, Place(number))
    assert grouper.place(8, sketch(LATER), NOON, {}.get) == Place(8)


def test_an_article_that_says_nothing_is_a_story_of_its_own() -> None:
    desk = Desk()
    assert [desk.place(number, Article(url="https://a.example", title="…")) for number in (1, 2)] == [
        Place(1),
        Place(2),
    ]


def test_what_is_over_is_forgotten() -> None:
    desk = Desk()
    desk.place(3, FIRE)
    desk.grouper.forget(NOON + DAY)
    assert desk.place(4, LATER, NOON + 5 * DAY) == Place(4)
