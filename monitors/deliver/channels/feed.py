"""An Atom feed for each watchlist, written into a folder that a web server or a feed reader can read."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from crawler.errors import DeliveryError
from crawler.yaml_types import Line, WebAddress, beside_the_configuration
from monitors.digest.as_atom import ForeignFeedError, as_atom, file_of, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitors.deliver.channels import Envelope, Facilities
    from monitors.domain import Delivery, Message

log = structlog.get_logger()

kind = "feed"
at_once = True
"""A rule needs neither `when` nor `at`: nobody is disturbed by a feed."""

_LOCK = ".newsvane.lock"
_LONGEST_WAIT_S = 10.0
_LOOK_AGAIN_S = 0.02
_LARGEST = 50_000_000
"""Of a file that is read again. Ours have a few megabytes; what is larger is not ours."""


def _folder(text: str, info: ValidationInfo) -> Path:
    return beside_the_configuration(Path(text), info)


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    dir: Annotated[Line, AfterValidator(_folder)]
    """Where the files go. A relative path begins at the configuration file."""
    url: WebAddress | None = None
    """The address of that folder, if a web server shows it."""
    max_entries: int = Field(default=100, ge=1, le=1_000, strict=True)


def recipients(channel_id: str, options: Options) -> tuple[str, ...]:  # noqa: ARG001 -- the contract of Channel
    return (channel_id,)


def render(message: Message, envelope: Envelope, options: Options, facilities: Facilities) -> tuple[bytes, ...]:  # noqa: ARG001 -- the contract of Channel
    return (as_atom(message, message_id=envelope.message_id),)


def deliver(delivery: Delivery, options: Options, facilities: Facilities) -> str:  # noqa: ARG001 -- the contract of Channel
    folder, name = Path(options.dir), file_of(delivery.payload)
    address = f"{options.url.rstrip('/')}/{quote(name)}" if options.url else None
    try:
        _make(folder)
        with _locked(folder):
            return _put(folder / name, delivery.payload, address=address, max_entries=options.max_entries)
    except OSError as error:  # a full disk, a folder that we must not write to: the operator's to mend
        raise DeliveryError(f"{folder / name} could not be written: {error.strerror or error}") from error


def _put(file: Path, new: bytes, *, address: str | None, max_entries: int) -> str:
    old = _read(file)
    try:
        feed = merged(old, new, address=address, max_entries=max_entries)
    except ForeignFeedError as error:
        aside = _set_aside(file)
        log.warning("feed_set_aside", file=str(file), aside=aside.name, reason=str(error))
        feed = merged(None, new, address=address, max_entries=max_entries)
        _write(file, feed)
        return f"{file.name}, anew: what was there is now {aside.name}, for {error}"
    if feed == old:
        return f"{file.name} has it already"
    _write(file, feed)
    return file.name


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # whatever the umask: others are to read it


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other services out of the folder. Who holds it for long is stopped or stuck: not worth waiting for."""
    file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        ends = time.monotonic() + _LONGEST_WAIT_S
        while True:
            try:
                flock(file, LOCK_EX | LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > ends:
                    raise DeliveryError(f"another process holds {folder / _LOCK}") from None
                time.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(file)


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as open_file:
            return open_file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None


def _set_aside(file: Path) -> Path:
    """Move a file out of the way under a name that is free; it is somebody's, or it tells what broke it."""
    number = 1
    while (aside := file.with_name(f"{file.name}.aside-{number}")).exists():
        number += 1
    return file.rename(aside)


def _write(file: Path, feed: bytes) -> None:
    """Replace the file as a whole: a reader sees the old one or the new one, after a power cut too."""
    whole = file.with_name(f".{file.name}.new")
    handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "wb") as open_file:
        os.fchmod(handle, 0o644)  # whatever the umask: others are to read it
        open_file.write(feed)
        open_file.flush()
        os.fsync(handle)
    whole.replace(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
