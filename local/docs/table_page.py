"""``docs/tables.md``: every ClickHouse table with its columns, made of the migrations, and every view of database bi,
made of its data set's file; no server is asked."""

from __future__ import annotations

from itertools import groupby

from jst.warehouse.bi_views import BiView, bi_views
from jst.warehouse.clickhouse_migrations import read_migrations
from local.docs.markdown import table
from local.docs.table_facts import Table, tables
from local.layout import ROOT

PAGE = ROOT / "docs" / "tables.md"
MIGRATIONS = ROOT / "include" / "sql" / "migrations" / "clickhouse"
_HEAD = (
    "# 数据表\n\n"
    "ClickHouse 里的每张表、每一列。本页由 `include/sql/migrations/clickhouse` 里的迁移文件生成（`make docs`），"
    "请不要改本页：要加一列，按 [how-to/add-a-field.md](how-to/add-a-field.md) 新写一个迁移，"
    "说明写在列的 `COMMENT` 里。\n\n"
    "做报表从 `bi` 开始：每个数据集一个视图，列名是中文，过滤条件已在里面，拖出来的数与[指标](metrics.md)一致。"
    "看板读 `dws`（宽表、汇总表）和 `dim`（维表）；`dwd` 是清洗后的单据，`ods` 是最近 7 天的原始记录，"
    "`access` 是权限，`ops` 是运行记录。"
    "没有写说明的列沿用源端字段的名字，它们在 `include/config/modules/<模块>.yaml` 里登记。"
    "控制库（PostgreSQL `jst_ops`）的表不在这里：结构与注释在 `include/sql/migrations/postgres`。\n"
)
_ORDER = ("dws", "dim", "dwd", "ods", "access", "ops")
_TITLES = {
    "dws": "宽表与汇总表 dws",
    "dim": "维表 dim",
    "dwd": "清洗后的单据 dwd",
    "ods": "原始记录 ods",
    "access": "权限 access",
    "ops": "运行记录 ops",
}


def page() -> str:
    """Render the whole page as Markdown."""
    found = tables(read_migrations(MIGRATIONS))
    parts = [_HEAD, "## BI 数据集 bi\n", *(_view(view) for view in bi_views())]
    for database, group in groupby(sorted(found, key=_place), key=lambda each: each.database):
        parts.append(f"## {_TITLES.get(database, database)}\n")
        parts += [_section(each) for each in group]
    return "\n".join(parts)


def _place(each: Table) -> tuple[int, str]:
    rank = _ORDER.index(each.database) if each.database in _ORDER else len(_ORDER)
    return rank, each.name


def _view(view: BiView) -> str:
    """Render a view's columns, then the formulas that are typed into the BI tool."""
    kinds = {name: "度量，可求和" if name in view.measures else "维度" for name in view.columns}
    rows = [(f"`{name}`", kinds[name], f"`{view.columns[name]}`", view.notes.get(name, "")) for name in view.columns]
    rows += [(f"`{name}`", "计算字段", f"`{formula}`", "") for name, formula in view.computed.items()]
    head = f"### bi.{view.name}\n\n{view.title}，由 `include/config/lingyang/{view.name}.yaml` 生成\n\n"
    return f"{head}{table(('名字 name', '种类 kind', '来自 from', '说明 meaning'), rows)}\n"


def _section(each: Table) -> str:
    rows = [(f"`{column.name}`", f"`{column.type}`", column.meaning) for column in each.columns]
    facts = "，".join(f"{title} `{value}`" for title, value in (("引擎", each.engine), ("排序键", each.order)) if value)
    about = f"{each.meaning}\n\n" if each.meaning else ""
    return f"### {each.name}\n\n{about}{facts}\n\n{table(('列 column', '类型 type', '说明 meaning'), rows)}\n"
