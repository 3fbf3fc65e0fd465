"""Base of the operators of one module."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator


class ModuleOperator(BaseOperator):
    """Do one thing with one module."""

    def __init__(self, *, module: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module = module
