"""Write every generated page: ``python -m local.docs [--samples]`` (``make docs``)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from jst.metrics import docs_page
from jst.metrics.catalogue import load_catalogue
from local.docs import dag_pages, samples, table_page
from local.layout import ROOT, LocalError


def main(arguments: list[str]) -> int:
    """Write the pages whose text changed, name each on standard output; 1 when the stack whose output ``--samples``
    wants does not work."""
    try:
        taken = samples.take() if arguments == ["--samples"] else {}
    except LocalError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    if taken:
        _write(samples.pages(taken))
    _write({
        docs_page.PAGE: docs_page.page(load_catalogue()),
        table_page.PAGE: table_page.page(),
        **dag_pages.pages(dag_pages.load_dags()),
    })  # fmt: skip
    return 0


def _write(pages: Mapping[Path, str]) -> None:
    for path, text in pages.items():
        if path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"已更新 {path.relative_to(ROOT)}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
