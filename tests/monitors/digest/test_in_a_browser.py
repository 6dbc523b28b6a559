"""Digests and alerts in a real Chromium, in a pane and on a phone, light and dark. Skipped where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from stand_ins import digests
from stand_ins.messages import FIRST_ALERT, FIRST_DIGEST

from crawler.fetch import browser
from monitors.digest.render import render_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from monitors.domain import Message

pytestmark = pytest.mark.skipif(browser.missing() is not None, reason=f"this {browser.missing()}")

MESSAGES: dict[str, Message] = {
    "rich": digests.RICH,
    "related": digests.MEANT,
    "updates": digests.UPDATES,
    "scripts": digests.SCRIPTS,
    "limits": digests.LIMITS,
    "empty": digests.EMPTY_WITH_FAILURES,
    "first": FIRST_DIGEST,
    "alert": digests.AGAIN,
    "first alert": FIRST_ALERT,
}

STICKING_OUT = """() => [document.documentElement.scrollWidth > innerWidth ? "the page" : ""].concat(
    [...document.body.querySelectorAll("*")]
    .filter(e => e.getClientRects().length && (
        e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5
        || e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != "inline"))
    .map(e => e.outerHTML.slice(0, 100))).filter(Boolean)"""

# The text that is seen, its colour, and the colour of the nearest ground that has one.
COLOURS = """() => {
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode.data.trim(), holder = texts.currentNode.parentElement;
        if (!text || !holder.getClientRects().length) continue;
        let ground = holder;
        while (getComputedStyle(ground).backgroundColor == "rgba(0, 0, 0, 0)") ground = ground.parentElement;
        const numbers = of => of.match(/[\\d.]+/g).map(Number);
        found.push([text.slice(0, 40), numbers(getComputedStyle(holder).color),
                    numbers(getComputedStyle(ground).backgroundColor)]);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.executable(), args=["--no-sandbox"])
        yield started
        started.close()


def shown(chromium: Browser, message: Message, **look: Any) -> Page:
    page = chromium.new_page(**look)
    page.on("request", lambda request: pytest.fail(f"it loads {request.url}"))
    page.set_content(render_html(message))
    return page


def contrast(text: list[float], ground: list[float]) -> float:
    darker, lighter = sorted(luminance(colour) for colour in (text, ground))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: list[float]) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (channel / 255 for channel in colour[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("width", [320, 375, 700])
@pytest.mark.parametrize("name", MESSAGES)
def test_nothing_sticks_out_at_the_side(chromium: Browser, name: str, width: int) -> None:
    page = shown(chromium, MESSAGES[name], viewport={"width": width, "height": 800})
    assert page.evaluate(STICKING_OUT) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", MESSAGES)
def test_every_text_can_be_read_on_its_ground(chromium: Browser, name: str, scheme: str) -> None:
    page = shown(chromium, MESSAGES[name], color_scheme=scheme)
    colours = page.evaluate(COLOURS)
    assert len(colours) > 5
    assert [(text, contrast(of, on)) for text, of, on in colours if contrast(of, on) < 4.5] == []  # WCAG AA
    page.close()


def test_dark_is_dark(chromium: Browser) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        page = shown(chromium, digests.RICH, color_scheme=scheme)
        grounds[scheme] = {luminance(on) > 0.5 for _, _, on in page.evaluate(COLOURS)}
        page.close()
    assert grounds == {"light": {True}, "dark": {False}}


def test_the_bars_are_as_high_as_their_numbers_say(chromium: Browser) -> None:
    page = shown(chromium, digests.RICH)
    heights = page.eval_on_selector_all(".bar, .now", "all => all.map(bar => bar.getBoundingClientRect().height)")
    assert digests.RICH.trend is not None
    counts = digests.RICH.trend.counts
    assert len(heights) == len(counts) == 14
    assert all(
        abs(height - heights[-1] * count / counts[-1]) <= 2 for height, count in zip(heights, counts, strict=True)
    )
    page.close()
