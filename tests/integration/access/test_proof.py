"""access.user_shop follows the workbook; the proof finds every way in which the server does not follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from jst.access.fill import fill, viewers
from jst.access.proof import Proof, Prover, format_proofs, raise_if_wrong, store
from jst.access.spec import load_access
from jst.clock import SHANGHAI
from jst.errors import Unproven
from jst.metrics.catalogue import Period, load_catalogue
from tests.support.guarded_clickhouse import Guarded, furnish, spec
from tests.support.metric_cases import ask

pytestmark = pytest.mark.clickhouse
SHOP = "INSERT INTO dim.dim_shop (shop_id, owner, in_workbook, version, is_deleted) VALUES"


@contextmanager
def proving(server: Guarded) -> Iterator[Callable[[], list[Proof]]]:
    with server.as_user("boards") as boards, server.as_user("boards_finance") as finance:
        prover = Prover(load_access(server.access), server.etl, boards, finance)
        yield lambda: prover.prove(viewers(server.etl))


def owned(etl: Client) -> dict[str, set[int]]:
    return {viewer.account: set(viewer.shops) for viewer in viewers(etl)}


def test_rights_follow_the_workbook(guarded: Guarded) -> None:
    people = load_access(guarded.access).people
    before = owned(guarded.etl)
    assert fill(guarded.etl, people) == 0
    try:
        guarded.etl.execute(SHOP, [(102, "zhang.wei", 1, 2, 0), (106, "", 0, 2, 0), (103, "wang.fang", 1, 2, 1)])
        assert fill(guarded.etl, people) > 0
        assert owned(guarded.etl) == {
            "zhang.wei": {101, 102, 105},
            "cai.wu": {101, 102, 104, 105, 106},
            "wang.fang": set(),  # known by role finance
        }
        assert fill(guarded.etl, people) == 0
        with guarded.as_user("lina") as lina:
            assert lina.execute("SELECT count() FROM dws.dws_sale_out") == [(0,)]
            assert lina.execute("SELECT count() FROM dws.dws_inventory") == [(0,)]
    finally:
        guarded.etl.execute(SHOP, [(102, "li.na", 1, 3, 0), (106, "", 0, 3, 1), (103, "wang.fang", 1, 3, 0)])
        fill(guarded.etl, people)
    assert owned(guarded.etl) == before


def test_owners_buy_where_the_file_says_so(guarded: Guarded) -> None:
    people = load_access(guarded.access).people

    def buyers() -> set[str]:
        rows = guarded.etl.execute("SELECT account FROM access.user_role FINAL WHERE role = 'buyer'")
        return {account for (account,) in rows}

    assert buyers() == set(people.buyers)
    try:
        fill(guarded.etl, replace(people, owners_buy=True))
        assert buyers() == {"zhang.wei", "li.na", "wang.fang", *people.buyers}
    finally:
        fill(guarded.etl, people)
    assert buyers() == set(people.buyers)


def failed_of_boards(server: Guarded) -> int:
    """Queries of boards that failed, as the pipeline's board counts them."""
    server.etl.execute("SYSTEM FLUSH LOGS")
    now, only = datetime.now(SHANGHAI), {"login": ["boards", "boards_finance"]}
    share, count = (
        ask(server.etl, load_catalogue().question(code, Period(now.date(), now.date(), now), only=only)) or 0
        for code in ("query_error_rate", "query_count")
    )
    return round(share * count)


def test_what_the_proof_has_to_be_refused_is_no_error_on_the_boards(guarded: Guarded) -> None:
    before = failed_of_boards(guarded)
    with proving(guarded) as prove:
        assert any(proof.account == "boards" for proof in prove())
    assert failed_of_boards(guarded) == before
    with guarded.as_user("boards") as boards, pytest.raises(ServerException, match="Not enough privileges"):
        boards.execute("SELECT sum(cost_price) FROM dws.dws_inventory", settings={"log_comment": "zhang.wei"})
    assert failed_of_boards(guarded) == before + 1


def test_every_account_sees_exactly_its_shops(guarded: Guarded) -> None:
    with proving(guarded) as prove:
        proofs = prove()
    assert [proof for proof in proofs if proof.detail] == []
    raise_if_wrong(proofs)
    seen = {proof.account: proof.seen for proof in proofs if proof.place == "dws.dws_sale_out"}
    assert {account: shops for account, shops in seen.items() if shops} == {
        "zhang.wei": (101,), "li.na": (102,), "wang.fang": (103,), "cai.wu": (101, 102, 103, 104),
    }  # fmt: skip
    assert {proof.account for proof in proofs} > {"zhang.wei", "li.na", "wang.fang", "cai.wu", "", "boards"}
    lines = list(format_proofs(proofs, viewers(guarded.etl)))
    assert "✓ zhang.wei：应见店铺 101、105；查到数据的店铺 101、105" in lines
    assert "✓ wang.fang：应见店铺 103，可看成本；查到数据的店铺 103" in lines
    assert not any(line.startswith("✗") for line in lines)
    store(guarded.etl, proofs, datetime.now(SHANGHAI))
    kept = guarded.etl.execute("SELECT count(), countIf(passed) FROM ops.access_proof FINAL")
    assert kept == [(len(proofs), len(proofs))]


def _boards_see_everything(facts: dict[str, Any]) -> None:
    facts["users"]["boards"]["sees"] = "everything"


def _rows_by_name_only(facts: dict[str, Any]) -> None:
    facts["tables"]["dws.dws_sale_out"]["rows"] = "known"


def _old_rows_are_seen(facts: dict[str, Any]) -> None:
    facts["profiles"]["boards"]["settings"]["apply_row_policy_after_final"] = 0


def _limits_may_be_lifted(facts: dict[str, Any]) -> None:
    facts["profiles"]["boards"]["changeable"]["final"] = {}


def _cost_is_open(facts: dict[str, Any]) -> None:
    del facts["tables"]["dws.dws_inventory"]["cost"]


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (_boards_see_everything, {"zhang.wei 在 dws.dws_sale_out：看到了不属于自己的店铺 102、103、104",
                                  "未署名 在 dws.dws_sale_out：未知账号看到了数据"}),
        (_rows_by_name_only, {"li.na 在 dws.dws_sale_out：看到了不属于自己的店铺 101、103、104"}),
        (_old_rows_are_seen, {"boards 在 设置：设置 apply_row_policy_after_final 是 0，应为 1"}),
        (_limits_may_be_lifted, {"boards_finance 在 设置：设置 final 可以由查询自己改"}),
        (_cost_is_open, {"boards 在 dws.dws_inventory（成本列）：没有拒绝读取成本列"}),
    ],
)  # fmt: skip
def test_a_server_that_does_otherwise_is_found_out(
    tmp_path: Path, fault: Callable[[dict[str, Any]], None], found: set[str]
) -> None:
    """Its users were made from another spec than the one the proof goes by."""
    server = Guarded(tmp_path / "home", spec(tmp_path, fault))
    try:
        furnish(server.etl)
        server.access = spec(tmp_path)
        fill(server.etl, load_access(server.access).people)
        with proving(server) as prove:
            proofs = prove()
        assert {f"✗ {each}" for each in found} <= {*format_proofs(proofs, viewers(server.etl))}
        with pytest.raises(Unproven, match="项权限证明不成立"):
            raise_if_wrong(proofs)
    finally:
        server.close()


def test_rights_that_are_not_in_force_are_found_out(guarded: Guarded) -> None:
    """A node whose access tables lag behind: somebody does not see what is theirs."""
    viewer = next(each for each in viewers(guarded.etl) if each.account == "li.na")
    with guarded.as_user("boards") as boards, guarded.as_user("boards_finance") as finance:
        prover = Prover(load_access(guarded.access), guarded.etl, boards, finance)
        more = type(viewer)("li.na", viewer.shops | {104}, finance=True)
        wrong = {proof.place: proof.detail for proof in prover.prove([more]) if proof.detail}
    assert wrong["dws.dws_sale_out"] == "看不到自己的店铺 104"
    assert wrong["dws.dws_inventory（成本列）"] == "有财务角色，却看不到成本"
