"""The client of Airflow's REST interface, beside a small server that answers as Airflow does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from local.airflow_api import AirflowApi

RUNS = [{"dag_run_id": f"run-{number}"} for number in range(250)]


class _Airflow(BaseHTTPRequestHandler):
    """Knows 250 runs; the first token is refused, as one that has expired is."""

    tokens = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).tokens += 1
        self._answer(201, {"access_token": f"token-{self.tokens}"})

    def do_GET(self) -> None:
        if self.headers["Authorization"] != "Bearer token-2":
            self._answer(401, {"detail": "Token Expired"})
            return
        asked = parse_qs(urlsplit(self.path).query)
        assert asked["state"] == ["failed"]
        first = int(asked["offset"][0])
        self._answer(200, {"dag_runs": RUNS[first : first + int(asked["limit"][0])]})

    def _answer(self, code: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """The test's output is not for it."""


@pytest.fixture
def url() -> Iterator[str]:
    _Airflow.tokens = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), _Airflow) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_all_pages_are_read_and_an_expired_token_is_renewed(url: str) -> None:
    with closing(AirflowApi(url, "admin", "secret")) as api:
        assert list(api.dag_runs(state="failed")) == RUNS
    assert _Airflow.tokens == 2
