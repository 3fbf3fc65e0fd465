"""What a BI tool does with a JDBC driver, step by step, inside a JVM: ``python -m tests.support.jdbc_steps``.

Arguments: folder of jars, class of the driver, java, jars the product has itself, URL, user. Standard input: JSON with
the password and statements. Standard output, last line: JSON, step → result.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jpype

Connection = Any


def connect(folder: Path, driver: str, url: str, user: str, password: str) -> Connection:
    """Load the driver apart from all else, as a BI product does, and connect."""
    java = jpype.java
    urls = jpype.JArray(java.net.URL)([java.io.File(str(jar)).toURI().toURL() for jar in folder.glob("*.jar")])
    loader = java.net.URLClassLoader(urls)
    java.lang.Thread.currentThread().setContextClassLoader(loader)
    facts = java.util.Properties()
    facts.setProperty("user", user)
    facts.setProperty("password", password)
    made = java.lang.Class.forName(driver, True, loader).getDeclaredConstructor().newInstance()
    return made.connect(url, facts)


def rows(result: Any) -> list[list[str | None]]:
    """Every value of every row, read as the object the driver makes of it."""
    count, found = result.getMetaData().getColumnCount(), []
    while result.next():
        values = [result.getObject(place + 1) for place in range(count)]
        found.append([None if value is None else str(value) for value in values])
    result.close()
    return found


def select(connection: Connection, sql: str, seconds: int = 0, most: int = 0) -> list[list[str | None]]:
    statement = connection.createStatement()
    if seconds:
        statement.setQueryTimeout(seconds)
    if most:
        statement.setMaxRows(most)
    try:
        return rows(statement.executeQuery(sql))
    finally:
        statement.close()


def listed(result: Any, *columns: str) -> list[list[str]]:
    found = []
    while result.next():
        found.append([str(result.getString(column)) for column in columns])
    return found


def prepared(connection: Connection) -> list[list[str | None]]:
    sql = (
        "SELECT sum(`出库金额`) FROM bi.sale_out WHERE `出库日期` >= ? AND `店铺名称` <> ? AND `店铺编号` > ?"
        " AND `出库时间` >= ?"
    )
    statement = connection.prepareStatement(sql)
    statement.setDate(1, jpype.java.sql.Date.valueOf("2000-01-01"))
    statement.setString(2, "a'b\\c")
    statement.setLong(3, 0)
    statement.setTimestamp(4, jpype.java.sql.Timestamp.valueOf("2000-01-01 00:00:00"))
    return rows(statement.executeQuery())


STEPS: dict[str, Callable[[Connection], Any]] = {
    "valid": lambda c: bool(c.isValid(5)),
    "databases": lambda c: [name for (name,) in select(c, "SHOW DATABASES")],
    "tables": lambda c: listed(c.getMetaData().getTables(None, "bi", "%", None), "TABLE_NAME", "REMARKS"),
    "columns": lambda c: listed(c.getMetaData().getColumns(None, "bi", "sale_out", "%"), "COLUMN_NAME", "REMARKS"),
    "information_schema": lambda c: select(
        c, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'bi' ORDER BY 1"
    ),
    "prepared": prepared,
    "time-out of a minute": lambda c: select(c, "SELECT count() FROM bi.sale_out", seconds=60),
    "ten rows at most": lambda c: len(select(c, "SELECT number FROM numbers(1000)", most=10)),
    "write": lambda c: c.createStatement().executeUpdate("INSERT INTO dws.dws_sale_out (io_id) VALUES ('x')"),
    "day": lambda c: select(c, "SELECT max(`出库日期`) FROM bi.sale_out")[0][0],
}


def main() -> None:
    folder, driver, java, product, url, user = sys.argv[1:]
    given = json.load(sys.stdin)
    machine = Path(java).resolve().parents[1] / "lib" / "server" / "libjvm.so"
    jpype.startJVM("-Xmx256m", "-Duser.timezone=Asia/Shanghai", jvmpath=str(machine), classpath=[product])
    connection = connect(Path(folder), driver, url, user, given["password"])
    steps = STEPS | {name: lambda c, sql=sql: select(c, sql) for name, sql in given["statements"].items()}
    found: dict[str, Any] = {}
    for name, step in steps.items():
        try:
            found[name] = step(connection)
        except jpype.JException as error:
            found[name] = f"error: {error}"
    print("\n" + json.dumps(found), flush=True)
    os._exit(0)  # threads of a driver would keep the JVM for another minute


if __name__ == "__main__":
    main()
