"""What DingTalk's codes mean: ``errcode`` of a custom robot, ``code`` of the app robot's newer interface."""

from __future__ import annotations

from jst.errors import JstError, Misconfigured, Retry, Unaccepted
from jst.messages.robot import CHECK_CLOCK, UNKNOWN, Code, too_fast, wrong
from jst.messages.web_post import Reply

THROTTLED_SECONDS = 600.0
"""A robot that sent more than 20 messages within a minute is throttled for ten."""
_TOKEN = wrong(
    "access_token 不存在（机器人被删除，或 token 填错）",
    "从群设置里机器人的 webhook 复制 access_token 到连接的 password",
)
_SECURITY = {
    "keyword": wrong(
        "没有机器人要求的关键词", "在机器人的安全设置里改用“加签”，或把关键词改成每条消息都有的字，例如“数据”"
    ),
    "whitelist": wrong("这台机器的出口 IP 不在白名单", "把出口 IP 加进机器人的 IP 段，或改用“加签”"),
    "timestamp": wrong("时间戳无效", CHECK_CLOCK),
    "sign": wrong("签名不对", CHECK_CLOCK),
}
_CODES: dict[str, Code] = {
    "-1": Code(Retry, "系统繁忙", "稍后自动再发", 30.0),
    "130101": too_fast("发送太快，超过每分钟 20 条，停 10 分钟", THROTTLED_SECONDS),
    "410100": too_fast("发送太快被限流", THROTTLED_SECONDS),
    "300005": _TOKEN,
    "40014": _TOKEN,
    "400101": _TOKEN,
    "400013": wrong("群已经解散", "在新的群里添加机器人，把 access_token 填到连接的 password"),
    "400102": wrong("机器人已经停用", "在群设置里启用它"),
    "40035": Code(Unaccepted, "缺少参数或参数不合法", "这条消息的格式不被接受：把消息页上的内容报给维护者"),
    "43002": Code(Unaccepted, "必须用 POST", "检查连接的 host：中间的代理把 POST 改成了 GET"),
    "460101": Code(Unaccepted, "消息超过 20000 字节", "缩短内容，其余放进链接"),
    **{str(code): Code(Unaccepted, "内容含有不被允许的文字或链接", "改掉内容后再发") for code in range(430101, 430105)},
}
_APP_CODES = {
    "Throttling": too_fast("应用接口调用太快", 60.0),
    "Forbidden": wrong("应用没有发送群消息的权限", "在开放平台给应用开通机器人与群消息权限，并把它加进群"),
    "invalidClientIdOrSecret": wrong("app_key 或 app_secret 不对", "从开放平台的应用凭证复制到连接的 extra"),
    "invalidParameter.robotCode": wrong("robot_code 不对", "从应用的机器人页复制 robotCode 到连接的 extra"),
    "invalidParameter.openConversationId": wrong("open_conversation_id 不对", "用机器人所在群的 openConversationId"),
    "invalidParameter": Code(Unaccepted, "参数不合法", "核对连接的 extra.robot_code 与 extra.open_conversation_id"),
}


def check(reply: Reply) -> None:
    """Raise what a custom robot's answer orders; returns when the message was accepted."""
    code, said = str(reply.body.get("errcode", "")), str(reply.body.get("errmsg", ""))[:200]
    if code == "0":
        return
    raise _of_robot(code, said)


def _of_robot(code: str, said: str) -> JstError:
    meaning = _CODES.get(code, UNKNOWN)
    if code == "310000":
        word = next((word for word in _SECURITY if word in said.lower().replace("ip ", "whitelist ")), "")
        meaning = _SECURITY.get(word) or wrong(
            "安全设置不符（关键词、加签或 IP）", "核对机器人的安全设置与连接的 extra.secret"
        )
    return meaning.error("钉钉", f"errcode {code} {said}".strip())


def check_app(reply: Reply) -> None:
    """Raise what the app robot's answer orders: an error has a ``code`` and an HTTP status that is not 200."""
    code, said = str(reply.body.get("code", "")), str(reply.body.get("message", ""))[:200]
    if reply.status == 200 and not code:
        return
    known = sorted((prefix for prefix in _APP_CODES if code.startswith(prefix)), key=len)
    meaning = _APP_CODES[known[-1]] if known else Code(Misconfigured, "应用机器人的接口报错", UNKNOWN.do)
    raise meaning.error("钉钉", f"{code} {said}".strip())
