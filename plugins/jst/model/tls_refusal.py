"""What a TLS handshake that failed means, whichever library reports it: what happened, and what to do."""

from __future__ import annotations

import re

SIGNS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(sign, re.IGNORECASE), what, do)
    for sign, what, do in (
        (
            r"hostname mismatch|ip address mismatch|does not match host name",
            "的证书上没有这个主机名",
            "连接的 host 写证书上的名字，或请管理员把这个名字加进证书",
        ),
        (
            r"certificate has expired|certificate is not yet valid",
            "的证书不在有效期内",
            "请管理员换证书；证书是新的时，核对两台机器的时间",
        ),
        (
            r"self.signed certificate|unable to get (?:local )?issuer certificate",
            "的证书不是由信任的 CA 签发的",
            "把签发它的 CA 的证书文件写进 {ca}；每台运行 Airflow 的机器上都要有这个文件",
        ),
        # some libraries do not say which of the three it was
        (
            r"certificate.verify.failed",
            "的证书没有通过校验",
            "核对三件事：{ca} 是签发它的 CA 的证书文件，连接的 host 是证书上的名字，证书没有过期",
        ),
        (
            r"root certificate file .* (?:does not exist|could not be read)|could not (?:load|read) root certificate"
            r"|ssl\.ca\.location failed|no certificate or crl found|\[X509",
            "的 CA 证书文件读不到",
            "核对 {ca}：每台运行 Airflow 的机器上都要有这个文件，Airflow 的账号能读它",
        ),
        (
            r"wrong.version.number|does not support ssl|PLAINTEXT broker listener|record layer failure",
            "没有用 TLS 答复",
            "核对端口；服务器没有打开 TLS 时，从连接里去掉 TLS 的设置",
        ),
        (
            r"certificate required|requires a valid client certificate",
            "要求客户端证书",
            "把客户端证书和私钥的文件写进连接：docs/zh/security.md",
        ),
        (
            r"no pg_hba\.conf entry .* no encryption",
            "只接受 TLS",
            "在连接里打开 TLS：docs/zh/security.md",
        ),
        # librdkafka's: the first request is answered by nothing
        (
            r"closed by peer.* in state APIVERSION_QUERY|incorrect security\.protocol",
            "一连上就断开",
            "多半是它只接受 TLS：核对连接的 security.protocol；不然它正在启动或停止，稍后自动重试",
        ),
    )
)


def tls_refusal(said: str, ca: str) -> tuple[str, str] | None:
    """Return what happened, to stand behind the server's name, and what to do, when ``said``, a library's own words, is
    about TLS; None when it is not. ``ca``: where the connection names the file of its CA."""
    for sign, what, do in SIGNS:
        if sign.search(said):
            return what, do.format(ca=ca)
    return None
