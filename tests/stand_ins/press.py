"""Sites that print what others wrote, as papers print an agency's text: whole, cut, quoted, under other headlines."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stand_ins.site import NewsSite, Printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

HOUR = timedelta(hours=1)


class Press:
    """Sites that print what others wrote: a wire the whole of it, others a part, under headlines of their own."""

    def __init__(self, sites: Sequence[NewsSite], seed: int = 4) -> None:
        self.wire, self.cutter, self.desk, self.quoter = self.sites = sites
        self._random = random.Random(seed)  # noqa: S311
        self._due: list[list[tuple[NewsSite, Printed]]] = [[], [], []]
        self._printed: dict[tuple[NewsSite, str], Printed] = {}

    def take(self, articles: Iterable[dict[str, Any]], at: datetime) -> None:
        """Print articles on the wire now, and on the other sites in the rounds that follow."""
        for article in articles:
            paragraphs = tuple(line for line in article["text"].split("\n") if line.strip())
            whole, own = Printed(self._headline(article["title"]), paragraphs, at), self._shuffled(article["text"])
            cut = replace(whole, paragraphs=self._most_of(paragraphs, 0.7), published=at + HOUR)
            lined = replace(whole, paragraphs=("(The Wire) —", *paragraphs, self._shuffled(paragraphs[-1])))
            quote = replace(whole, paragraphs=(" ".join(paragraphs[0].split()[:12]), own), published=None)
            self._print(self.wire, whole)
            for site, printed, later in ((self.cutter, cut, 0), (self.desk, lined, 1), (self.quoter, quote, 1)):
                retitled = replace(printed, title=self._headline(article["title"]))
                self._due[self._random.randint(later, 2)].append((site, retitled))

    def print(self) -> None:
        """Print what is due in this round."""
        for site, printed in self._due.pop(0):
            self._print(site, printed)
        self._due.append([])

    def rename(self, number: int) -> Iterator[str]:
        """Give so many of the articles that are printed another headline, each once; yield their addresses."""
        for _ in range(number):
            site, path = self._random.choice(list(self._printed))
            printed = self._printed.pop((site, path))
            site.print(replace(printed, title=f"{self._headline(printed.title)} at last"), path)
            yield site.url + path

    def _print(self, site: NewsSite, printed: Printed) -> None:
        self._printed[site, site.print(printed)] = printed

    def _most_of(self, paragraphs: Sequence[str], share: float) -> tuple[str, ...]:
        words = sum(len(one.split()) for one in paragraphs)
        kept: list[str] = []
        while sum(len(one.split()) for one in kept) < share * words:
            kept.append(paragraphs[len(kept)])
        return tuple(kept)

    def _headline(self, title: str) -> str:
        return " ".join(self._shuffled(title).split()[:9]) or title

    def _shuffled(self, text: str) -> str:
        words = text.split()
        return " ".join(self._random.sample(words, len(words)))
