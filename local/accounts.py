"""The accounts of Airflow on one machine: who they stand for, and what they may open."""

from __future__ import annotations

from dataclasses import dataclass

from local.layout import Secrets

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """``name``: also the viewer's name in include/config/access.yaml or the workbook; ``role``: of the auth manager."""

    name: str
    title: str
    role: str

    def password(self, secrets: Secrets) -> str:
        return secrets.airflow_admin if self.name == ADMIN else secrets.airflow(self.name)


ACCOUNTS = (
    Account(ADMIN, "管理员", "admin"),
    Account("oncall", "值班", "user"),
    Account("finance", "财务，只看看板", "boards"),
    Account("buyer", "采购，看板与补货计划", "boards"),
    Account("li.na", "店主，只看看板", "boards"),  # of two shops in the sandbox's workbook
)
