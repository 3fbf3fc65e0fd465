"""Create the Kafka topics before anything is sent: ``python -m local.services.topics BOOTSTRAP_SERVERS``."""

from __future__ import annotations

import sys

from jst.kafka.topics import create_topics


def main() -> None:
    made = create_topics({"bootstrap.servers": sys.argv[1]})
    print("新建 topic：" + ("、".join(made) or "无"))


if __name__ == "__main__":
    main()
