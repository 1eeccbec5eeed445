"""Sending mail: over TLS where the server offers it, and never a password without it."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import msgspec

from nephoscope.errors import SettingsError, UnavailableError

_SECONDS = 30
_PORTS = {"smtp": 587, "smtps": 465}


class Mailer(msgspec.Struct, frozen=True):
    """`is_secure` speaks TLS from the first byte; otherwise it is asked for after the greeting."""

    host: str
    port: int
    sender: str
    is_secure: bool = False
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Mailer({self.host}:{self.port})"

    def send(self, message: EmailMessage, to: Sequence[str]) -> None:
        """UnavailableError when the server does not take it, for any one of them."""
        message["From"] = self.sender
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2] or "localhost")
        try:
            with self._connected() as server:
                refused = server.send_message(message, self.sender, list(to))
        except (smtplib.SMTPException, OSError) as error:
            raise UnavailableError(f"The mail server {self.host} does not take it: {_reason(error)}") from None
        if refused:
            raise UnavailableError(f"The mail server {self.host} refuses {', '.join(sorted(refused))}.")

    def _connected(self) -> smtplib.SMTP:
        trust = ssl.create_default_context()
        if self.is_secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=trust)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=trust)
                server.ehlo()
            elif self.user:
                server.close()
                raise UnavailableError(f"The mail server {self.host} offers no TLS: the password stays here.")
        if self.user:
            server.login(self.user, self.password)
        return server


def mailer_of(url: str, sender: str) -> Mailer | None:
    """From `smtp://user:password@host:587` or `smtps://…`; None without one. SettingsError for anything else."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise SettingsError("NEPHOSCOPE_SMTP: expected smtp://user:password@host:587 or smtps://host.") from None
    if not parts.hostname or "@" not in sender:
        raise SettingsError("NEPHOSCOPE_SMTP needs a host, and NEPHOSCOPE_MAIL_FROM the address that mails come from.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Mailer(parts.hostname, port, sender, parts.scheme == "smtps", user, password)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {text}"[:200]
    return str(error)[:200] or type(error).__name__
