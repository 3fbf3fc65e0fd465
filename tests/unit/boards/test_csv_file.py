"""A file that Excel opens as it is meant."""

from __future__ import annotations

from datetime import datetime

from jst.boards.csv_file import csv_file, file_name
from jst.clock import SHANGHAI

SHOWN = [
    {"name": "sku_id", "title": "商品编码", "format": "text"},
    {"name": "sku_name", "title": "商品", "format": "text"},
    {"name": "net_receipt", "title": "到账金额", "format": "money"},
]


def test_ids_stay_whole_formulas_are_words_and_amounts_are_numbers() -> None:
    columns: dict[str, list[str | None]] = {
        "sku_id": ["202509160001234567", "007", "A001", "-1"],
        "sku_name": ['=HYPERLINK("http://x")', "@SUM(1)", '大,号"衣"', "+86"],
        "net_receipt": ["-12.30", "0.00", None, "1234567.80"],
    }
    assert csv_file(SHOWN, columns).decode("utf-8") == (
        "\ufeff商品编码,商品,到账金额\r\n"
        '"=""202509160001234567""","\'=HYPERLINK(""http://x"")",-12.30\r\n'
        '"=""007""",\'@SUM(1),0.00\r\n'
        'A001,"大,号""衣""",\r\n'
        "'-1,'+86,1234567.80\r\n"
    )


def test_a_code_is_written_in_words() -> None:
    words = {"profile": "季节基线", "prophet": "Prophet"}
    shown = [{"name": "method", "title": "方法", "format": "text", "words": words}]
    columns = {"method": ["prophet", "profile", "new"]}
    assert csv_file(shown, columns).decode("utf-8-sig") == "方法\r\nProphet\r\n季节基线\r\nnew\r\n"


def test_a_column_the_viewer_may_not_see_has_no_head_either() -> None:
    assert csv_file(SHOWN, {"sku_id": ["A"]}).decode("utf-8-sig") == "商品编码\r\nA\r\n"


def test_the_name_says_what_it_is_and_of_when() -> None:
    at = datetime(2026, 3, 8, 9, 30, 1, tzinfo=SHANGHAI)
    assert file_name("店铺排行榜", "出库/退款", at) == "店铺排行榜-出库_退款-20260308-093001.csv"
