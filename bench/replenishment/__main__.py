"""Follow the plan through 90 days of the sandbox's demand: ``python -m bench.replenishment``. Nothing is started:
demand is made as the sandbox makes it, and all rules live through the same days (docs/benchmarks.md says how).

Exit code 0 when, wherever an ERP's minimum and maximum are set to lose what ``LOSING`` says, the plan loses at most
half with the same stock, and needs a fifth less stock to lose the same; else 1. Takes minutes: a set-up and seed on
each processor.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from statistics import mean
from time import process_time

from bench.replenishment.backtest import compare
from bench.replenishment.company import Company, KnownPromos, live, split
from bench.replenishment.frontier import Frontier
from bench.replenishment.rules import MinMax, Oracle, Planned
from bench.replenishment.simulation import Lead, Rule, run
from jst.replenishment.terms import Params

HISTORY, WARM, DAYS, LAST = 90, 21, 90, date(2026, 12, 15)
LEAD, LEAD_DAYS, SPREAD = Lead(4, 10), 7, 3
FACTORS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
LEVELS = (0.5, 0.75, 0.9, 0.97, 0.995)
LOSING = (0.01, 0.02, 0.045)
HALF, FIFTH = 0.5, 0.2


@dataclass(frozen=True, slots=True)
class Setup:
    """A company. ``per_hour``: orders; ``warehouses``: their weights, one where there are none to tell apart."""

    title: str
    skus: int
    per_hour: float
    cover_days: int
    warehouses: tuple[float, ...] = ()

    def live(self, seed: int) -> Company:
        """Let it live."""
        whole = live(seed, LAST, HISTORY + WARM + DAYS, self.per_hour, self.skus)
        return split(whole, seed, self.warehouses) if self.warehouses else whole

    def params(self, level: float) -> Params:
        """Return what its plans are asked for."""
        return Params(self.cover_days, LEAD_DAYS, SPREAD, level)


SETUPS = (
    Setup("慢（每天约 1 件，覆盖 7 天）", 120, 2.4, 7),
    Setup("快（每天约 7 件，覆盖 14 天）", 60, 9, 14),
    Setup("三个仓库（每仓每天约 1 件，覆盖 7 天）", 40, 2.4, 7, (0.5, 0.3, 0.2)),
)
RULES: Mapping[str, Callable[[Setup, float, Company], Rule]] = {
    "上下限": lambda setup, factor, _: MinMax(factor, setup.params(0.95)),
    "计划": lambda setup, level, _: Planned(setup.params(level), KnownPromos()),
    "计划，不调拨": lambda setup, level, _: Planned(setup.params(level), KnownPromos(), transfers=False),
    "全知": lambda setup, level, company: Oracle(setup.params(level), KnownPromos(), company),
}
ERP, PLAN, APART, KNOWING = RULES


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="make bench NAME=replenishment", description="补货计划对 ERP 上下限：90 天沙箱需求，缺货与库存"
    )
    parser.add_argument("--seeds", default="1,2,3", help="随机种子，逗号分开（默认 1,2,3）")
    parser.add_argument("--setups", default="0,1,2", help="哪几种公司，逗号分开（默认 0,1,2）")
    args = parser.parse_args(arguments)
    setups = [SETUPS[int(each)] for each in args.setups.split(",")]
    seeds = [int(each) for each in args.seeds.split(",")]
    _show_backtest(setups[0].live(seeds[0]))
    found: dict[Setup, list[dict[str, Frontier]]] = defaultdict(list)
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        lives = {(setup, seed): pool.submit(_lived, setup, seed) for setup in setups for seed in seeds}
        for (setup, seed), future in lives.items():
            frontiers, seconds = future.result()
            print(f"  {setup.title}，种子 {seed}：{seconds:.0f} 核秒", file=sys.stderr, flush=True)
            found[setup].append(frontiers)
    reached = [_show(setup, frontiers) for setup, frontiers in found.items()]
    return 0 if all(reached) else 1


def _lived(setup: Setup, seed: int) -> tuple[dict[str, Frontier], float]:
    """Let a company live by every rule."""
    began, company = process_time(), setup.live(seed)
    rules = [rule for rule in RULES if rule != APART or setup.warehouses]
    return {
        rule: Frontier(
            [
                run(company, RULES[rule](setup, strictness, company), LEAD, HISTORY, WARM)
                for strictness in (FACTORS if rule == ERP else LEVELS)
            ]
        )
        for rule in rules
    }, process_time() - began


def _show(setup: Setup, seeds: Sequence[dict[str, Frontier]]) -> bool:
    """Print what every rule comes to beside the ERP's, on average over the seeds; returns whether the plan reaches
    both aims everywhere."""
    print(f"\n{setup.title}，{len(seeds)} 个种子的平均")
    print(
        "| 上下限丢掉 | 库存、每天订货行 | 规则 | 同样库存：丢掉 | 少丢 | 同样服务：库存 | 少压 | 每天订货行、调拨行 |"
    )
    print("|-|-|-|-|-|-|-|-|")
    reached = True
    for losing in LOSING:
        erps = [each[ERP].losing(losing) for each in seeds]
        for rule in list(seeds[0])[1:]:
            with_stock = [each[rule].with_stock(erp.stock) for each, erp in zip(seeds, erps, strict=True)]
            same = [each[rule].losing(losing) for each in seeds]
            lost = mean(point.lost for point in with_stock)
            less = mean(1 - point.stock / erp.stock for point, erp in zip(same, erps, strict=True))
            cells = (
                f"{losing:.1%}",
                f"{mean(erp.stock for erp in erps):.0f}、{mean(erp.orders for erp in erps):.1f}",
                rule,
                f"{lost:.2%}",
                f"{1 - lost / losing:.0%}",
                f"{mean(point.stock for point in same):.0f}",
                f"{less:.0%}",
                f"{mean(point.orders for point in same):.1f}、{mean(point.moves for point in same):.1f}",
            )
            print(f"| {' | '.join(cells)} |", flush=True)
            reached = reached and (rule != PLAN or (lost <= losing * HALF and less >= FIFTH))
    return reached


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
