"""The keys `poll:` and `expect:` of a source: how often it is read, and how much it should bring."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, model_validator

from crawler.domain import Expect
from crawler.polling import Polling
from crawler.yaml_file import Section, refuse
from crawler.yaml_types import Duration, short_for

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=7)
LONGEST_EXPECTED = timedelta(days=90)
"""What a source brought on a day is remembered for a little longer."""

_LEFT_OUT = {"min": "6h", "max": "5m"}
"""What the other bound then is."""

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


def _bearable(wait: timedelta) -> timedelta:
    if not SHORTEST <= wait <= LONGEST:
        raise ValueError("must be at least 1m and at most 7d")
    return wait


def _adaptive_or_fixed(written: object) -> timedelta | None:
    if written in {"adaptive", None}:
        return None
    try:
        return _bearable(_DURATION.validate_python(written))
    except ValueError as error:
        raise ValueError("needs `adaptive` or a duration such as 15m or 6h, at least 1m and at most 7d") from error


def _rememberable(per: timedelta) -> timedelta:
    if not timedelta(hours=1) <= per <= LONGEST_EXPECTED:
        raise ValueError("must be at least 1h and at most 90d")
    return per


Wait = Annotated[Duration, AfterValidator(_bearable)]


class PollEntry(Section):
    """How often a source is read; a duration (or `adaptive`) alone stands for `{every: …}`."""

    every: Annotated[timedelta | None, BeforeValidator(_adaptive_or_fixed)] = Field("adaptive", validate_default=True)
    min: Wait = Polling().at_least
    max: Wait = Polling().at_most

    _every_alone = model_validator(mode="before")(short_for("every", "`adaptive`, a duration such as 15m or 6h,"))

    @model_validator(mode="after")
    def _bounds_of_what_adapts(self) -> Self:
        given = {"min", "max"} & self.model_fields_set
        if self.every is not None and given:
            refuse(dict.fromkeys(((key,) for key in sorted(given)), "goes with `every: adaptive` only"))
        if self.min > self.max:
            key = "min" if "min" in given else "max"
            told = "must not be longer than `max`" if key == "min" else "must not be shorter than `min`"
            refuse(
                {(key,): told if {"min", "max"} <= given else f"{told}, which is {_LEFT_OUT[key]} where it is left out"}
            )
        return self

    def polling(self) -> Polling:
        return Polling(every=self.every, at_least=self.min, at_most=self.max)


class ExpectEntry(Section):
    """How many articles a source should bring in any such stretch of time."""

    articles: int = Field(default=1, ge=1, strict=True)
    per: Annotated[Duration, AfterValidator(_rememberable)]

    def expect(self) -> Expect:
        return Expect(articles=self.articles, per=self.per)
