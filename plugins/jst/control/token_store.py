"""Keep the access token of one credential in PostgreSQL, for every process on every worker.

Renewing may make the old token worthless, so only one process does it; the others wait and use what it brought. The
right to renew is a lease in the row and no lock: a lock would be held through a request to the source, and a process
that freezes would keep it.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jst.clock import Clock
from jst.control.database import Cursor, Database, one
from jst.erp.tokens import StoredToken, Token
from jst.errors import Retry

LEASE_SECONDS = 60.0
"""After this long another process may renew: longer than a wait for the budget and an answer normally last."""
_PATIENCE_SECONDS = 150.0
_PAUSE_SECONDS = 0.1


class PostgresTokens:
    """Keeps the token encrypted with a key made of the app_secret: the database alone gives no access."""

    def __init__(self, database: Database, credential: str, app_secret: str, clock: Clock) -> None:
        self._db, self._credential, self._clock = database, credential, clock
        self._safe = Fernet(_key(app_secret, credential))

    def current(self) -> StoredToken:
        """Return the stored token; number 0 and no token where none was ever kept."""
        found = self._db.rows("SELECT number, sealed FROM token WHERE credential = %(name)s", name=self._credential)
        return self._kept(*found[0]) if found else StoredToken()

    def renewed(self, stale: int, fetch: Callable[[Token | None], Token]) -> StoredToken:
        """Return the token after number ``stale``; calls ``fetch`` unless another process does. Raises what it raises,
        or Retry when others have held the lease for minutes."""
        holder = secrets.token_hex(8)
        give_up = self._clock.monotonic() + _PATIENCE_SECONDS
        while (leased := self._db.transaction(lambda cur: self._leased(cur, stale, holder))) is None:
            if self._clock.monotonic() > give_up:
                raise Retry(
                    f"等了 {_PATIENCE_SECONDS:.0f} 秒，别的进程仍在换令牌",
                    do="稍后会自动重试；若反复出现，查看聚水潭的令牌接口是否可用",
                )
            self._clock.sleep(_PAUSE_SECONDS)
        kept, ours = leased
        if not ours:
            return kept
        try:
            return self._stored(kept.number, fetch(kept.token))
        finally:
            self._db.rows(
                """UPDATE token SET holder = '', held_until = '-infinity'
                   WHERE credential = %(name)s AND holder = %(holder)s""",
                name=self._credential, holder=holder,
            )  # fmt: skip

    def _leased(self, cur: Cursor, stale: int, holder: str) -> tuple[StoredToken, bool] | None:
        """Return a newer token that is there, or the old one and that this process has to renew it; None: another
        process holds the lease."""
        cur.execute("INSERT INTO token (credential) VALUES (%s) ON CONFLICT DO NOTHING", (self._credential,))
        cur.execute("SELECT number, sealed FROM token WHERE credential = %s FOR UPDATE", (self._credential,))
        kept = self._kept(*one(cur))
        if kept.number != stale and kept.token is not None:
            return kept, False
        cur.execute(
            """UPDATE token SET holder = %(holder)s, held_until = clock_timestamp() + %(lease)s * interval '1 second'
               WHERE credential = %(name)s AND (held_until < clock_timestamp() OR holder = %(holder)s)""",
            {"name": self._credential, "holder": holder, "lease": LEASE_SECONDS},
        )
        return (kept, True) if cur.rowcount else None

    def _stored(self, old: int, token: Token) -> StoredToken:
        """Store the token; a process that was overtaken while it asked uses the other's token: the source may have
        ended its own."""
        self._db.rows(
            """UPDATE token SET number = number + 1, sealed = %(sealed)s, updated_at = clock_timestamp()
               WHERE credential = %(name)s AND number = %(old)s""",
            name=self._credential, sealed=self._safe.encrypt(_text(token)), old=old,
        )  # fmt: skip
        kept = self.current()
        return kept if kept.token else StoredToken(kept.number, token)

    def _kept(self, number: int, sealed: memoryview | None) -> StoredToken:
        """Unseal a token; one sealed with another app_secret is none: it was given for a secret that is no longer
        ours."""
        if sealed is None:
            return StoredToken(number)
        try:
            return StoredToken(number, _token(self._safe.decrypt(bytes(sealed))))
        except InvalidToken:
            return StoredToken(number)


def _key(app_secret: str, credential: str) -> bytes:
    derive = HKDF(SHA256(), 32, salt=None, info=f"jst token of {credential}".encode())
    return base64.urlsafe_b64encode(derive.derive(app_secret.encode()))


def _text(token: Token) -> bytes:
    return json.dumps([token.access, token.refresh, token.issued.isoformat(), token.ends.isoformat()]).encode()


def _token(text: bytes) -> Token:
    access, refresh, issued, ends = json.loads(text)
    return Token(access, refresh, datetime.fromisoformat(issued), datetime.fromisoformat(ends))
