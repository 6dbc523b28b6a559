"""The long tail (Teams, Discord, Telegram, ntfy and a hundred others), through the library Apprise.

It is loaded where a channel asks for it: that takes half a second. What goes wrong it tells its log alone, whose lines
are kept from everybody else: they may hold the address, which is a secret.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from contextlib import contextmanager, suppress
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import unquote
from warnings import catch_warnings, simplefilter

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, model_validator

from crawler.errors import DeliveryError
from crawler.yaml_file import refuse
from monitors.deliver.secret_files import SecretFile, at_most_one, secret
from monitors.digest.as_chat import as_chat
from monitors.digest.inert import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.deliver.channels import Envelope, Facilities
    from monitors.digest.as_chat import Form
    from monitors.domain import Delivery, Message

kind = "apprise"

_FORMS: dict[str, Form] = {"text": "text", "html": "html"}
_STATUS = re.compile(r"\berror\W{1,2}(\d{3})\b|\((\d{3})\)")
_GONE = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_OF_THE_MESSAGE = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
_SHORTEST_SECRET = 4
_SAFE_IN_BODY = 1_000
_FEWEST_IN_BODY = 100  # with less room than a text message has, nothing can be told


def _a_service(url: SecretStr) -> SecretStr:
    if _service(url.get_secret_value()) is None:
        raise ValueError("needs a URL that Apprise knows, such as ntfy://host/topic; see its list of services")
    return url


class Options(BaseModel):
    # The address holds tokens and passwords: it stays out of error messages too.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[SecretStr, AfterValidator(_a_service)] | None = None
    url_file: SecretFile | None = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        at_most_one(self, "url")
        if self.url is None and self.url_file is None:
            refuse({("url",): "is missing, or `url_file` is"})
        return self


def recipients(channel_id: str, options: Options) -> tuple[str, ...]:  # noqa: ARG001 -- the contract of Channel
    return (channel_id,)


def render(message: Message, envelope: Envelope, options: Options, facilities: Facilities) -> tuple[bytes, ...]:  # noqa: ARG001 -- the contract of Channel
    form, most_in_body, most_in_title = _limits(options)
    parts = as_chat(message, form, most_in_body=max(most_in_body, _FEWEST_IN_BODY), most_in_title=most_in_title)
    return tuple(
        json.dumps({"title": part.title, "body": part.body, "format": form}, ensure_ascii=False).encode()
        for part in parts
    )


def _limits(options: Options) -> tuple[Form, int, int]:
    """Return how the service wants it; where its address cannot be read just now, what nearly every service takes."""
    with suppress(DeliveryError):
        _, service = _asked(options)
        form: Form = _FORMS.get(service.resolve_format(None).value, "markdown")
        return form, service.body_maxlen, service.title_maxlen
    return "text", _SAFE_IN_BODY, 0


def _asked(options: Options) -> tuple[str, Any]:
    """Return the address and the service behind it.

    Raises:
        DeliveryError: the file of the address cannot be read, or holds none.
    """
    url = secret(options, "url")
    service = _service(url.get_secret_value().strip()) if url else None
    if url is None or service is None:
        raise DeliveryError(f"url_file: {options.url_file} holds no URL that Apprise knows", permanent=True)
    return url.get_secret_value(), service


def deliver(delivery: Delivery, options: Options, facilities: Facilities) -> str:  # noqa: ARG001 -- the contract of Channel
    url, service = _asked(options)
    frozen, name = json.loads(delivery.payload), str(service.service_name)
    with _heard() as lines:
        try:
            taken = service.notify(body=frozen["body"], title=frozen["title"], body_format=frozen["format"])
        except Exception as error:  # noqa: BLE001 -- plug-ins raise what they like, with the address in it
            raise DeliveryError(f"{name} could not be asked: {type(error).__name__}") from None
    if taken:
        return f"{name} took it"
    raise _refusal(name, " ".join(lines), url)


def _refusal(name: str, told: str, url: str) -> DeliveryError:
    """Judge by what Apprise says in its log; most services tell their status there."""
    found = _STATUS.search(told)
    status = int(found[1] or found[2]) if found else None
    reason = f"{name} did not take it: {shorten(_without(told, url), 200) or 'no reason given'}"
    if status in _OF_THE_MESSAGE:
        return DeliveryError(reason, permanent=True, scope="message")
    return DeliveryError(reason, permanent=status in _GONE)


def _without(told: str, url: str) -> str:
    """Take every part of the address out of what is told: which of them are secrets, only the service knows."""
    parts = re.split(r"[:/?&=@,+#]+", url.partition("://")[2])
    forms = {form for part in parts for form in (part, unquote(part)) if len(form) >= _SHORTEST_SECRET}
    for form in sorted(forms, key=len, reverse=True):
        told = told.replace(form, "…")
    return told


# -- the library ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _service(url: str) -> Any:
    """Return the plug-in for an address, None for one that it does not know. Kept, since it keeps the pace itself."""
    with catch_warnings():
        simplefilter("ignore", DeprecationWarning)  # what a hundred plug-ins use is not ours to mend
        return _loaded(url)


def _loaded(url: str) -> Any:
    import apprise

    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.WARNING)  # below that it tells addresses and whole messages
    logger.addHandler(logging.NullHandler())  # else Python prints what nobody handles
    # Redirects would take the news where somebody else points; the others would read more into a text than is there.
    asset = apprise.AppriseAsset(
        app_id="Newsvane", http_redirects=False, interpret_escapes=False, interpret_emojis=False, secure_logging=True
    )
    return apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what Apprise says in this thread."""
    lines: list[str] = []
    thread = threading.get_ident()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                lines.append(record.getMessage())

    ear, logger = Ear(logging.WARNING), logging.getLogger("apprise")
    logger.addHandler(ear)
    try:
        yield lines
    finally:
        logger.removeHandler(ear)
