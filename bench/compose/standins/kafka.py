"""A broker as the official image starts it: ``KAFKA_…`` variables are its properties, CLUSTER_ID formats its folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_NO_PROPERTIES = {"KAFKA_HEAP_OPTS"}
_JAVA = ["java", *os.environ.get("KAFKA_HEAP_OPTS", "").split(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
_LOGGING = """\
Configuration:
  Appenders: {Console: {name: out, PatternLayout: {pattern: "%d %p %c{1} %m%n"}}}
  Loggers: {Root: {level: WARN, AppenderRef: {ref: out}}}
"""


def main() -> None:
    properties, logging = Path("/tmp/server.properties"), Path("/tmp/log4j2.yaml")
    given = {
        name: value for name, value in os.environ.items() if name.startswith("KAFKA_") and name not in _NO_PROPERTIES
    }
    lines = [f"{name.removeprefix('KAFKA_').lower().replace('_', '.')}={value}" for name, value in given.items()]
    properties.write_text(
        "\n".join([*lines, "log.cleaner.dedupe.buffer.size=8388608", "group.initial.rebalance.delay.ms=0"])
    )
    logging.write_text(_LOGGING)
    java = [*_JAVA, f"-Dlog4j2.configurationFile={logging}", "-cp", "/opt/jars/*"]
    if not Path(os.environ["KAFKA_LOG_DIRS"], "meta.properties").exists():
        tool = [*java, "kafka.tools.StorageTool", "format", "-t", os.environ["CLUSTER_ID"], "-c", str(properties)]
        subprocess.run(tool, check=True)
    os.execvp(java[0], [*java, "kafka.Kafka", str(properties)])


if __name__ == "__main__":
    main()
