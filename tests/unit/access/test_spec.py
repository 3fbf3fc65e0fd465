"""The shipped access.yaml, and what is refused of another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from jst.access.render import main, sql, xml_users
from jst.access.spec import SPEC, load_access
from jst.errors import Misconfigured


def write(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    facts = yaml.safe_load(SPEC.read_text("utf-8"))
    change(facts)
    path = folder / "access.yaml"
    path.write_text(yaml.safe_dump(facts, allow_unicode=True), "utf-8")
    return path


def put(*keys: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(facts: dict[str, Any]) -> None:
        for key in keys[:-1]:
            facts = facts[key]
        facts[keys[-1]] = value

    return change


def test_bi_may_ask_five_to_twenty_at_once() -> None:
    profiles = load_access().profiles
    for name in ("bi", "personal"):
        assert 5 <= profiles[name].settings["max_concurrent_queries_for_user"] <= 20
        assert profiles[name].settings["readonly"] == 1


def test_every_reader_sees_the_newest_rows_whatever_the_server_defaults_to() -> None:
    """Without one of these a profile shows, on some server, rows that were replaced."""
    access = load_access()
    wanted = {
        "use_skip_indexes_if_final_exact_mode": 1, "do_not_merge_across_partitions_select_final": 0,
        "optimize_move_to_prewhere_if_final": 0, "apply_prewhere_after_final": 1, "apply_row_policy_after_final": 1,
    }  # fmt: skip
    for name in access.profiles:
        assert access.settings_of(name).items() >= wanted.items(), name
    for name in ("boards", "bi", "personal"):
        assert access.settings_of(name).items() >= {"readonly": 1, "final": 1}.items(), name


def test_an_older_server_is_not_asked_for_what_it_does_not_know() -> None:
    access = load_access()
    new = {each.name for each in access.since}
    assert access.settings_of("bi", (24, 8)).keys().isdisjoint(new)
    assert access.settings_of("bi", (24, 8))["use_skip_indexes_if_final"] == 0
    assert access.settings_of("bi", (25, 8))["use_skip_indexes_if_final"] == 1
    assert new - access.settings_of("bi", (25, 8)).keys() == {
        "apply_row_policy_after_final", "apply_prewhere_after_final",
    }  # fmt: skip
    old = "\n".join(sql(access, lambda user: "secret", (24, 8)))
    assert not any(name in old for name in new)


def test_only_the_boards_may_name_a_viewer() -> None:
    access = load_access()
    assert [name for name, profile in access.profiles.items() if "log_comment" in profile.changeable] == ["boards"]
    assert [user.name for user in access.users if user.profile == "boards"] == ["boards", "boards_finance"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("people", "personal", value={"zhang.wei": "zhang.wei"}), "zhang.wei"),
        (put("people", "personal", value={"zhangwei": "zhang'wei"}), "zhang'wei"),
        (put("people", "personal", value={"boards": "zhang.wei"}), "boards 既是系统用户又是个人账号"),
        (put("tables", "dws.dws_inventory", "rows", value="all"), r"tables.*dws_inventory.*rows"),
        (put("users", "boards", "profile", value="none"), "boards 的 profile none 没有定义"),
        (put("users", "etl", "grants", value=["REVOKE ALL"]), r"users\.etl\.grants"),
        (put("profiles", "bi", "settings", "final", value="on"), r"profiles\.bi\.settings\.final"),
    ],
)
def test_a_wrong_spec_names_the_place(tmp_path: Path, change: Callable[[dict[str, Any]], None], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        load_access(write(tmp_path, change))


def test_a_database_is_one_element_and_a_password_is_hashed() -> None:
    users = ElementTree.fromstring(f"<users>{xml_users(load_access(), lambda user: 'secret', '127.0.0.1')}</users>")
    for user in users:
        databases = [element.tag for element in user.find("databases") or ()]
        assert len(set(databases)) == len(databases), user.tag
    assert "secret" not in ElementTree.tostring(users, "unicode")


def test_missing_passwords_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for user in load_access().users:
        monkeypatch.setenv(f"JST_PASSWORD_{user.name.upper()}", "x")
    monkeypatch.delenv("JST_PASSWORD_LINGYANG_BI")
    assert main([]) == 2
    assert "JST_PASSWORD_LINGYANG_BI " in capsys.readouterr().err
    monkeypatch.setenv("JST_PASSWORD_LINGYANG_BI", "x")
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("CREATE SETTINGS PROFILE OR REPLACE jst_etl SETTINGS ")
    assert main(["newest"]) == 2
    assert "“newest”不是 ClickHouse 的版本" in capsys.readouterr().err
