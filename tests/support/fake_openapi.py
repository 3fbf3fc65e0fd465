"""Answers of the public API, read as the product reads them."""

from __future__ import annotations

from datetime import datetime

import httpx

from jst.erp.dialect import Answer, Page
from jst.erp.openapi import read_page
from jst.model.module import Endpoint
from tests.support.fake_source import NOON, SECRET

ENDPOINT = Endpoint("/x", 50, 5.0, cursor="start_ts")


def read(
    response: httpx.Response,
    index: int = 1,
    *,
    cursor: int | None = None,
    endpoint: Endpoint = ENDPOINT,
    received: datetime = NOON,
) -> Page:
    question = {"page_index": index, "page_size": endpoint.page_size} | (
        {} if cursor is None else {endpoint.cursor: cursor}
    )
    came = Answer(response.status_code, response.headers, response.content, received, ticket=7, milliseconds=12)
    return read_page(came, question, endpoint, SECRET, "access-1")
