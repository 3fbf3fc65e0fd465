"""Run the sandbox: python -m local.sandbox --port 18200 --data DIR"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from local.sandbox.app import application, live
from local.sandbox.clock import ShopClock
from local.sandbox.faults import Faults
from local.sandbox.front import App, Front, Sleep
from local.sandbox.gateway.server import Gateway
from local.sandbox.history import History
from local.sandbox.kinds.ids import DIALECTS
from local.sandbox.messengers.desk import Desk
from local.sandbox.openapi.server import OpenApi
from local.sandbox.quota import Quota
from local.sandbox.rhythm import STEADY, Rhythm
from local.sandbox.shop import Shop
from local.sandbox.store import Store, Unusable
from local.sandbox.usage import USAGE


class CuttableProtocol(HttpToolsProtocol):
    """Lets a fault cut the connection without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"sandbox.cut": self.transport.abort}  # type: ignore[dict-item]


def main() -> int:
    """Exit code: 0 after SIGTERM or SIGINT, 1 when it cannot start."""
    args = _arguments()
    if not args.app_secret:
        return _fail("没有 app_secret：请设置环境变量 JST_ERP_SECRET，或给出 --app-secret")
    try:
        listener = socket.create_server((args.host, args.port), backlog=128)
    except OSError as problem:
        return _fail(f"端口 {args.port} 不可用（{problem.strerror}）：请停掉占用它的进程，或换一个 --port")
    # asyncio does so only for sockets that name their protocol; without it each answer waits for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        store = Store(args.data, args.dialect)
    except Unusable as problem:
        return _fail(str(problem))
    try:
        return _serve(args, store, listener)
    finally:
        store.close()


def _serve(args: argparse.Namespace, store: Store, listener: socket.socket) -> int:
    # The next start must not deal the same cards again.
    rng = random.Random(f"{args.seed}/{store.recall('ts')}")
    faults = Faults(rng, args.dialect)
    history, clock = History(args.history_days, args.history_per_hour), ShopClock(store)
    shop = Shop(
        store, faults, rng, clock.time, skus=args.skus, per_hour=args.orders_per_hour, history=history,
        rhythm=Rhythm(args.seed) if args.rhythm else STEADY, flat=args.flat,
    )  # fmt: skip

    async def sleep(seconds: float) -> None:
        """Cut short when the server stops: no hanging request may hold it up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not server.should_exit:
            await asyncio.sleep(0.05)

    front, desk = _front(args, store, faults, clock, sleep), Desk(args.app_secret, sleep)
    config = uvicorn.Config(
        application(shop, faults, front, desk, clock.time, clock.move),
        http=CuttableProtocol,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,  # clients drop idle lines after 5 s: at the same moment, a request would be lost
    )
    # The server raises the signal again after its shutdown; without this the process would die of it, not end.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    where = f"http://{args.host}:{args.port}"
    pace = "匀速" if args.flat or not args.rhythm else "随钟点起落"
    print(f"沙箱 ERP 已启动：{where}，方言 {args.dialect}，每小时 {args.orders_per_hour:g} 单，{pace}", flush=True)
    server = uvicorn.Server(config)
    asyncio.run(_until_stopped(server, shop, listener))
    return 0


def _front(args: argparse.Namespace, store: Store, faults: Faults, clock: ShopClock, sleep: Sleep) -> Front:
    app, quota = App(args.app_key, args.app_secret), Quota(clock.monotonic, enforced=not args.no_quota)
    if args.dialect == "openapi":
        return OpenApi(store, faults, quota, app, clock.time, sleep, args.token_seconds)
    return Gateway(store, faults, quota, app, clock.time, sleep)


async def _until_stopped(server: uvicorn.Server, shop: Shop, listener: socket.socket) -> None:
    """Serve while the shop lives; if the shop fails, so does the process: a shop that only seems to live misleads."""
    living = asyncio.create_task(live(shop))
    serving = asyncio.create_task(server.serve([listener]))
    await asyncio.wait({living, serving}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    if living.done():
        living.result()
    living.cancel()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.sandbox",
        description="沙箱 ERP：代替聚水潭的本机数据源，店铺一直在营业。",
        epilog=USAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, required=True, help="监听的端口")
    parser.add_argument("--host", default="127.0.0.1", help="监听的地址（默认 127.0.0.1）；/sandbox 只答复本机")
    parser.add_argument("--data", type=Path, required=True, help="数据目录；同一目录重启后接着营业")
    parser.add_argument("--dialect", choices=DIALECTS, default="gateway", help="方言（默认 gateway）；一个目录只说一种")
    parser.add_argument("--orders-per-hour", type=float, help="每小时新订单数，匀速（默认 50000，有 --rhythm 时按它）")
    parser.add_argument(
        "--rhythm", type=float, metavar="单数",
        help="像一家公司那样营业：平时平均每小时这么多单，随钟点、周末、大促起落，退货隔几天；历史也一样",
    )  # fmt: skip
    parser.add_argument("--skus", type=int, default=3000, help="开店时的商品数（默认 3000）")
    parser.add_argument("--history-days", type=float, default=0, help="开店时补齐多少天的历史订单（默认 0）")
    parser.add_argument("--history-per-hour", type=float, default=0, help="历史上每小时的订单数（默认同 --rhythm）")
    parser.add_argument("--no-quota", action="store_true", help="不限流（压测用）")
    parser.add_argument("--token-seconds", type=int, default=2_592_000, help="openapi 令牌的有效秒数（默认 2592000）")
    parser.add_argument("--seed", type=int, default=1, help="随机种子（默认 1）")
    parser.add_argument("--app-key", default="sandbox_app", help="app_key（默认 sandbox_app）")
    parser.add_argument("--app-secret", default=os.environ.get("JST_ERP_SECRET"), help="默认取环境变量 JST_ERP_SECRET")
    args = parser.parse_args()
    args.flat = args.orders_per_hour is not None
    args.orders_per_hour = args.orders_per_hour if args.flat else args.rhythm or 50_000
    if args.history_days and args.rhythm:
        args.history_per_hour = args.history_per_hour or args.rhythm
    if bool(args.history_days) != bool(args.history_per_hour):
        parser.error("--history-days 与 --history-per-hour 要一起给")
    return args


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
