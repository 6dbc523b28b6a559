"""Loads what the processes that can be killed work with: imported once, in the process that they are copies of."""

import gc
import signal

from crawler.discover import feeds, sections, sitemaps, sites  # noqa: F401
from crawler.domain import Page
from crawler.extract.language import model
from crawler.extract.page import extract

# The service manager and Ctrl-C signal every process of the group; the parent decides what is finished, and ends its
# processes by SIGKILL. Every copy is born with what is blocked here, so there is no moment in which one could be hit.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
model()
extract(Page(url="http://localhost/", body=b"<html><body><p>ready</p></body></html>"), languages=["en"])
# what is there by now is never collected: to look through it would make every copy hold its own
gc.collect()
gc.freeze()
