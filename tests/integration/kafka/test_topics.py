"""The topics of the house come into being once, whoever asks and however often."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType  # type: ignore[attr-defined]

from jst.kafka.record import LETTERS
from jst.kafka.topics import create_topics
from jst.model.module import load_module, module_names
from tests.support.wait_until import until

pytestmark = pytest.mark.kafka

WANTED = {LETTERS, *(load_module(name).topic for name in module_names())}
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def admin(config: dict[str, Any]) -> Iterator[AdminClient]:
    """On a broker without our topics; afterwards they are there, for the other tests."""
    admin = AdminClient(config)
    present = WANTED & set(admin.list_topics(timeout=10).topics)
    for deleted in (admin.delete_topics(sorted(present)) if present else {}).values():
        deleted.result(timeout=20)
    until(lambda: not WANTED & set(admin.list_topics(timeout=10).topics))
    yield admin
    create_topics(config)


def setting(admin: AdminClient, topic: str, name: str) -> str:
    (described,) = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    return str(described.result(timeout=10)[name].value)


def test_created_once_with_the_retention_we_promise(admin: AdminClient, config: dict[str, Any]) -> None:
    assert set(create_topics(config)) == WANTED
    until(lambda: set(admin.list_topics(timeout=10).topics) >= WANTED)  # the broker tells of new ones a moment later
    topics = admin.list_topics(timeout=10).topics
    assert {len(topics[name].partitions) for name in WANTED} == {3}
    for name in WANTED:
        assert setting(admin, name, "cleanup.policy") == "delete"
        assert int(setting(admin, name, "retention.ms")) == (90 if name == LETTERS else 7) * DAY_MS
    assert create_topics(config) == []


def test_what_is_missing_is_created_beside_what_is_there(admin: AdminClient, config: dict[str, Any]) -> None:
    create_topics(config)
    until(lambda: set(admin.list_topics(timeout=10).topics) >= WANTED)  # the broker tells of new ones a moment later
    for deleted in admin.delete_topics([LETTERS]).values():
        deleted.result(timeout=20)
    until(lambda: LETTERS not in admin.list_topics(timeout=10).topics)
    assert create_topics(config) == [LETTERS]


def test_three_at_once_do_no_harm(admin: AdminClient, config: dict[str, Any]) -> None:
    failures: list[Exception] = []

    def create() -> None:
        try:
            create_topics(config)
        except Exception as failure:
            failures.append(failure)

    racers = [threading.Thread(target=create) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert failures == []
    until(lambda: set(admin.list_topics(timeout=10).topics) >= WANTED)
