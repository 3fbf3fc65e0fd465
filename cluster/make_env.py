"""Write ``.env`` for docker-compose.yaml: a secret for everything, made here and now; values that are there stay.

``python3 cluster/make_env.py [--brokers 3]``, standard library only. ``--brokers 3``: three Kafka brokers, each record
on all of them; it is decided before the first start.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / ".env"
LOGINS = ("ADMIN", "ETL", "BOARDS", "BOARDS_FINANCE", "MONITORING", "LINGYANG_BI", "LINGYANG_FINANCE")


def password() -> str:
    """Make one that needs no quoting in a URL, in JSON and in a shell."""
    return secrets.token_urlsafe(24)


def values(brokers: int) -> dict[str, str]:
    """Everything docker-compose.yaml asks for, with fresh secrets."""
    sandbox_secret = secrets.token_hex(24)
    names = [f"kafka{number}" for number in range(1, brokers + 1)]
    source = {
        "conn_type": "jushuitan",
        "host": "http://erp:18200",
        "login": "sandbox_app",
        "password": sandbox_secret,
        "extra": {"dialect": "gateway", "stock": "per_warehouse"},
    }
    workbook = {"conn_type": "generic", "extra": {"url": "/opt/airflow/sandbox/shops.xlsx"}}
    return {
        "COMPOSE_PROFILES": "sandbox" if brokers == 1 else "sandbox,brokers",
        "JST_BIND": "127.0.0.1",
        "JST_PORT_AIRFLOW": "18080",
        "JST_PORT_CLICKHOUSE_HTTP": "18123",
        "JST_PORT_GRAFANA": "18030",
        "AIRFLOW_BASE_URL": "http://127.0.0.1:18080",
        "AIRFLOW_CONN_JUSHUITAN_DEFAULT": f"'{json.dumps(source)}'",
        "AIRFLOW_CONN_SHOPS_WORKBOOK": f"'{json.dumps(workbook)}'",
        "JST_INITIAL_DAYS": "28",
        "SANDBOX_SECRET": sandbox_secret,
        "AIRFLOW_ADMIN_PASSWORD": password(),
        "GRAFANA_ADMIN_PASSWORD": password(),
        "JST_METRICS_TOKEN": password(),
        "AIRFLOW_FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_API_SECRET": secrets.token_hex(32),
        "AIRFLOW_JWT_SECRET": secrets.token_hex(64),
        "POSTGRES_PASSWORD": password(),
        "POSTGRES_AIRFLOW_PASSWORD": password(),
        "POSTGRES_JST_PASSWORD": password(),
        "REDIS_PASSWORD": password(),
        # 16 bytes; Kafka refuses one that begins with a dash
        "KAFKA_CLUSTER_ID": urlsafe_b64encode(b"\0" + secrets.token_bytes(15)).decode().rstrip("="),
        "KAFKA_VOTERS": ",".join(f"{number}@{name}:9093" for number, name in enumerate(names, 1)),
        "KAFKA_BOOTSTRAP": ",".join(f"{name}:9092" for name in names),
        "KAFKA_COPIES": str(brokers),
        "KAFKA_MIN_COPIES": str(max(1, brokers - 1)),
        **{f"CLICKHOUSE_{login}_PASSWORD": password() for login in LOGINS},
    }


def main() -> None:
    """Add what is missing to the file, which only its owner can read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1, help="Kafka broker 数，首次启动之前决定")
    options = parser.parse_args()
    before = FILE.read_text("utf-8") if FILE.exists() else ""
    there = {line.partition("=")[0] for line in before.splitlines()}
    added = {name: value for name, value in values(options.brokers).items() if name not in there}
    with open(os.open(FILE, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
        out.write(before if before.endswith("\n") or not before else f"{before}\n")
        out.writelines(f"{name}={value}\n" for name, value in added.items())
    print(f"{FILE.name}：{f'新写 {len(added)} 项，原有的不变' if added else '都已有，没有改动'}")


if __name__ == "__main__":
    main()
