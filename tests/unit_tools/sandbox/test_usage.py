"""What --help says is what there is."""

from __future__ import annotations

import re

import pytest

from local.sandbox.__main__ import main
from local.sandbox.faults import NAMES
from local.sandbox.gateway import server as gateway
from local.sandbox.openapi import server as openapi
from tests.support.sandbox_driver import Driver


def test_help_names_every_fault_endpoint_and_control_path(
    erp: Driver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["sandbox", "--help"])
    with pytest.raises(SystemExit):
        main()
    page = capsys.readouterr().out
    assert set(re.findall(r"^  ([a-z0-9_]+) ", page, re.MULTILINE)) == set(NAMES)
    assert set(re.findall(r"/open/\S+", page)) == {*gateway.ENDPOINTS, *openapi.ENDPOINTS}
    orders = re.findall(r"^  (\w+) .*(/sandbox/\w+)", page, re.MULTILINE)
    assert len(orders) == 10
    for verb, path in orders:
        full = f"{path}/sku" if path.endswith("truth") else path
        assert erp.send(verb, full).status_code in (200, 400), path


def test_half_a_history_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["sandbox", "--port", "1", "--data", "x", "--history-days", "3"])
    with pytest.raises(SystemExit):
        main()
    assert "--history-per-hour 要一起给" in capsys.readouterr().err
