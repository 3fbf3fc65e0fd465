"""A replay as a process of its own, to be killed: addresses on standard input, run id as argument."""

from __future__ import annotations

import json
import sys

import jst.flow.replay.kafka_replay
from jst.addresses import KnownAddresses
from jst.wiring import Parts


def main() -> None:
    jst.flow.replay.kafka_replay.RECORDS_AT_ONCE = 60
    with Parts(KnownAddresses(**json.loads(sys.stdin.read()))) as parts:
        parts.kafka_replay("sale_out", sys.argv[1]).run(None, None)


if __name__ == "__main__":
    main()
