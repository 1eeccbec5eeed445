"""The certificate that the server shows, and the key that belongs to it."""

import ssl
from pathlib import Path

from nephoscope.errors import SettingsError

_MISMATCH = "KEY_VALUES_MISMATCH"


def tls_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """`key` None: it is in the certificate's file. SettingsError when the two cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The certificate {certificate} cannot be used: {_reason(error, certificate, key)}."
        ) from error
    return context


def _reason(error: Exception, certificate: Path, key: Path | None) -> str:
    """OpenSSL names no files."""
    for path in filter(None, (certificate, key)):
        try:
            path.read_bytes()
        except OSError as unread:
            return f"{path}: {unread.strerror}"
    if isinstance(error, ssl.SSLError) and error.reason == _MISMATCH:
        return f"the key {'in it' if key is None else key} is that of another certificate"
    where = "it is" if key is None else f"it and {key} are"
    return f"{where} no certificate with its key in PEM, without a passphrase"
