"""The embedded ClickHouse's config.xml and users.xml; its users are those of ``include/config/access.yaml``."""

from __future__ import annotations

from pathlib import Path

from jst.access.render import Password, xml_profiles, xml_users
from jst.access.spec import Access
from local.layout import HOST, Ports
from local.services.tcp_proxy import INNER_HOST

_CONFIG = """\
<clickhouse>
  <listen_host>{host}</listen_host>
  <tcp_port>{tcp}</tcp_port>
  <http_port>{http}</http_port>
  <tmp_path>{folder}/tmp/</tmp_path>
  <user_directories><users_xml><path>{folder}/users.xml</path></users_xml></user_directories>
  <storage_configuration><disks><backups><type>local</type><path>{backups}/</path></backups></disks></storage_configuration>
  <backups><allowed_disk>backups</allowed_disk></backups>
  <logger><size>20M</size><count>2</count></logger>
  <max_server_memory_usage>1500000000</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <max_concurrent_queries>100</max_concurrent_queries>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>16</background_schedule_pool_size>
  <access_control_improvements>
    <on_cluster_queries_require_cluster_grant>true</on_cluster_queries_require_cluster_grant>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
    <select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
    <settings_constraints_replace_previous>true</settings_constraints_replace_previous>
    <table_engines_require_grant>true</table_engines_require_grant>
  </access_control_improvements>
  <query_log>
    <database>system</database><table>query_log</table>
    <ttl>event_date + INTERVAL 1 DAY</ttl><flush_interval_milliseconds>7500</flush_interval_milliseconds>
  </query_log>
  <merge_tree><number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
"""

# What one small machine can bear; every profile begins with it.
_MACHINE = "<max_threads>2</max_threads><max_memory_usage>1000000000</max_memory_usage>"

# the engine's own session is the user "default" and cannot give a password, so it may do nothing else
_ENGINE_USERS = """\
<default><password/><networks><ip>{host}</ip></networks><profile>default</profile><quota>default</quota><grants>
  <query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT SELECT ON system.numbers</query></grants></default>
<ctl><password from_env="CH_CTL_PASSWORD"/><networks><ip>{host}</ip></networks><profile>default</profile>
  <quota>default</quota><grants>
  <query>GRANT KILL QUERY ON *.*</query><query>GRANT SELECT ON system.processes</query></grants></ctl>
"""


def config_xml(ports: Ports, folder: Path, backups: Path) -> str:
    return _CONFIG.format(
        host=INNER_HOST, tcp=ports.clickhouse, http=ports.clickhouse_http, folder=folder, backups=backups
    )


def users_xml(access: Access, password: Password) -> str:
    return (
        f"<clickhouse>\n<profiles>\n<default>{_MACHINE}</default>\n{xml_profiles(access)}</profiles>\n"
        f"<quotas><default/></quotas>\n"
        f"<users>\n{_ENGINE_USERS.format(host=HOST)}{xml_users(access, password, HOST)}</users>\n"
        "</clickhouse>\n"
    )
