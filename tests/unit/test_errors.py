"""What on-call reads."""

from __future__ import annotations

from jst.errors import Misconfigured, Where


def test_an_error_says_what_where_and_what_to_do_in_a_line_each() -> None:
    error = Misconfigured("密钥不对", do="核对 password", where=Where("sale_out", "/open/x"))
    assert error.lines() == ["密钥不对", "位置：模块 sale_out，接口 /open/x", "处理：核对 password"]
    assert str(error.at(window="[a → b]", page=3)) == (
        "密钥不对（模块 sale_out，接口 /open/x，窗口 [a → b]，页 3）。处理：核对 password"
    )


def test_an_error_without_a_place_does_not_pretend_one() -> None:
    assert str(Misconfigured("没有连接", do="新建")) == "没有连接。处理：新建"
