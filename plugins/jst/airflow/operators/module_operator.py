"""What the operators of one module share."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator


class ModuleOperator(BaseOperator):
    """Does one thing with one module."""

    def __init__(self, *, module: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module = module
