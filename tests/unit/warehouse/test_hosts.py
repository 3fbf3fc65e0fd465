"""Which nodes a ClickHouse connection names."""

from __future__ import annotations

from typing import Any

import pytest

from jst.errors import Misconfigured
from jst.warehouse.hosts import Hosts


def hosts(**options: Any) -> Hosts:
    return Hosts.from_options({"host": "ch1", "port": 9000, "user": "etl", "password": "secret", **options})


def test_a_connection_without_standby_is_one_node() -> None:
    assert hosts().names == ("ch1:9000",)
    assert hosts().alone


def test_servers_of_one_shared_storage_are_one_node_to_us_and_their_hosts_are_the_drivers() -> None:
    cluster = hosts(alt_hosts="ch2:9000,ch3:9000")
    assert cluster.alone
    assert cluster.options["alt_hosts"] == "ch2:9000,ch3:9000"


@pytest.mark.parametrize("standby", ["ch2:9000", " ch2:9000 ,", "ch2"])
def test_a_standby_is_named_with_or_without_its_port(standby: str) -> None:
    pair = hosts(standby=standby)
    assert pair.names == ("ch1:9000", "ch2:9000")
    assert not pair.alone
    assert "standby" not in pair.options


def test_the_default_port_follows_encryption() -> None:
    assert Hosts.from_options({"host": "ch1"}).names == ("ch1:9000",)
    assert Hosts.from_options({"host": "ch1", "secure": True, "standby": "ch2"}).names == ("ch1:9440", "ch2:9440")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"standby": "ch2:x"}, "ch2:x"),
        ({"standby": ":9000"}, ":9000"),
        ({"standby": "ch1:9000"}, "重复"),
        ({"standby": "ch2:9000", "alt_hosts": "ch3:9000"}, "alt_hosts"),
        ({"secure": True, "ca_certs": "/no/ca.pem"}, r"extra\.ca_certs 没有这个文件：/no/ca\.pem"),
    ],
)
def test_a_wrong_connection_is_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        hosts(**options)


def test_no_password_is_shown() -> None:
    assert "secret" not in repr(hosts(standby="ch2:9000"))


def test_the_extras_of_a_uri_which_are_text_mean_what_they_spell() -> None:
    spelled = {"connect_timeout": "3", "send_receive_timeout": "60.5", "secure": "true", "verify": "False"}
    settings = '{"max_execution_time": 60}'
    options = hosts(**spelled, database="123", compression="lz4", settings=settings).options
    assert {name: options[name] for name in spelled} == {
        "connect_timeout": 3, "send_receive_timeout": 60.5, "secure": True, "verify": False,
    }  # fmt: skip
    assert (options["database"], options["compression"]) == ("123", "lz4")
    assert options["settings"] == {"max_execution_time": 60}


def test_an_extra_the_driver_does_not_know_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"extra\.conect_timeout 不认识.*connect_timeout"):
        hosts(conect_timeout=3)
