"""Tells when two articles are the same: by canonical URL, then by the content of a body."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from difflib import SequenceMatcher
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

import tldextract
from w3lib.url import safe_url_string

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.domain import Article

MAX_URL_LENGTH = 2048
"""What browsers and Scrapy still carry; a longer link is an accident or an attack."""

SHORTEST_BODY = 250
"""Characters of a body that can tell articles apart; less than that may be a notice that stands on many pages."""
TITLE_LIKENESS = 0.6
LONGEST_TITLE = 300

DEFAULT_PORTS = {"http": 80, "https": 443}

# Only what names no article anywhere: `ref`, `source` and `id` stay, and `pk_no` too, though Piwik's own are `pk_*`.
TRACKING_PREFIXES = ("utm_", "mtm_", "piwik_", "matomo_", "_hs", "guce_", "at_custom", "oly_", "vero_", "amp_")
TRACKING_PARAMETERS = frozenset(
    """
    __amp_source_origin __source __twitter_impression _ga _gl _openstat at_campaign at_link_id at_link_origin
    at_link_type at_medium at_ptr_name cmpid dclid fb_action_ids fb_action_types fb_ref fb_source fbclid ftag gbraid
    gclid gclsrc guccounter hsctatracking icid igsh igshid li_fat_id mbid mc_cid mc_eid mkt_tok msclkid ncid
    ns_campaign ns_fee ns_linkname ns_mchannel ns_source ocid pk_campaign pk_cid pk_content pk_keyword pk_kwd
    pk_medium pk_source ref_src ref_url s_cid smid spm sr_share srnd ttclid
    twclid usqp wbraid wickedid wt_mc wt_zmc xtor yclid yptr ysclid
    """.split()  # noqa: SIM905  (a list of 60 lines says no more)
)
AMP_PARAMETERS = frozenset({("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp")})

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_AMP_PATH = re.compile(r"(/[^/]*[-\d.][^/]*)/amp/?$|(?<=[^/])\.amp(?=(?:\.html?)?$)", re.IGNORECASE)
_AMP_CACHE = re.compile(r"/(?:amp|[cv])/(s/)?([^/]+\.[^/]+)(/.*)?$")
_registrable_domain = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def web_url(url: str) -> str:
    """Return the address to ask a server for: safe to put on the wire, without fragment and user.

    Raises:
        ValueError: it is no address of the web.
    """
    return _unsplit(_split(url)._replace(fragment=""))


def untracked_url(url: str) -> str:
    """Return the address to ask a server for, without what only tells the server where the reader came from.

    Raises:
        ValueError: it is no address of the web.
    """
    parts = _split(url)
    return _unsplit(parts._replace(query=_filtered(parts.query, _is_tracking), fragment=""))


def canonical_url(url: str) -> str:
    """Return the one spelling of an article's address: its identity.

    Different spellings, tracking, AMP and mobile variants become one; parameters that may name an article stay,
    in their order. Applied twice it changes nothing more.

    Raises:
        ValueError: it is no address of the web.
    """
    parts = _split(url)
    while (unwrapped := _amp_cached(parts)) is not None:
        parts = unwrapped
    path = _without_dot_segments(_percent_normalised(parts.path))
    query = _filtered(
        _percent_normalised(parts.query), lambda name, value: _is_tracking(name, value) or _is_amp(name, value)
    )
    # "#!" and "#/" name the article on a page that a script fills; every other fragment is a place in the page
    fragment = _percent_normalised(parts.fragment) if parts.fragment.startswith(("!", "/")) else ""
    canonical = parts._replace(
        netloc=_without_mobile(parts.netloc), path=_until_stable(_without_amp, path), query=query, fragment=fragment
    )
    return _unsplit(canonical)


def same_site(a: str, b: str) -> bool:
    """Tell whether two URLs belong to one registrable domain; addresses and bare names: to one host and port."""
    one, other = _split(a), _split(b)
    domain = _domain(one.hostname or "")
    return domain == _domain(other.hostname or "") if domain else one.netloc == other.netloc


def folded(text: str) -> str:
    """Return a text without what no reader takes for a change: case, width, and how it is spaced."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def body_fingerprint(text: str) -> str | None:
    """Return what only an identical body has in common with this one; None for one too short to be told by it."""
    body = folded(text)
    return blake2b(body.encode("utf-8", "replace"), digest_size=16).hexdigest() if len(body) >= SHORTEST_BODY else None


def fingerprint_of(article: Article) -> str | None:
    """Return the fingerprint of an article's body; none for what is flagged, which may be a wall."""
    return None if article.flags else body_fingerprint(article.text)


def alike_titles(a: str, b: str) -> bool:
    """Tell whether one title may be the other one, rewritten."""
    one, other = folded(a)[:LONGEST_TITLE], folded(b)[:LONGEST_TITLE]
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= TITLE_LIKENESS


def _split(url: str) -> SplitResult:
    """Return the parts of a URL, each safe and in normal spelling; the host without user and default port."""
    parts = urlsplit(safe_url_string(url.strip()))
    scheme, host = parts.scheme, parts.hostname
    if scheme not in DEFAULT_PORTS or not host:
        raise ValueError(f"not an http(s) address: {url[:200]!r}")
    host = _normal_host(host, bracketed="[" in parts.netloc)
    netloc = host if parts.port in {None, DEFAULT_PORTS[scheme]} else f"{host}:{parts.port}"
    return parts._replace(netloc=netloc, path=parts.path or "/")


def _domain(host: str) -> str:
    """Return the registrable domain of a host; empty for an address, a bare name and a public suffix itself."""
    known = _registrable_domain(host)
    if known.suffix or known.ipv4 or known.ipv6:
        return known.top_domain_under_public_suffix
    labels = host.split(".")  # of a network of one's own: its last label counts as the suffix
    return ".".join(labels[-2:]) if len(labels) > 1 else ""


def _normal_host(host: str, *, bracketed: bool) -> str:
    if bracketed:
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    host = host.removesuffix(".")
    if not _HOST.fullmatch(host) or ".." in host:
        raise ValueError(f"not a host name: {host[:200]!r}")
    return host


def _unsplit(parts: SplitResult) -> str:
    url = parts.geturl()
    if len(url) > MAX_URL_LENGTH:
        raise ValueError(f"the address is longer than {MAX_URL_LENGTH} characters: {url[:80]}…")
    return url


def _percent_normalised(text: str) -> str:
    """Apply RFC 3986, 6.2.2: unreserved characters bare, escapes in upper case, no stray percent sign."""

    def normal(escape: re.Match[str]) -> str:
        if escape[1] is None:
            return "%25"
        character = chr(int(escape[1], 16))
        return character if character in _UNRESERVED else escape[0].upper()

    return _PERCENT.sub(normal, text)


def _without_dot_segments(path: str) -> str:
    """Apply RFC 3986, 5.2.4; empty segments stay, since servers tell `//` from `/`."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _filtered(query: str, unwanted: Callable[[str, str], bool]) -> str:
    """Return a query string without the unwanted parameters, the others exactly as they were."""
    pairs = [(pair, *pair.partition("=")) for pair in query.split("&") if pair]
    return "&".join(pair for pair, name, _, value in pairs if not unwanted(unquote(name).lower(), unquote(value)))


def _is_tracking(name: str, _value: str) -> bool:
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _is_amp(name: str, value: str) -> bool:
    return (name, value.lower()) in AMP_PARAMETERS


def _without_amp(path: str) -> str:
    """Return the path of the page that an AMP path is a variant of: `/story-1/amp`, `/story.amp.html`.

    `/products/amp` stays: what stands before is no name of an article.
    """
    return _AMP_PATH.sub(r"\1", path)


def _amp_cached(parts: SplitResult) -> SplitResult | None:
    """Return the address of the publisher behind a link to Google's AMP viewer or cache, None for other links."""
    host = _without_mobile(parts.netloc).removeprefix("www.")
    if not (host == "google.com" or host.endswith(".cdn.ampproject.org")) or not (hit := _AMP_CACHE.match(parts.path)):
        return None
    scheme = "https" if hit[1] else "http"
    rest = f"?{parts.query}" if parts.query else ""
    try:
        return _split(f"{scheme}://{unquote_plus(hit[2])}{hit[3] or '/'}{rest}")
    except ValueError:
        return None


def _without_mobile(netloc: str) -> str:
    """Return the desktop host of a mobile or AMP one: m.example.org → www.example.org, en.m.x.org → en.x.org."""
    host, colon, port = netloc.partition(":")
    domain = _domain(host)
    labels = host.removesuffix(domain).removesuffix(".").split(".") if domain else []
    desktop = [label for label in labels if label not in {"m", "mobile", "amp"}]
    if not labels or desktop == labels:
        return netloc
    return ".".join([*(desktop or ["www"]), domain]) + colon + port


def _until_stable(change: Callable[[str], str], text: str) -> str:
    while (changed := change(text)) != text:
        text = changed
    return text
