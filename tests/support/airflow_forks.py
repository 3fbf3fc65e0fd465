"""A process that has imported Airflow and forks one child per command line; importing costs more than most commands.

One line of JSON in: ``arguments`` (of airflow, or -m and a module), ``environment``, and the files ``stdout`` and
``stderr``; one line out: exit code.
Airflow's own executors fork their tasks from an imported process too.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import runpy
import sys
from typing import Any

_COMMANDS = (
    *("airflow.cli.commands.dag_command", "airflow.cli.commands.task_command", "airflow.models.serialized_dag"),
    "alembic.runtime.environment",
)


def main() -> None:
    """Import, then serve commands until the input ends; a child returns from here when its command is done."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Airflow's log goes to stdout, also while it is imported
    _import()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _command(json.loads(line))
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _import() -> None:
    for name in _COMMANDS:
        importlib.import_module(name)
    import jst.airflow.operators as operators

    for module in pkgutil.iter_modules(operators.__path__):
        importlib.import_module(f"{operators.__name__}.{module.name}")
    from airflow.sdk.execution_time.supervisor import in_process_api_server
    from sqlalchemy.orm import configure_mappers

    configure_mappers()

    # only the application and the routes of its versions: its transport starts a thread, which no fork would have
    in_process_api_server().app._cadwyn_initialize()


def _command(order: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(order["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(("stdout", "stderr"), 1):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    if order["arguments"][0] == "-m":
        sys.argv = order["arguments"][1:]
        runpy.run_module(order["arguments"][1], run_name="__main__")
        return
    sys.argv = ["airflow", *order["arguments"]]
    from airflow.__main__ import main as airflow

    airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
