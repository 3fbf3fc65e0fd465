"""``python -m local.verify [--freeze] [--wait SECONDS]``: exit code 0 equal, 1 different, 2 could not compare."""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial

from local.layout import LocalError
from local.verify import report
from local.verify.addresses import Addresses
from local.verify.problem import CannotCompare
from local.verify.run import Verification

say = partial(print, flush=True)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        return _verify(options.freeze, options.wait)
    except (CannotCompare, LocalError) as problem:
        print(f"✗ 无法比较：{problem}", file=sys.stderr)
        return 2


def _verify(freeze: bool, wait: float) -> int:
    began = time.monotonic()
    addresses = Addresses.known()
    verification = Verification(addresses, say)
    try:
        all_findings = verification.run(freeze=freeze, wait=wait)
        for findings in all_findings:
            for line in report.table(findings):
                say(line)
        for module in verification.control.modules():
            for line in report.trouble(module, verification.control.trouble(module)):
                say(line)
        for line in report.without_rules(verification.without_rules()):
            say(line)
        say(report.labels(verification.stale_labels()))
    finally:
        verification.close()
    say(report.result(all_findings, time.monotonic() - began))
    if freeze:
        say(f"店铺保持冻结；恢复营业：curl -X POST {addresses.erp}/sandbox/thaw")
    return 0 if all(findings.clean for findings in all_findings) else 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("verify", description="把宽表与沙箱 ERP 的真值逐行逐列比较")
    parser.add_argument("--freeze", action="store_true", help="先让沙箱店铺停止变化（之后保持冻结）")
    # labels are rewritten every five minutes: a shorter wait finds differences that are none
    parser.add_argument("--wait", type=float, default=330.0, metavar="秒", help="最多等多久让数据流跟上，默认 330")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
