"""The on-call page of a live feed: what its module says of itself, and what is true of every live feed."""

from __future__ import annotations

import re

HEADINGS = ("搬什么", "多久算晚", "变红了：先看什么，再做什么", "能清除吗", "重跑过去")
_COMMON = {
    "搬什么": """\
一次运行是**一班**（最多 5 分钟）：`watch` 发现源端有变更后，`pull` 每隔一两秒（openapi 方言 5 秒）拉一小段写入 Kafka，`load` 同时把已写入的批次装进宽表。
30 秒没有新变更就下班；到时间前 15 秒，已经在等的下一次运行先准备好，再接着读，中间不停（同时有两次运行是正常的）。没有变更时 `watch` 停在 **deferred**（紫色），不占 worker，这是正常状态。""",
    "多久算晚": """\
正常 2–5 秒可见（openapi 方言 15 秒以内）。read watermark（读到哪里）落后现在 60 秒以上算晚；complete watermark（证明完整到哪里）在首次装载完成前停在首次装载的起点，之后落后 10 分钟以上要看。在导航栏的**账本**里看，停住的原因也写在那里。
中断之后先读最新的，落下的部分（缺口）随后补，期间完整水位不动；补到哪里、还要多久看 `pull` 的日志和 `make status`。
源端几乎全部拒绝（429）时自动**降级**为每 5 分钟一批，`watch` 的日志写明从何时起、为什么；连续三批没有被拒就自动恢复，不用处理。""",
    "变红了：先看什么，再做什么": """\
1. 打开导航栏的**账本**：第一行说哪里不对、怎么处理。再打开红色任务的日志，看最后几行中文：发生了什么（模块、窗口、页、request_id），以及“处理：”后面写的做法。
2. `watch` 红：连接或权限不对（密钥、IP 白名单、授权、时钟），或源端 90 秒没有答复（同 3，恢复后自己继续）。按日志改好连接 `jushuitan_default`；系统每 5 分钟自己再试一次，想立刻试就清除这个 `watch`。
3. `pull` 红：源端或 Kafka 超过 90 秒不可用（从第一次失败算起，不管换了几班）。计划都还在，恢复后下一班自动接着做，不用补任何东西。
4. `load` 黄或红：ClickHouse 超过 90 秒不可用；数据都在 Kafka 里，恢复后几秒内自动装载。日志写“已过期”时（Kafka 丢了记录），相应的计划会自动重新拉取。
5. 连续失败时系统自己等 10 秒、20 秒 … 最长 5 分钟再开下一班，不会刷出一片红。
6. 完整水位停住而读水位在走：有死信或被放在一边的计划，由 `jst_dead_letters` 每 10 分钟重投；原因在 `make status`。
逐步说明（带真实日志）：`docs/runbooks/` 的 `watch-red.md`、`pull-red.md`、`letters-limit.md`、`load-red.md`、`dead-letters-parked.md`。""",
    "能清除吗": """\
随时可以，清几次都一样。清除某次运行的 `pull` 会在当前班结束后**只重做那一次运行的计划**，由紧接着的一班装载。红的 `watch`、`pull`、`load` 改好原因后清除，马上再试，不等到自动重试的时间；没改好就再红一次。清除 `load` 会装载所有已拉取未装载的批次。版本号保证旧数据不会盖住新数据。清除 `watch` 等于再开一班。""",
    "重跑过去": "只想重做某一班，清除那一班的 `pull` 与 `load`。",
}


def live_page(own: str) -> str:
    """Add what every live feed has in common below ``own``'s headings, and the headings it leaves out.

    A page that has all five headings says everything itself and stays as it is.
    """
    title, *sections = re.split(r"^## ", own, flags=re.MULTILINE)
    said = {heading.strip(): text.strip() for heading, _, text in (section.partition("\n") for section in sections)}
    if set(HEADINGS) <= set(said):
        return own
    parts = (f"## {heading}\n" + "\n".join(filter(None, (said.get(heading), _COMMON[heading]))) for heading in HEADINGS)
    return "\n\n".join([title.strip(), *parts]) + "\n"
