"""HTTP to one endpoint: address, headers, certificates, proxy; every fault as one sentence without a secret."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from index.http_faults import error_message, may_pass, retry_after
from rag.llm.chat_completions import context_limit
from rag.llm.deadline import Deadline
from rag.llm.fault import Fault

if TYPE_CHECKING:
    import httpx

_LARGEST_BODY = 4_000_000
_LARGEST_STREAM = 32_000_000
"""Bytes of a response, whole or streamed; 10 000 streamed tokens have a tenth of it."""
_LARGEST_ERROR = 64_000
_ERROR_SECONDS = 1.0
"""How long the rest of an error's body is waited for: its status is known."""
_CLOSING_SECONDS = 1.0
_ADVICE = {
    401: "check the key in FOOTNOTE_API_KEY or OPENAI_API_KEY",
    403: "the key may not use this model",
    404: "check --base-url (it is taken literally, usually ends in /v1) and --model",
    413: "ask with a smaller -k",
    429: "wait, or use another key or model",
}
_TOO_LATE = {
    "total": "did not finish within {timeout:g} s; raise FOOTNOTE_TIMEOUT if it is slow",
    "first token": "sent no text within {first_token_timeout:g} s; raise FOOTNOTE_FIRST_TOKEN_TIMEOUT if it is slow",
    "stopped": "was stopped: nobody waits for the reply any more",
    "next token": "sent nothing for {token_timeout:g} s in mid-reply; ask again, or raise FOOTNOTE_TOKEN_TIMEOUT",
}


@dataclass(frozen=True)
class Endpoint:
    """Where to ask. No secret shows in a repr, an error or a record."""

    base_url: str
    """Taken literally; only `/chat/completions` is added to its path."""
    model: str
    """As the server calls it."""
    api_key: str | None = field(default=None, repr=False)
    """Sent as a bearer token when there is one."""
    max_tokens: int | None = None
    """Longest reply in tokens; None lets the server decide."""
    temperature: float | None = None
    """None lets the server decide; some models accept only their own."""
    timeout: float = 300.0
    """Seconds for everything together, retries and waits included."""
    connect_timeout: float = 10.0
    """Seconds to connect."""
    first_token_timeout: float = 120.0
    """Seconds from a streamed request to its first text."""
    token_timeout: float = 60.0
    """Seconds of silence in a stream that has begun."""
    retries: int = 2
    """Further attempts after one that may be tried again."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Sent with every request, beside or instead of the usual ones."""
    ca_bundle: Path | None = None
    """Certificates to trust instead of the usual ones (PEM)."""
    proxy: str | None = field(default=None, repr=False)
    """Address of a proxy; None: as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say."""


class Connection:
    """Requests to one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        passwords = [urlsplit(url).password for url in (endpoint.base_url, endpoint.proxy or "") if "@" in url]
        secrets = {endpoint.api_key, *(value for _, value in endpoint.headers), *passwords}
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)  # one may be a part of another

    @property
    def name(self) -> str:
        """Address and model as they may be shown."""
        return f"{public_url(self.endpoint.base_url)} ({self.endpoint.model})"

    def hide(self, text: str) -> str:
        """The text with asterisks for the key, headers' values and passwords."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def hide_in(self, pieces: Iterable[str]) -> Iterator[str]:
        """The same for a text that comes in pieces, wherever it is cut: the beginning of a secret is held back."""
        held, longest = "", max(map(len, self._secrets), default=1)
        for piece in pieces:
            held = self.hide(held + piece)
            ends = range(max(0, len(held) - longest + 1), len(held))
            begun = (at for at in ends if any(secret.startswith(held[at:]) for secret in self._secrets))
            shown = next(begun, len(held))
            if shown:
                yield held[:shown]
            held = held[shown:]
        if held:
            yield held

    @contextmanager
    def request(
        self, method: str, path: str, deadline: Deadline, json: dict[str, Any] | None = None
    ) -> Iterator[Iterator[bytes]]:
        """Send it; inside the `with`, the chunks of a good response. Raises Fault, also for what happens inside."""
        import httpx

        url, client = self._url(path), self._client()
        try:
            response = deadline.wait(client.send(client.build_request(method, url, json=json), stream=True))
            if not response.is_success:
                raise self._refusal(response, deadline)
            yield self._chunks(response, deadline, _LARGEST_STREAM if (json or {}).get("stream") else _LARGEST_BODY)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, OverflowError) as error:
            raise self._fault(error, deadline) from None
        finally:
            with suppress(OSError):  # TimeoutError is one
                Deadline(_CLOSING_SECONDS).wait(client.aclose())

    def _client(self) -> httpx.AsyncClient:
        import httpx

        endpoint = self.endpoint
        key = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        headers = {"Accept-Encoding": "identity", **key, **dict(endpoint.headers)}  # compression would delay a stream
        for name, value in headers.items():
            if not (name.isascii() and value.isascii() and (name + value).isprintable()):
                kind = "API key" if name == "Authorization" else "header"
                raise Fault(f"The {kind} contains characters that none may have; copy it again into the settings.")
        timeout = httpx.Timeout(endpoint.timeout, connect=endpoint.connect_timeout)
        try:
            return httpx.AsyncClient(
                timeout=timeout, headers=headers, verify=_trust(endpoint.ca_bundle), proxy=endpoint.proxy
            )
        except (ValueError, httpx.InvalidURL, ImportError):  # ImportError: httpx without what SOCKS needs
            raise Fault("The proxy is not an address that can be used; check FOOTNOTE_PROXY and HTTPS_PROXY.") from None

    def _url(self, path: str) -> str:
        """The base URL with `path` after its own path; a query stays at the end."""
        try:
            parts = urlsplit(self.endpoint.base_url)
        except ValueError:
            raise self._no_address() from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise self._no_address()
        return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))

    def _no_address(self) -> Fault:
        shown = self.hide(self.endpoint.base_url)
        return Fault(f"{shown!r} is not an address; use one like http://127.0.0.1:11434/v1")

    def _chunks(self, response: httpx.Response, deadline: Deadline, most: int) -> Iterator[bytes]:
        """The body, until it ends or the time for its end is over: some servers leave the connection open."""
        import httpx

        size = 0
        try:
            for chunk in _received(response, deadline):
                size += len(chunk)
                if size > most:
                    raise Fault(f"{self.name} sent more than {most} bytes; check that --base-url is a chat endpoint.")
                yield chunk
        except (httpx.HTTPError, OSError, ValueError) as error:
            if not deadline.passed:
                raise Fault(f"{self.name} broke off ({self._reason(error)}); ask again.", again=True) from None
            if deadline.passed != "end":
                raise self._too_late(deadline.passed) from None

    def _refusal(self, response: httpx.Response, deadline: Deadline) -> Fault:
        """The fault for a status that is no success, with the server's own error message."""
        import httpx

        deadline.start("error", _ERROR_SECONDS)
        body = b""
        with suppress(httpx.HTTPError, TimeoutError):
            for chunk in _received(response, deadline):
                body += chunk
                if len(body) > _LARGEST_ERROR:
                    break
        fault = self.fault_of(response.status_code, body.decode("utf-8", "replace"))
        fault.wait, fault.body = retry_after(response.headers.get("retry-after")), body
        return fault

    def fault_of(self, status: int, body: str) -> Fault:
        """The fault for an error that the server reports."""
        context = context_limit(body)
        advice = _ADVICE.get(status, "try again later" if status >= 500 else "check --base-url and --model")
        if context is not None:
            advice = f"set FOOTNOTE_BUDGET below its context of {context or 'unknown'} tokens, or give it a longer one"
        # Hidden before it is shortened: half a key would pass.
        sentence = f"{self.name} answered {status}: {error_message(self.hide(body))}; {advice}."
        return Fault(sentence, again=context is None and may_pass(status), status=status, context=context)

    def _fault(self, error: Exception, deadline: Deadline) -> Fault:
        import httpx

        if deadline.passed or isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
            return self._too_late(deadline.passed or "total")
        if isinstance(error, httpx.ConnectTimeout):
            seconds = f"{self.endpoint.connect_timeout:g} s"
            return Fault(f"{self.name} cannot be reached within {seconds}; start it, or check --base-url.")
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | ValueError | OverflowError):
            return self._no_address()
        reason = self._reason(error)
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            return Fault(f"{self.name} shows a certificate that nobody here trusts; set FOOTNOTE_CA_BUNDLE to its PEM.")
        return Fault(f"{self.name} cannot be reached ({reason}); start it, or check --base-url.", again=True)

    def _too_late(self, stage: str) -> Fault:
        return Fault(f"{self.name} {_TOO_LATE[stage].format_map(vars(self.endpoint))}.")

    def _reason(self, error: Exception) -> str:
        return self.hide(str(error).splitlines()[0] if str(error) else type(error).__name__).rstrip(".")


def _received(response: httpx.Response, deadline: Deadline) -> Iterator[bytes]:
    """The chunks of a body, each waited for."""
    chunks = response.aiter_bytes()

    async def following() -> bytes | None:
        return await anext(chunks, None)

    while (chunk := deadline.wait(following())) is not None:
        yield chunk


def is_near(base_url: str) -> bool:
    """Whether an address is of this machine or its own network: no public name, no public number."""
    try:
        host = urlsplit(base_url).hostname or ""
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal"))


def public_url(base_url: str) -> str:
    """The address without user, password and query."""
    try:
        parts = urlsplit(base_url)
    except ValueError:
        return base_url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="")).rstrip("/")


@cache
def _trust(bundle: Path | None) -> ssl.SSLContext:
    """Read once a process: reading the usual bundle takes longer than a request to a local server."""
    import httpx

    try:
        return ssl.create_default_context(cafile=str(bundle)) if bundle else httpx.create_ssl_context()
    except OSError:
        raise Fault(f"{bundle or 'The bundle of SSL_CERT_FILE'} contains no certificates; name a PEM file.") from None
