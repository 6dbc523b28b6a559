"""Every answer of a mail server is judged; test_email.py shows how, over the wire."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.deliver.smtp_answers import Step, judge

STEPS = get_args(Step)
DETAILS = (
    "",
    "x.0.0",
    "x.1.1",
    "x.1.8",
    "x.2.1",
    "x.2.2",
    "x.3.0",
    "x.3.1",
    "x.3.4",
    "x.4.1",
    "x.5.5",
    "x.7.1",
    "x.7.9",
)


@pytest.mark.parametrize("step", STEPS)
def test_before_a_recipient_is_named_nothing_is_said_about_one(step: Step) -> None:
    scopes = {
        judge(step, code, f"{detail.replace('x', str(code)[0])} told").scope
        for code in range(400, 600)
        for detail in DETAILS
    }
    allowed = {"MAIL": {"channel", "message"}, "RCPT": {"channel", "recipient", "message"}}
    assert scopes == (allowed | {"DATA": allowed["RCPT"]}).get(step, {"channel"})


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("code", [-1, 0, 200, 220, 250, 334, 354, 600, 999])
def test_what_is_no_answer_of_smtp_may_pass(step: Step, code: int) -> None:
    verdict = judge(step, code, "5.1.1 what")
    assert (verdict.scope, verdict.permanent) == ("channel", False)


@given(st.sampled_from(STEPS), st.integers(-1, 999), st.text())
def test_no_text_keeps_an_answer_from_being_judged(step: Step, code: int, text: str) -> None:
    verdict = judge(step, code, text)
    assert not verdict.permanent or code // 100 == 5 or verdict.scope == "message" or code == 432
