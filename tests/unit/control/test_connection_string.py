"""A connection string that is wrong is named without a word of it: its password would stand in the log."""

from __future__ import annotations

import traceback

import pytest

from jst.control.database import Database
from jst.errors import Misconfigured


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql+psycopg2://jst:secret@pg:5432/jst_ops",
        "postgresql://jst:sec/ret@pg:5432/jst_ops",
        "host=pg password=se cret",
        "secret",
    ],
)
def test_it_is_not_repeated(dsn: str) -> None:
    with pytest.raises(Misconfigured, match="不是 libpq 的格式。处理：写成 postgresql://") as caught:
        Database(dsn)
    said = "".join(traceback.format_exception(caught.value, chain=True)).replace(__file__, "")
    assert not any(part in said.split("libpq 的格式")[1] for part in ("secret", "sec/", "ret@", "se cret"))


@pytest.mark.parametrize("dsn", ["postgresql://jst:s%40e@a:5432,b:5433/jst_ops", "host=pg dbname=jst_ops", ""])
def test_what_libpq_takes_is_taken(dsn: str) -> None:
    Database(dsn).close()
