"""Where the shops workbook lies: connection ``shops_workbook`` names a path, an http(s) address or object storage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from airflow.sdk import ObjectStoragePath

from jst.airflow.connections import connection_if_any
from jst.errors import Misconfigured, Retry
from jst.model.module import INCLUDE
from jst.model.tls_refusal import tls_refusal
from jst.workbook.shops import Shops, parse_workbook, read_workbook

CONN_ID = "shops_workbook"
OURS = INCLUDE / "config" / "shops.xlsx"
"""Where a company keeps its workbook beside the code; we ship none, only an example with headings."""
_LARGEST_BYTES = 20 * 2**20
_MEND = f"检查连接 {CONN_ID} 的 extra.url、账号与网络；恢复前沿用上一份正确的"


def workbook() -> Shops | None:
    """Read the workbook that connection ``shops_workbook`` names, else the one beside the code; None where there is
    neither. Raises Misconfigured naming every cell that cannot be right, and Retry while its server is away."""
    conn = connection_if_any(CONN_ID)
    if conn is None:
        return read_workbook(OURS) if OURS.exists() else None
    address = str((conn.extra_dejson or {}).get("url") or "")
    parts = urlsplit(address)
    if parts.scheme in ("http", "https"):
        return parse_workbook(_over_http(address, conn), _name(parts.path))
    if parts.scheme:
        return parse_workbook(_of_object_storage(address), _name(parts.path))
    if not address:
        raise Misconfigured(
            f"连接 {CONN_ID} 没有写 extra.url", do="写上路径、http(s) 地址或对象存储地址，或删除这个连接"
        )
    return read_workbook(Path(address))


def _over_http(address: str, conn: Any) -> bytes:
    # neither a signed address nor a login in it may reach the log, nor an error that quotes it
    shown = re.sub(r"//[^/]*@", "//", address.partition("?")[0])
    login = (conn.login, conn.password or "") if conn.login else None
    try:
        with httpx.stream("GET", address, auth=login, timeout=30, follow_redirects=True) as answer:
            if answer.status_code in (401, 403, 404, 410):
                raise Misconfigured(f"{shown} 回答 HTTP {answer.status_code}", do=_MEND)
            answer.raise_for_status()
            content = bytearray()
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > _LARGEST_BYTES:
                    raise Misconfigured(f"{shown} 大于 {_LARGEST_BYTES >> 20} MB，不是店铺表", do=_MEND)
            return bytes(content)
    except httpx.HTTPStatusError as error:
        raise Retry(f"{shown} 回答 HTTP {error.response.status_code}", do=_MEND, after=5.0) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        if refusal := tls_refusal(str(error), "环境变量 SSL_CERT_FILE"):
            raise Retry(f"{shown} {refusal[0]}", do=refusal[1], after=5.0) from None
        raise Retry(f"取不到 {shown}：{type(error).__name__}", do=_MEND, after=5.0) from None


def _of_object_storage(address: str) -> bytes:
    """Read ``s3://conn_id@bucket/key`` and every other kind of address that the installed providers know."""
    try:
        content: bytes = ObjectStoragePath(address).read_bytes()
    except (ImportError, ValueError) as error:
        scheme = urlsplit(address).scheme
        raise Misconfigured(
            f"没有读取 {scheme}:// 的程序包",
            do="安装相应的 provider（s3 是 apache-airflow-providers-amazon[s3fs]），或改用 http(s) 的签名地址",
        ) from error
    except FileNotFoundError as error:
        raise Misconfigured(f"找不到 {address}", do=_MEND) from error
    except Exception as error:  # every storage has errors of its own
        raise Retry(f"取不到 {address}：{type(error).__name__}", do=_MEND, after=5.0) from error
    return content


def _name(path: str) -> str:
    return path.rpartition("/")[2] or path
