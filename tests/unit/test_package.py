"""What pip installs with the package is what its code imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = {
    "airflow": "apache-airflow", "airflow_clickhouse_plugin": "airflow-clickhouse-plugin",
    "alibabacloud_quickbi_public20220101": "alibabacloud-quickbi-public20220101",
    "alibabacloud_tea_openapi": "alibabacloud-quickbi-public20220101", "asgiref": "apache-airflow",
    "clickhouse_driver": "airflow-clickhouse-plugin", "confluent_kafka": "confluent-kafka",
    "darabonba": "alibabacloud-quickbi-public20220101", "fastapi": "apache-airflow", "jwt": "pyjwt",
    "pendulum": "apache-airflow", "psycopg2": "psycopg2-binary", "sqlalchemy": "apache-airflow", "yaml": "pyyaml",
}  # fmt: skip
"""Where the distribution has another name than what is imported, or comes with another one."""
UNIMPORTED = {"apache-airflow-providers-apache-kafka"}
"""The type of connection kafka_default."""


def test_the_package_asks_for_what_its_code_imports() -> None:
    imported = set[str]()
    for path in [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "dags").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    others = imported - set(sys.stdlib_module_names) - {"jst"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *(name for names in project["optional-dependencies"].values() for name in names)]
    names = {re.split(r"[<>=\[]", requirement)[0] for requirement in asked}
    assert {DISTRIBUTIONS.get(name, name) for name in others} | UNIMPORTED == names
