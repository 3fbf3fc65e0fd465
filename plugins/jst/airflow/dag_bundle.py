"""The DAGs of an installed package, as Airflow's configuration names them."""

from __future__ import annotations

from typing import Any

from airflow.dag_processing.bundles.local import LocalDagBundle

from jst.model.include_folder import PACKAGE


class JstDagBundle(LocalDagBundle):
    """The DAG files inside the package, wherever pip put it; a plugins folder has them in dags/ instead."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(path=str(PACKAGE / "dags"), **kwargs)
