"""Reminders to another system: one POST of JSON, to the address that is set up and to no other."""

from __future__ import annotations

import ssl
from http.client import HTTPException, HTTPResponse, IncompleteRead
from urllib.parse import urlsplit

from assetctl.cli.ask_witness import called
from assetctl.cli.channels import Notice, not_sent, notice_json, secret_from
from assetctl.cli.notice_settings import Hook, NoticeSettings
from assetctl.errors import ConfigError

MOST_BYTES = 1 << 16
"""Largest answer that is taken; what stands in it does not matter, only its status."""


def send(notice: Notice, settings: NoticeSettings) -> str | None:
    """Post a message; any status from 200 to 299 means that it was taken.

    Raises:
        MessageNotSentError: no address is set up, or the other system did not take it.
    """
    if settings.hook is None:
        raise not_sent(notice, "webhook", "not_set_up")
    try:
        fault = _posted(notice, settings.hook)
    except (OSError, HTTPException, ValueError, ConfigError) as error:
        raise not_sent(notice, "webhook", _fault(error)) from error
    if fault:
        raise not_sent(notice, "webhook", fault)
    return None


def _posted(notice: Notice, hook: Hook) -> str | None:
    address = urlsplit(hook.url)
    if not address.hostname or address.username or address.port == 0:
        return "not_set_up"
    headers = {
        "Content-Type": "application/json; charset=utf-8", "Connection": "close",
        # The same one at every try, so that the other side can tell a message that came twice.
        "Idempotency-Key": notice.code,
    }  # fmt: skip
    if hook.token_file:
        headers["Authorization"] = f"Bearer {secret_from(hook.token_file)}"
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    with called(address, hook.timeout) as connection:
        connection.request("POST", target, notice_json(notice), headers)
        with connection.getresponse() as response:
            return _understood(response)


def _understood(response: HTTPResponse) -> str | None:
    raw = response.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        return "too_long"
    if response.length:
        raise IncompleteRead(raw, response.length)
    if 300 <= response.status < 400:
        return "redirected"
    return None if 200 <= response.status < 300 else "refused"


def _fault(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return "not_set_up"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "no_tls"
    if isinstance(error, HTTPException | ConnectionResetError | BrokenPipeError):
        return "broken_off"
    return "unreachable"
