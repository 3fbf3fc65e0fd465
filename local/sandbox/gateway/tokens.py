"""Bearer tokens of the gateway dialect: JWT HS256 signed with app_secret; claims app_key, scope, iat, exp."""

from __future__ import annotations

from typing import Any

import jwt

from local.sandbox.answers import Refusal
from local.sandbox.front import App
from local.sandbox.times import beijing

LIFE = 600
SKEW = 60


def scopes(authorization: str, app: App, now: float) -> frozenset[str]:
    """Return the scopes a valid Authorization header grants at ``now`` (Unix seconds). Raises Refusal 401."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Refusal(401, 40101, "缺少 Authorization: Bearer 令牌")
    claims = _claims(token.strip(), app)
    _check_times(claims, now)
    return frozenset(str(claims.get("scope", "")).split())


def _claims(token: str, app: App) -> dict[str, Any]:
    unchecked = {"verify_signature": False, "verify_exp": False, "verify_iat": False}
    checked = {**unchecked, "verify_signature": True}
    try:
        app_key = jwt.decode(token, options=unchecked).get("app_key")  # type: ignore[arg-type]
        if app_key != app.key:
            raise Refusal(401, 40104, f"app_key 不存在：{str(app_key)[:64]}")
        claims: dict[str, Any] = jwt.decode(token, app.secret, algorithms=["HS256"], options=checked)  # type: ignore[arg-type]
    except jwt.PyJWTError:
        raise Refusal(401, 40101, "签名无效：令牌不是用该 app_key 的 app_secret 以 HS256 签出的") from None
    return claims


def _check_times(claims: dict[str, Any], now: float) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    server = f"服务器时间 {beijing(now)}（北京时间）"
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise Refusal(401, 40103, f"令牌缺少 iat 或 exp；{server}")
    if issued > now + SKEW:
        raise Refusal(401, 40103, f"令牌签发时间晚于服务器时间；{server}")
    if expires - issued > LIFE:
        raise Refusal(401, 40103, f"令牌有效期超过 {LIFE} 秒；{server}")
    if expires < now - SKEW:
        raise Refusal(401, 40102, f"令牌已过期；{server}")
