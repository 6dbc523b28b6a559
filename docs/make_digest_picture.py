# ruff: noqa: INP001 -- a script, no package
"""Makes docs/digest.png, the picture of a digest in the README: needs Chromium and fonts for Chinese and Arabic.

Run it in the project's folder: .venv/bin/python docs/make_digest_picture.py && pngquant -f --ext .png docs/digest.png
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent / "tests"))

from stand_ins.messages import DIGEST, HITS  # noqa: E402 -- found by the line above

from monitors.digest.render import render_html  # noqa: E402 -- stays with its neighbour

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--blink-settings=preferredColorScheme=1")

with TemporaryDirectory() as folder:
    page = Path(folder, "digest.html")
    page.write_text(render_html(replace(DIGEST, hits=HITS[:4])), encoding="utf-8")
    command = ["chromium", *FLAGS, f"--user-data-dir={folder}/profile", "--window-size=700,1270"]
    subprocess.run([*command, f"--screenshot={DOCS / 'digest.png'}", page.as_uri()], check=True, timeout=60)  # noqa: S603 -- nothing from outside
