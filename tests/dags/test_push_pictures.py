"""The ways a picture takes into a group: by an app, by a public address, or the words alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from jst.messages.channels import channel
from jst.push.picture_ways import Way, way_of

APP = {"app_key": "k", "app_secret": "s", "robot_code": "r", "open_conversation_id": "c"}
BOT = {"app_id": "k", "app_secret": "s"}


@pytest.mark.parametrize(
    ("name", "extra", "public", "way"),
    [
        ("dingtalk", APP, True, "apart"),
        ("dingtalk", {}, True, "together"),
        ("dingtalk", {}, False, "none"),
        ("feishu", BOT, False, "together"),
        ("feishu", {}, True, "none"),
        ("sms", {"sign_name": "s", "template_code": "t"}, True, "none"),
        ("dingtalk", None, False, "together"),  # no connection: the page shows what would have been sent
        ("dingtalk", {"app_key": "k"}, False, "together"),  # the sender says what is wrong with it
    ],
)
def test_a_channel_shows_pictures_its_way(name: str, extra: dict[str, str] | None, public: bool, way: Way) -> None:
    fields = {"conn_id": f"{name}_default", "host": "", "port": None, "login": "l", "password": "token"}
    conn = None if extra is None else SimpleNamespace(**fields, extra_dejson=extra)
    assert way_of(channel(name), conn, public=public) == way


@pytest.mark.usefixtures("dags")
def test_pictures_lie_in_the_storage_under_names_that_cannot_be_guessed(tmp_path: Path) -> None:
    from jst.airflow.push_parts import public_pictures

    publish = public_pictures(f"file://{tmp_path}", "https://cdn.example.com/jst")
    addresses = {publish(b"\x89PNG 1"), publish(b"\x89PNG 1")}
    names = {address.removeprefix("https://cdn.example.com/jst/") for address in addresses}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert len(names) == 2
    assert all(len(name) >= 36 and name.endswith(".png") for name in names)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"\x89PNG 1"}
