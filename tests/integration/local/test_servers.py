"""What the product relies on: data over kill -9, users with limits, a proxy that shields."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from jst.access.spec import load_access
from local.accounts import ACCOUNTS
from local.instance import Instance
from local.layout import LocalError, Secrets
from local.services import postgres
from local.services.airflow import workers
from local.supervise.start_order import groups

_POLLING = """\
import sys
from clickhouse_driver import Client
client = Client(host="127.0.0.1", port=int(sys.argv[1]), user="etl", password=sys.argv[2])
print(client.execute("SELECT 1"), flush=True)
while True:
    client.execute("SELECT count() FROM system.numbers_mt LIMIT 0")
    client.execute("SELECT number FROM system.numbers LIMIT 20000")
"""


@contextmanager
def connected(clickhouse: dict[str, Any], user: str = "etl", password: str = "") -> Iterator[Client]:
    secret = password or clickhouse["password"]
    client = Client(host=clickhouse["host"], port=clickhouse["port"], user=user, password=secret, connect_timeout=5)
    yield client
    client.disconnect()


def ask(clickhouse: dict[str, Any], statement: str) -> Any:
    """The only value of a one-row answer."""
    with connected(clickhouse) as client:
        return client.execute(statement)[0][0]


@pytest.mark.clickhouse
def test_clickhouse_survives_native_clients_that_are_killed(stack: Instance, clickhouse: dict[str, Any]) -> None:
    before = ask(clickhouse, "SELECT uptime()")
    for _ in range(4):
        arguments = [sys.executable, "-c", _POLLING, str(clickhouse["port"]), str(clickhouse["password"])]
        client = subprocess.Popen(arguments, stdout=subprocess.PIPE)
        assert client.stdout is not None
        client.stdout.readline()
        client.send_signal(signal.SIGKILL)
        client.wait()
        client.stdout.close()
        time.sleep(0.3)  # the server notices the reset only when it next looks at the socket
        assert ask(clickhouse, "SELECT uptime()") >= before


@pytest.mark.clickhouse
def test_clickhouse_speaks_shanghai_time(clickhouse: dict[str, Any]) -> None:
    assert ask(clickhouse, "SELECT timezone()") == "Asia/Shanghai"


@pytest.mark.clickhouse
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 SETTINGS final = 0",
        "SELECT 1 SETTINGS max_execution_time = 601",
        "CREATE TABLE dws.mine (a UInt8) ENGINE = Memory",
        "INSERT INTO dws.limits_probe VALUES (1)",
        "SELECT * FROM ods.limits_probe",
        "SELECT * FROM dws.limits_probe",  # a new table is closed until access.yaml names it
    ],
)
def test_bi_only_reads_what_is_named(stack: Instance, clickhouse: dict[str, Any], statement: str) -> None:
    with connected(clickhouse) as etl:
        for database in ("dws", "ods"):
            etl.execute(f"CREATE DATABASE IF NOT EXISTS {database}")
            table = f"{database}.limits_probe"
            etl.execute(f"CREATE TABLE IF NOT EXISTS {table} (a UInt8) ENGINE = ReplacingMergeTree ORDER BY a")
    with connected(clickhouse, "lingyang_bi", stack.layout.secrets.clickhouse("lingyang_bi")) as bi:
        assert bi.execute("SELECT getSetting('final')") == [(True,)]
        with pytest.raises(ServerException):
            bi.execute(statement)


@pytest.mark.clickhouse
def test_clickhouse_keeps_its_data_over_a_kill(stack: Instance, clickhouse: dict[str, Any]) -> None:
    with connected(clickhouse) as etl:
        etl.execute("CREATE DATABASE IF NOT EXISTS ods")
        etl.execute("CREATE OR REPLACE TABLE ods.kept (a UInt8) ENGINE = MergeTree ORDER BY a")
        etl.execute("INSERT INTO ods.kept VALUES", [(7,)])
    stack.kill("clickhouse")
    stack.start("clickhouse")
    assert ask(clickhouse, "SELECT a FROM ods.kept") == 7


@pytest.mark.kafka
def test_kafka_keeps_acknowledged_messages_over_a_kill(stack: Instance, kafka_bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": kafka_bootstrap})
    admin.create_topics([NewTopic("kept", 1)])["kept"].result(20)
    producer = Producer({"bootstrap.servers": kafka_bootstrap, "acks": "all"})
    producer.produce("kept", b"7")
    assert producer.flush(20) == 0
    stack.kill("kafka")
    stack.start("kafka")
    reader = Consumer({"bootstrap.servers": kafka_bootstrap, "group.id": "kept"})
    reader.assign([TopicPartition("kept", 0, 0)])
    message = reader.poll(20)
    reader.close()
    assert message is not None
    assert message.value() == b"7"


@pytest.mark.postgres
def test_postgres_keeps_committed_rows_over_a_kill(stack: Instance, postgres_dsn: str) -> None:
    with psycopg2.connect(postgres_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS public.kept (a int)")
        cursor.execute("INSERT INTO public.kept VALUES (7)")
    connection.close()
    stack.kill("postgres")
    stack.start("postgres")
    again = psycopg2.connect(postgres_dsn)
    with again.cursor() as cursor:
        cursor.execute("SELECT a FROM public.kept")
        assert cursor.fetchone() == (7,)
        cursor.execute("DROP TABLE public.kept")
    again.commit()
    again.close()


@pytest.mark.postgres
def test_postgres_lets_nobody_in_without_a_password(postgres_dsn: str) -> None:
    address = postgres_dsn.rpartition("@")[2]
    for user in ("postgres", "jst", "airflow"):
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(f"postgresql://{user}@{address}", connect_timeout=3)


@pytest.mark.postgres
def test_a_dead_component_is_known_to_be_dead_before_its_next_life(stack: Instance, postgres_dsn: str) -> None:
    dsn = postgres.airflow_dsn(stack.layout).replace("+psycopg2", "")
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE job (job_type text, state text, end_date timestamptz)")
        cursor.execute("INSERT INTO job VALUES ('SchedulerJob', 'running'), ('TriggererJob', 'running')")
    scheduler = next(each for each in workers(stack.layout) if each.name == "scheduler")
    connection.commit()
    scheduler.prepare()
    with connection.cursor() as cursor:
        cursor.execute("SELECT job_type, state, end_date IS NOT NULL FROM job ORDER BY job_type")
        assert cursor.fetchall() == [("SchedulerJob", "failed", True), ("TriggererJob", "running", False)]
        cursor.execute("DROP TABLE job")
    connection.commit()
    connection.close()
    stack.stop("postgres")
    with pytest.raises(LocalError, match="元数据库"):
        scheduler.prepare()
    stack.start("postgres")


def test_the_secrets_of_an_installation_are_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = Secrets.kept_in(path)
    assert Secrets.kept_in(path) == first
    assert path.stat().st_mode & 0o077 == 0
    assert first.erp not in repr(first)


def test_no_secret_stands_in_the_process_list(
    stack: Instance, postgres_dsn: str, kafka_bootstrap: str, clickhouse: dict[str, Any]
) -> None:
    """Every account of the machine reads it."""
    made = stack.layout.secrets
    derived = {made.clickhouse(user.name) for user in load_access().users}
    secrets = {*asdict(made).values(), *derived, *(made.airflow(account.name) for account in ACCOUNTS)}
    planned = {argument for group in groups(stack.layout) for each in group for argument in each.argv}
    running = {argument for each in psutil.process_iter(["cmdline"]) for argument in each.info["cmdline"] or ()}
    assert {"kafka.Kafka", "local.services.clickhouse_server"} <= running & planned
    assert [argument for argument in planned | running for secret in secrets if secret in argument] == []
