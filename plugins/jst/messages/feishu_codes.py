"""What Feishu's codes mean: ``code`` in the body, of custom bots and of the open platform."""

from __future__ import annotations

from jst.errors import Misconfigured, Reauthorise, Retry, Unaccepted
from jst.messages.robot import CHECK_CLOCK, UNKNOWN, Code, too_fast, wrong
from jst.messages.web_post import Reply

_APP = wrong("app_id 或 app_secret 不对", "从开放平台的应用凭证复制到连接的 extra")
_CODES: dict[str, Code] = {
    "9499": Code(Unaccepted, "请求的格式不对，或超过 20 KB", "这条消息的格式不被接受：把消息页上的内容报给维护者"),
    "11232": too_fast("平台限流（整点与半点最多）", 60.0),
    "99991400": too_fast("接口调用太频繁", 60.0),
    "19001": wrong("机器人不存在（被删除，或 hook id 填错）", "从机器人的 webhook 地址复制最后一段到连接的 password"),
    "19002": Code(Unaccepted, "参数不合法", "这条消息的格式不被接受：把消息页上的内容报给维护者"),
    "19021": wrong("签名不对，或时间戳与北京时间相差超过 1 小时", CHECK_CLOCK),
    "19022": wrong("这台机器的出口 IP 不在白名单", "把出口 IP 加进机器人的 IP 白名单，或改用签名校验"),
    "19024": wrong(
        "没有机器人要求的关键词", "在机器人的安全设置里改用签名校验，或把关键词改成每条消息都有的字，例如“数据”"
    ),
    "11246": Code(Unaccepted, "卡片内容不合法", "这条消息的格式不被接受：把消息页上的内容报给维护者"),
    "10003": _APP,
    "10014": _APP,
    "99991663": Code(Reauthorise, "令牌过期", "会自动换新"),
    "99991661": Code(Reauthorise, "没有令牌", "会自动换新"),
    "99991672": wrong("应用没有上传图片的权限", "在开放平台给应用开通 im:resource 权限并发布"),
    "234001": Code(Unaccepted, "图片参数不合法", "图片不被接受：改发文字"),
    "234006": Code(Unaccepted, "图片超过 10 MB", "图片不被接受：改发文字"),
}
_TOO_MANY = too_fast("请求太频繁", 60.0)


def check(reply: Reply) -> None:
    """Raise what the answer orders; returns when it was accepted. Older bots answer ``StatusCode``."""
    code = str(reply.body.get("code", reply.body.get("StatusCode", "")))
    if code == "0":
        return
    said = str(reply.body.get("msg", reply.body.get("StatusMessage", "")))[:200]
    meaning = _CODES.get(code, UNKNOWN)
    if code == "9499" and "too many" in said.lower():  # one code for a wrong body and for too many of them
        meaning = _TOO_MANY
    if issubclass(meaning.order, Retry) and reply.headers.get("x-ogw-ratelimit-reset", "").isdecimal():
        after = max(1.0, float(reply.headers["x-ogw-ratelimit-reset"]))
        meaning = Code(meaning.order, meaning.what, meaning.do, after)
    if not code:
        meaning = Code(Misconfigured, "答复里没有 code", "检查连接的 host：这个地址后面不是飞书")
    raise meaning.error("飞书", f"code {code} {said}".strip())
