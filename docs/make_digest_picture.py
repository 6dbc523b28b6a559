# ruff: noqa: INP001 -- a script, no package
"""Makes docs/digest.png, the picture of a digest in the README: needs Chromium and fonts for Chinese (Noto's).

Run it in the project's folder: .venv/bin/python docs/make_digest_picture.py && pngquant -f --ext .png docs/digest.png
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent / "tests"))

from stand_ins.digests import EDITED, LEAD, NAMESAKE, RICH, TREND, numbered  # noqa: E402 -- found by the line above

from crawler.fetch.browser import executable  # noqa: E402 -- stays with its neighbour
from monitors.digest.render import render_html  # noqa: E402 -- stays with its neighbour

EDITED_ONCE = replace(EDITED, updates=EDITED.updates[:1])
SHORT = replace(RICH, stories=numbered(LEAD, EDITED_ONCE, NAMESAKE), trend=TREND, repeats=0)

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 700, "height": 600}, color_scheme="light")
    page.set_content(render_html(SHORT))
    page.screenshot(path=DOCS / "digest.png", full_page=True)
    browser.close()
