"""The embedded ClickHouse as the official image starts it: ``config.d/jst.xml`` is read, its ports are open to other
containers. It keeps no users that are made by SQL: they come from a file, made of the same access.yaml."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
from pathlib import Path
from xml.etree import ElementTree

from local.services import clickhouse_server, tcp_proxy

DATA, CONFIG = Path("/var/lib/clickhouse"), Path("/etc/clickhouse-server/config.d/jst.xml")
_SERVER = f"""\
<clickhouse>
  <listen_host>{tcp_proxy.INNER_HOST}</listen_host>
  <tcp_port>9000</tcp_port><http_port>8123</http_port>
  <tmp_path>{DATA}/tmp/</tmp_path>
  <user_directories><users_xml><path>{DATA}/users.xml</path></users_xml></user_directories>
  <max_server_memory_usage>1500000000</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <background_pool_size>2</background_pool_size>
  <merge_tree>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
"""


def main() -> None:
    (DATA / "tmp").mkdir(exist_ok=True)
    # the embedded server keeps "system" in memory and trips over the folder its last life left behind
    shutil.rmtree(DATA / "data" / "data" / "system", ignore_errors=True)
    server = ElementTree.fromstring(_SERVER)
    for element in ElementTree.parse(CONFIG).getroot():
        if element.tag not in ("listen_host", "logger") and "remove" not in element.attrib:
            server.append(element)
    (DATA / "config.xml").write_bytes(ElementTree.tostring(server))
    shutil.copy("/standins/users.xml", DATA / "users.xml")
    os.environ["CH_CTL_PASSWORD"] = secrets.token_hex(16)
    # not 0.0.0.0: that has the engine's own address, too
    vars(tcp_proxy)["HOST"] = ["127.0.0.1", socket.gethostbyname(socket.gethostname())]
    sys.argv = ["clickhouse_server", "/opt/libchdb.so", str(DATA), "9000", "8123"]
    clickhouse_server.main()


if __name__ == "__main__":
    main()
