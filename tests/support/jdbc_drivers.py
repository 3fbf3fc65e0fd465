"""Real JDBC drivers for the tests, fetched when first asked for; each works in a JVM of its own (``jdbc_steps``)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.bootstrap import copy_jars, java
from local.layout import ROOT, TOOLS, python_environment

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>jdbc</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency><groupId>{group}</groupId><artifactId>clickhouse-jdbc</artifactId><version>{version}</version>
{classifier}</dependency></dependencies></project>"""
_PATIENCE_SECONDS = 150


@dataclass(frozen=True)
class JdbcDriver:
    """A version of a driver. ``jar``: the classifier of the jar that has everything in it, '' where there is none."""

    version: str
    jar: str = "all"
    group: str = "com.clickhouse"
    driver: str = "com.clickhouse.jdbc.ClickHouseDriver"

    def fetch(self) -> Path:
        """Return the folder of its jars."""
        folder = TOOLS / "drivers" / f"{self.group}-{self.version}"
        if not list(folder.glob("clickhouse-jdbc-*.jar")):
            folder.mkdir(parents=True, exist_ok=True)
            classifier = f"<classifier>{self.jar}</classifier>" if self.jar else ""
            pom = folder / "pom.xml"
            pom.write_text(_POM.format(group=self.group, version=self.version, classifier=classifier), "utf-8")
            copy_jars(pom, folder, f"-DexcludeTransitive={str(bool(self.jar)).lower()}")
        return folder

    def run(self, url: str, user: str, password: str, statements: dict[str, str]) -> dict[str, Any]:
        """Do every step and each of ``statements``; returns step → what came of it, ``error: …`` where it was
        refused."""
        said = subprocess.run(
            [sys.executable, "-m", "tests.support.jdbc_steps", str(self.fetch()), self.driver, str(java())]
            + [str(next((TOOLS / "jars").glob("slf4j-api-*.jar"))), url, user],
            input=json.dumps({"password": password, "statements": statements}),
            env=python_environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        assert said.returncode == 0, said.stderr[-2000:]
        found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
        return found


OLD, MIDDLE, NEW = JdbcDriver("0.3.2-patch11"), JdbcDriver("0.4.6"), JdbcDriver("0.9.8")
DRIVERS = [
    JdbcDriver("0.3.2", "shaded", "ru.yandex.clickhouse", "ru.yandex.clickhouse.ClickHouseDriver"),
    OLD,
    MIDDLE,
    JdbcDriver("0.6.5", jar="shaded"),
    JdbcDriver("0.7.2"),
    JdbcDriver("0.8.6", jar=""),
    NEW,
    JdbcDriver("0.10.0", jar=""),
]
