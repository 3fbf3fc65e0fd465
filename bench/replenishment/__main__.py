"""Follow the plan through 90 days of the sandbox's demand: ``python -m bench.replenishment``. Nothing is started:
demand is made as the sandbox makes it, and both rules live through the same days (docs/benchmarks.md says how).

Exit code 0 when, beside an ERP's minimum and maximum that loses ``--lost`` of what is wanted, the plan loses at most
half with the same stock, and needs a fifth less stock to lose the same, over all seeds together; else 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from statistics import mean
from time import process_time

from bench.replenishment.backtest import compare
from bench.replenishment.company import Company, KnownPromos, NoPromos, live
from bench.replenishment.frontier import Frontier
from bench.replenishment.rules import MinMax, Planned
from bench.replenishment.simulation import Lead, Result, run
from jst.replenishment.experience import PromoDays
from jst.replenishment.terms import Params

HISTORY, WARM, DAYS = 90, 21, 90
FACTORS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
LEVELS = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="make bench NAME=replenishment", description="补货计划对 ERP 上下限：90 天沙箱需求，缺货与库存"
    )
    parser.add_argument("--seeds", default="1,2,3", help="随机种子，逗号分开（默认 1,2,3）")
    parser.add_argument("--skus", type=int, default=300, help="商品数（默认 300）")
    parser.add_argument(
        "--per-hour", type=float, default=6, help="平时每小时的订单（默认 6，如沙箱 3000 个商品、60 单）"
    )
    parser.add_argument("--last", type=date.fromisoformat, default=date(2026, 12, 15), help="最后一天（默认含双 11）")
    parser.add_argument("--cover", type=int, default=7, help="覆盖天数（默认 7）")
    parser.add_argument("--lead", type=int, default=7, help="到货天数（默认 7）")
    parser.add_argument("--spread", type=int, default=3, help="到货天数的浮动（默认 3）")
    parser.add_argument("--lost", type=float, default=0.01, help="上下限规则丢掉的份额，在此处比较（默认 0.01）")
    parser.add_argument("--no-promos", action="store_true", help="计划不知道大促日（promos.yaml 空着）")
    args = parser.parse_args(arguments)
    params = Params(cover_days=args.cover, lead_days=args.lead, lead_spread_days=args.spread)
    lead = Lead(args.lead - args.spread, args.lead + args.spread)
    promos: PromoDays = NoPromos() if args.no_promos else KnownPromos()
    found = list[tuple[float, float]]()
    for number, seed in enumerate(map(int, args.seeds.split(","))):
        company = live(seed, args.last, HISTORY + WARM + DAYS, args.per_hour, args.skus)
        if not number:
            _show_backtest(company)
        found.append(_compare(seed, company, params, lead, promos, args.lost))
    lost, stock = (mean(each) for each in zip(*found, strict=True))
    print(f"\n平均：同样的库存，少丢 {lost:.0%}；同样的服务，少压 {stock:.0%}")
    return 0 if lost >= 0.5 and stock >= 0.2 else 1


def _compare(
    seed: int, company: Company, params: Params, lead: Lead, promos: PromoDays, at: float
) -> tuple[float, float]:
    """Print what both rules come to; returns what the plan saves of lost sales and of stock where the ERP's rule loses
    the share ``at``."""
    began = process_time()
    erps = [run(company, MinMax(factor, params), lead, HISTORY, WARM) for factor in FACTORS]
    plans = list[Result]()
    for level in LEVELS:
        asked = Params(params.cover_days, params.lead_days, params.lead_spread_days, level)
        plans.append(run(company, Planned(asked, promos), lead, HISTORY, WARM))
        print(
            f"  计划 {level:.1%}：丢 {plans[-1].lost:.2%}，库存 {plans[-1].stock:.0f}，每天 {plans[-1].orders:.1f} 行",
            flush=True,
        )
    erp, ours = Frontier(erps), Frontier(plans)
    print(f"种子 {seed}（{process_time() - began:.0f} 核秒）")
    print("| 上下限：下限的倍数 | 丢掉 | 平均库存 | 每天订货行 | 计划，同样库存：丢掉 | 少丢 | 同样服务：库存 | 少压 |")
    print("|-|-|-|-|-|-|-|-|")
    points = [(f"{factor:g}", point) for factor, point in zip(FACTORS, erps, strict=True)]
    stock = erp.stock_at(at)
    for name, each in [*points, ("比较点", Result(at, stock, erp.orders_at(stock)))]:
        lost, less = ours.lost_at(each.stock), ours.stock_at(each.lost)
        print(
            f"| {name} | {each.lost:.2%} | {each.stock:.0f} | {each.orders:.1f} | {lost:.2%} | "
            f"{1 - lost / each.lost:.0%} | {less:.0f} | {1 - less / each.stock:.0%} |"
        )
    return 1 - ours.lost_at(stock) / at, 1 - ours.stock_at(at) / stock


def _show_backtest(company: Company) -> None:
    print("需求预测的回测：此后 14 天卖出的件数，误差占实际的份额；后两列：95% 的量够用的份额")
    for pattern, methods in sorted(compare(company, HISTORY).items()):
        cases = methods["naive"][0]
        print(
            f"  {pattern}（{cases} 次）：" + "，".join(f"{name} {value:.1%}" for name, (_, value) in methods.items()),
            flush=True,
        )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
