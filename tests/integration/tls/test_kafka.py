"""A broker that takes SASL over TLS alone: written, read and asked as always, or refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

import jst.kafka.exact_reader
import jst.kafka.producer
import jst.kafka.retained
import jst.kafka.topics
from jst.errors import JstError, Misconfigured
from jst.kafka.exact_reader import ExactReader
from jst.kafka.producer import CountingProducer, ranges
from jst.kafka.retained import retained
from jst.kafka.topics import cluster_id, create_topics
from jst.ledger.english import HAN, english
from jst.model.module import load_module
from local.instance import Instance
from local.services import kafka
from tests.support.changed_server import changed
from tests.support.kafka_records import carry
from tests.support.own_ca import OwnCa
from tests.support.search_depth import DEPTH

PASSWORD = "the-password-of-our-login"
LISTENERS = """
listeners=PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},SASL_SSL://127.0.0.1:{port}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://localhost:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


@pytest.fixture(scope="module", params=["SCRAM-SHA-512"][: DEPTH.of(0, 1)])
def broker(tmp_path_factory: pytest.TempPathFactory, ca: OwnCa) -> Iterator[dict[str, Any]]:
    """Port of the listener with SASL and TLS, and of the one without."""
    instance = Instance(tmp_path_factory.mktemp("broker"))
    ports = instance.layout.ports
    own = LISTENERS.format(plain=ports.kafka, controller=ports.kafka_controller, port=ports.erp, keystore=ca.issue())

    def listen() -> None:
        with (instance.layout.data / "kafka" / "server.properties").open("a", encoding="utf-8") as out:
            out.write(own)

    login = UserScramCredentialUpsertion(
        "jst", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), PASSWORD.encode()
    )
    with changed(kafka.service(instance.layout), listen):
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers(instance.layout)})
        for done in admin.alter_user_scram_credentials([login]).values():
            done.result(timeout=20)
        yield {"port": ports.erp, "plain": ports.kafka}
    instance.close()


@pytest.fixture
def extra(broker: dict[str, Any], ca: OwnCa) -> dict[str, Any]:
    """The connection's extra as docs/security.md writes it."""
    return {
        "bootstrap.servers": f"localhost:{broker['port']}",
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": ca.file,
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "jst",
        "sasl.password": PASSWORD,
    }


@pytest.mark.search
def test_topics_writing_reading_and_asking_go_over_it(extra: dict[str, Any]) -> None:
    topic = load_module("sku").topic
    assert topic in create_topics(extra)
    producer, reader = CountingProducer(extra), ExactReader(extra)
    placed = ranges(carry(producer, topic, "plan-1", range(7)))
    assert len(reader.read(topic, placed, [("plan-1", 1)])) == 7
    assert retained(extra, topic, None, None).offsets == reader.bounds(topic)
    assert cluster_id(extra)
    producer.close()
    reader.close()


UNVERIFIED = "的证书没有通过校验"


@pytest.mark.search
def test_what_is_wrong_is_one_sentence_whoever_asks(
    broker: dict[str, Any], extra: dict[str, Any], other_ca: OwnCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (jst.kafka.exact_reader, jst.kafka.retained, jst.kafka.topics):
        monkeypatch.setattr(module, "PATIENCE_SECONDS", 3.0)
    monkeypatch.setattr(jst.kafka.producer, "DEADLINE_SECONDS", 3.0)
    topic, secret = load_module("sku").topic, "not-the-password"
    for changes, sentence, mended in (
        ({"ssl.ca.location": other_ca.file}, UNVERIFIED, "ssl.ca.location 是签发它的 CA 的证书文件"),
        ({"bootstrap.servers": f"127.0.0.1:{broker['port']}"}, UNVERIFIED, "连接的 host 是证书上的名字"),
        ({"bootstrap.servers": f"localhost:{broker['plain']}"}, "没有用 TLS 答复", "核对端口"),
        ({"security.protocol": "SASL_PLAINTEXT"}, "一连上就断开", "它只接受 TLS：核对连接的 security.protocol"),
        ({"sasl.password": secret}, "不接受连接里的账号", "sasl.username、sasl.password"),
    ):
        wrong = {**extra, **changes}
        producer, reader = CountingProducer(wrong), ExactReader(wrong)
        for asks in (
            lambda wrong=wrong: create_topics(wrong),
            lambda producer=producer: carry(producer, topic, "plan-2", range(3)),
            lambda reader=reader: reader.bounds(topic),
            lambda reader=reader: reader.read(topic, {0: (0, 1)}, None),
            lambda wrong=wrong: retained(wrong, topic, None, None),
        ):
            with pytest.raises(JstError) as caught:
                asks()
            error = caught.value
            assert error.what == f"Kafka（{wrong['bootstrap.servers']}）{sentence}"
            assert mended in error.do
            assert secret not in str(error)
            assert PASSWORD not in str(error)
            assert not HAN.search(english(error.what) + english(error.do)), "add it to include/config/english.yaml"
        producer.close()
        reader.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ssl.ca.location": "/no/such/ca.pem"}, "连接 kafka_default 的 CA 证书文件读不到"),
        ({"sasl.mechanisme": "PLAIN"}, "连接 kafka_default 的设置不对：.*sasl.mechanisme"),
        ({"socket.timeout.ms": "soon"}, "连接 kafka_default 的设置不对：.*socket.timeout.ms"),
    ],
)
def test_a_setting_the_library_does_not_take_is_named(changes: dict[str, Any], said: str) -> None:
    login = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": "jst"}
    extra = {"bootstrap.servers": "localhost:1", **login, "sasl.password": PASSWORD, **changes}
    for asks in (lambda: create_topics(extra), lambda: CountingProducer(extra), lambda: ExactReader(extra).bounds("x")):
        with pytest.raises(Misconfigured, match=said) as caught:
            asks()
        assert PASSWORD not in str(caught.value)
