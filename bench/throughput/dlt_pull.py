"""dlt's rest_api source to ClickHouse, as its documentation shows it; runs in a virtual environment of its own.

Reads what to do as JSON from standard input, prints ``{"rows": n}``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import dlt  # type: ignore[import-not-found]
from dlt.destinations import clickhouse  # type: ignore[import-not-found]
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]


def main() -> int:
    task: dict[str, Any] = json.load(sys.stdin)
    pages = {
        "type": "page_number",
        "base_page": 1,
        "page_body_path": "page_index",
        "total_path": None,
        "has_more_path": "has_next",
    }
    source = rest_api_source(
        {
            "client": {
                "base_url": task["url"],
                "auth": {"type": "bearer", "token": task["token"]},
                "paginator": pages,
            },
            "resources": [
                {
                    "name": "sale_out",
                    "primary_key": "io_id",
                    "write_disposition": "merge",
                    "endpoint": {
                        "path": task["path"],
                        "method": "POST",
                        "json": task["question"],
                        "data_selector": task["list_key"],
                    },
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        "bench",
        destination=clickhouse(credentials=task["clickhouse"]),
        dataset_name="bench",
        pipelines_dir=task["folder"],
    )
    pipeline.run(source).raise_on_failed_jobs()
    counts = pipeline.last_trace.last_normalize_info.row_counts
    print(json.dumps({"rows": counts["sale_out"]}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
