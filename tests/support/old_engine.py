"""A process with an engine of another ClickHouse: all migrations, then the story; what was told goes to a file.

``python -m tests.support.old_engine PACKAGE FOLDER``, with what the story needs, pickled, on standard input.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from jst.access.render import sql
from jst.access.spec import load_access, version_of
from jst.warehouse.clickhouse_migrations import migrate
from tests.support.embedded_client import EmbeddedClient
from tests.support.warehouse_story import Recorder, Story


def main() -> None:
    package, folder = map(Path, sys.argv[1:])
    now, address = pickle.loads(sys.stdin.buffer.read())
    access, client = load_access(), EmbeddedClient(package, folder)
    version = client.execute("SELECT version()")[0][0]
    client.use(access.settings_of("etl", version_of(version)))
    beginning = Recorder(client)
    migrate(beginning)
    migrate(beginning)  # the second time it reads its history
    story = Story(client, now, address)
    told = story.tell()
    asked = [sql for sql, _ in beginning.told] + story.asked()
    for statement in sql(access, str.upper, version_of(version)):
        client.execute("SELECT formatQuery(%(statement)s)", {"statement": statement})  # an error when it cannot be read
    known = {name for (name,) in client.execute("SELECT name FROM system.settings")}
    (folder / "told.pickle").write_bytes(pickle.dumps((told, asked, known, version)))


if __name__ == "__main__":
    main()
