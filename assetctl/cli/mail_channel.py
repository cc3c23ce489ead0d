"""Reminders by mail, through one server of the office; encrypted unless the settings say none."""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate

from assetctl.cli.channels import Notice, not_sent, secret_from
from assetctl.cli.notice_settings import Mail, NoticeSettings
from assetctl.errors import ConfigError


def send(notice: Notice, settings: NoticeSettings) -> str | None:
    """Send a message to all who have the role in the unit; say if the server refused some of them.

    Raises:
        MessageNotSentError: no server or address is set up, or the server did not take it.
    """
    mail, to = settings.mail, settings.addresses(notice.unit, notice.role)
    if mail is None:
        raise not_sent(notice, "email", "not_set_up")
    if not to:
        raise not_sent(notice, "email", "no_address")
    try:
        with _connected(mail) as server:
            refused = server.send_message(_letter(notice, mail, to))
    except (OSError, ValueError, ConfigError) as error:
        raise not_sent(notice, "email", _fault(error)) from error
    return "some_refused" if refused else None


def _letter(notice: Notice, mail: Mail, to: tuple[str, ...]) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = notice.subject
    letter["From"] = mail.sender
    letter["To"] = ", ".join(to)
    letter["Date"] = formatdate(localtime=False)
    # The same one at every try, so that a letter that came twice is known as one.
    name = hashlib.sha256(notice.code.encode()).hexdigest()[:32]
    letter["Message-ID"] = f"<{name}@{mail.sender.partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(notice.body, cte="base64")  # for servers that take 7 bits only
    return letter


@contextmanager
def _connected(mail: Mail) -> Iterator[smtplib.SMTP]:
    """Give a server that has greeted; after so many seconds it is hung up on, however busy."""
    context = ssl.create_default_context()
    if mail.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=mail.timeout, context=context)
    else:
        server = smtplib.SMTP(timeout=mail.timeout)
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        if server.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(server.sock, socket.SHUT_RDWR)

    timer = threading.Timer(mail.timeout, hang_up)
    timer.daemon = True
    timer.start()
    try:
        vars(server)["_host"] = mail.host  # the name that TLS checks; `connect` does not keep it
        server.connect(mail.host, mail.port)
        if mail.tls == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, secret_from(mail.password_file))
        yield server
    except OSError as error:
        if late.is_set():
            raise TimeoutError from error
        raise
    else:
        with suppress(OSError):  # it has the letter; how it takes leave does not matter
            server.quit()
    finally:
        timer.cancel()
        server.close()


def _fault(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return "not_set_up"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "timeout"
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return "no_tls"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "broken_off"
    if isinstance(error, smtplib.SMTPResponseException) and not 400 <= error.smtp_code < 600:
        return "broken_off"  # half of an answer
    if isinstance(error, smtplib.SMTPException | ValueError):
        return "refused"
    return "unreachable"
