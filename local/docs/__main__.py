"""Write every generated page: ``python -m local.docs`` (``make docs``)."""

from __future__ import annotations

from jst.metrics import docs_page
from jst.metrics.catalogue import load_catalogue
from local.docs import dag_pages, table_page
from local.layout import ROOT


def main() -> int:
    """Write the pages whose text changed, name each on standard output; always 0."""
    pages = {
        docs_page.PAGE: docs_page.page(load_catalogue()),
        table_page.PAGE: table_page.page(),
        **dag_pages.pages(dag_pages.load_dags()),
    }
    for path, text in pages.items():
        if path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"已更新 {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
