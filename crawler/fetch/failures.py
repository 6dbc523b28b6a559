"""Says in our words why a request failed: what Scrapy, Twisted and OpenSSL raise → FetchError."""

from __future__ import annotations

from OpenSSL import SSL
from scrapy import exceptions as from_scrapy
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed

from crawler.errors import FetchError, ForbiddenFetchError, TemporaryFetchError
from crawler.fetch import limits

LONGEST_REASON = 300

_UNREACHABLE = {
    from_scrapy.CannotResolveHostError: ("its name cannot be resolved", "dns"),
    from_scrapy.DownloadConnectionRefusedError: ("it refuses connections", "refused"),
}


_BROKE_OFF = "the connection broke in the middle of the answer"


class DroppedError(TemporaryFetchError):
    """The connection broke before the answer was complete."""

    kind = "dropped"


def fetch_error(error: Exception) -> FetchError:
    match error:
        case FetchError():
            return error
        case from_scrapy.DownloadTimeoutError():
            return TemporaryFetchError(f"no complete answer within {limits.TIMEOUT_S} s", kind="timeout")
        case from_scrapy.CannotResolveHostError() | from_scrapy.DownloadConnectionRefusedError():
            told, kind = _UNREACHABLE[type(error)]
            return TemporaryFetchError(f"the host cannot be reached: {told}", kind=kind)
        case from_scrapy.DownloadCancelledError() | from_scrapy.IgnoreRequest():
            return ForbiddenFetchError("the answer is too large", kind="too-large")
        case from_scrapy.ResponseDataLossError():
            cause = _cause(error)
            return cause if isinstance(cause, FetchError) else DroppedError(_BROKE_OFF)
    return _by_cause(_cause(error))


def _by_cause(error: BaseException) -> FetchError:
    match error:
        case FetchError():  # raised by our own protocol, and wrapped by Twisted
            return error
        case ConnectionClosed():
            return DroppedError("the connection broke before an answer")
        case ConnectError():
            return TemporaryFetchError(f"the host cannot be reached: {error}"[:LONGEST_REASON], kind="unreachable")
        case VerificationError():
            return TemporaryFetchError("TLS failed: the certificate is for another host", kind="tls")
        case SSL.Error():
            reasons = error.args[0] if error.args else ()
            told = "; ".join(str(reason[-1]) for reason in reasons)
            return TemporaryFetchError(f"TLS failed: {told}"[:LONGEST_REASON], kind="tls")
    return TemporaryFetchError(f"no proper answer: {error!r}"[:LONGEST_REASON])


def _cause(error: BaseException) -> BaseException:
    """Return what is behind the errors in which Scrapy and Twisted wrap others."""
    wrappers = from_scrapy.DownloadFailedError | from_scrapy.ResponseDataLossError
    if isinstance(error, wrappers) and error.__cause__ is not None:
        return _cause(error.__cause__)
    reasons = getattr(error, "reasons", ())
    return _cause(reasons[0].value) if reasons else error
