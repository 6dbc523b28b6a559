"""The names of the query language: its operators, fields and functions, and which kind of thing each of them is."""

from __future__ import annotations

import re
from typing import get_args

from monitors.match.query.tree import FieldScope

SCOPES = get_args(FieldScope)
NAMED = ("entity", "about", "concept")
FACTS = (
    "author", "url", "site", "source", "group", "tier", "lang", "country", "section", "words", "published",
)  # fmt: skip
FIELD_NAMES = (*SCOPES, *NAMED, *FACTS)
FUNCTIONS = ("exact", "cs", "atleast", "first")
FUNCTION = re.compile(r"exact|cs|(?:atleast|first)[0-9]+")

FIELDS = {**dict.fromkeys(SCOPES, "SCOPE"), **dict.fromkeys(NAMED, "NAMED"), **dict.fromkeys(FACTS, "FACT")}
"""What a field is to the grammar."""
OPERATORS = {
    **{name: name for name in ("AND", "OR", "NOT")},
    **dict.fromkeys(("NEAR", "ONEAR", "W", "SENTENCE", "PARAGRAPH"), "PLACE"),
}
"""What an operator is to the grammar."""
PLACE = re.compile(r"(?P<negated>NOT\s+)?(?P<name>O?NEAR|W|SENTENCE|PARAGRAPH)(?:/(?P<distance>.*))?", re.DOTALL)
