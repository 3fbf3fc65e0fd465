"""Aliyun's signature ACS3-HMAC-SHA256 for an interface whose parameters all stand in the address."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

_NOTHING = hashlib.sha256(b"").hexdigest()


def encoded(params: Mapping[str, str]) -> str:
    """Encode parameters as they are signed and sent: sorted, by RFC 3986."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(params.items()))


def signed_headers(
    host: str, action: str, version: str, query: str, key: tuple[str, str], now: datetime, nonce: str
) -> dict[str, str]:
    """Make the headers of a POST without a body. ``host``: with its port where it is not the usual one; ``key``: id and
    secret; ``query``: as ``encoded`` makes it."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": _NOTHING,
        "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = hashlib.sha256(f"POST\n/\n{query}\n{lines}\n{names}\n{_NOTHING}".encode()).hexdigest()
    signature = hmac.digest(key[1].encode(), f"ACS3-HMAC-SHA256\n{request}".encode(), "sha256").hex()
    credential = f"Credential={key[0]},SignedHeaders={names},Signature={signature}"
    return {**headers, "Authorization": f"ACS3-HMAC-SHA256 {credential}"}
