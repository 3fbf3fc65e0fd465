"""The embedded ClickHouse's config.xml and users.xml; users and grants are the ones a real server would get by SQL."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from local.layout import HOST, Ports, Secrets

DATABASES = ("ods", "dwd", "dws", "dim", "ops", "access")

_CONFIG = """\
<clickhouse>
  <listen_host>{host}</listen_host>
  <tcp_port>{tcp}</tcp_port>
  <http_port>{http}</http_port>
  <tmp_path>{folder}/tmp/</tmp_path>
  <user_directories><users_xml><path>{folder}/users.xml</path></users_xml></user_directories>
  <logger><size>20M</size><count>2</count></logger>
  <max_server_memory_usage>1500000000</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <max_concurrent_queries>100</max_concurrent_queries>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>16</background_schedule_pool_size>
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

_PROFILES = """\
    <default/>
    <etl>
      <async_insert>0</async_insert>
      <final>0</final>
      <use_skip_indexes_if_final_exact_mode>1</use_skip_indexes_if_final_exact_mode>
      <optimize_on_insert>1</optimize_on_insert>
      <max_threads>2</max_threads>
      <max_memory_usage>1000000000</max_memory_usage>
    </etl>
    <readers>
      <readonly>2</readonly>
      <final>1</final>
      <use_skip_indexes_if_final_exact_mode>1</use_skip_indexes_if_final_exact_mode>
      <max_threads>2</max_threads>
      <max_execution_time>10</max_execution_time>
      <max_memory_usage>500000000</max_memory_usage>
      <constraints>
        <final><readonly/></final>
        <use_skip_indexes_if_final_exact_mode><readonly/></use_skip_indexes_if_final_exact_mode>
        <max_execution_time><min>1</min><max>10</max></max_execution_time>
        <max_memory_usage><min>1</min><max>500000000</max></max_memory_usage>
      </constraints>
    </readers>
"""

_USER = """\
    <{name}>
      {password}
      <networks><ip>{host}</ip></networks>
      <profile>{profile}</profile>
      <quota>default</quota>
      <grants>{grants}</grants>
    </{name}>
"""

_ETL_GRANTS = (
    *(f"GRANT ALL ON {database}.*" for database in DATABASES),
    "GRANT SELECT ON system.*",
    "GRANT SELECT ON INFORMATION_SCHEMA.*",
    "GRANT TABLE ENGINE ON *",
    "GRANT REMOTE ON *.*",  # a standby copies from the node that serves
    "GRANT CREATE TEMPORARY TABLE, KILL QUERY, SYSTEM RELOAD DICTIONARY, SYSTEM FLUSH LOGS ON *.*",
)
_BOARDS_GRANTS = tuple(f"GRANT SELECT ON {database}.*" for database in ("dws", "dim", "ops", "access"))
_BI_GRANTS = ("GRANT SELECT ON dws.*",)
# the engine's own session is this user and cannot give a password, so it may do nothing else
_DEFAULT_GRANTS = ("GRANT SYSTEM LISTEN ON *.*", "GRANT SELECT ON system.numbers")
_CTL_GRANTS = ("GRANT KILL QUERY ON *.*", "GRANT SELECT ON system.processes")


def config_xml(ports: Ports, folder: Path) -> str:
    return _CONFIG.format(host=HOST, tcp=ports.clickhouse_inner, http=ports.clickhouse_http, folder=folder)


def users_xml(secrets: Secrets) -> str:
    users = "".join(
        (
            _user("default", "<password/>", "default", _DEFAULT_GRANTS),
            _user("ctl", '<password from_env="CH_CTL_PASSWORD"/>', "default", _CTL_GRANTS),
            _user("etl", _hash(secrets.clickhouse_etl), "etl", _ETL_GRANTS),
            _user("boards", _hash(secrets.clickhouse_boards), "readers", _BOARDS_GRANTS),
            _user("lingyang_bi", _hash(secrets.clickhouse_bi), "readers", _BI_GRANTS),
        )
    )
    return (
        f"<clickhouse>\n  <profiles>\n{_PROFILES}  </profiles>\n"
        f"  <quotas><default/></quotas>\n  <users>\n{users}  </users>\n</clickhouse>\n"
    )


def _user(name: str, password: str, profile: str, grants: tuple[str, ...]) -> str:
    queries = "".join(f"<query>{grant}</query>" for grant in grants)
    return _USER.format(name=name, password=password, host=HOST, profile=profile, grants=queries)


def _hash(password: str) -> str:
    return f"<password_sha256_hex>{sha256(password.encode()).hexdigest()}</password_sha256_hex>"
