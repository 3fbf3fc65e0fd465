"""The rights of ``jst.access.spec`` in the server's words: users.xml for the embedded server, SQL for a normal one.

``python -m jst.access.render`` prints the SQL, ``… 24.8`` that for an older server; an administrator runs it. Each
user's password is read from the environment variable ``JST_PASSWORD_<USER>``; printed is only its hash.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from xml.sax.saxutils import escape

from jst.access.spec import Access, User, load_access, version_of

Password = Callable[[str], str]


def xml_profiles(access: Access) -> str:
    """Render the elements of ``<profiles>``; each begins with what ``default`` says of the machine."""
    return "".join(
        f"<{name}><profile>default</profile>"
        + "".join(f"<{setting}>{value}</{setting}>" for setting, value in profile.settings.items())
        + f"<constraints>{_xml_changeable(profile.changeable)}</constraints></{name}>\n"
        for name, profile in access.profiles.items()
    )


def _xml_changeable(changeable: Mapping[str, Mapping[str, int]]) -> str:
    return "".join(
        f"<{setting}><changeable_in_readonly/>"
        + "".join(f"<{end}>{value}</{end}>" for end, value in ends.items())
        + f"</{setting}>"
        for setting, ends in changeable.items()
    )


def xml_users(access: Access, password: Password, ip: str) -> str:
    """Render the elements of ``<users>``, who may come from ``ip`` only."""
    return "".join(
        f"<{user.name}><password_sha256_hex>{_hash(password(user.name))}</password_sha256_hex>"
        f"<networks><ip>{ip}</ip></networks><profile>{user.profile}</profile><quota>default</quota>"
        f"<grants>{''.join(f'<query>{verb} {what}</query>' for verb, what in user.rights)}</grants>"
        f"<databases>{_xml_filters(user)}</databases></{user.name}>\n"
        for user in access.users
    )


def _xml_filters(user: User) -> str:
    """Render one element per database: a second one of the same name would be read as another database."""
    databases: dict[str, str] = {}
    for name, condition in user.filters.items():
        database, table = name.split(".")
        databases.setdefault(database, "")
        databases[database] += f"<{table}><filter>{escape(condition)}</filter></{table}>"
    return "".join(f"<{database}>{tables}</{database}>" for database, tables in databases.items())


def sql(access: Access, password: Password, version: tuple[int, int] | None = None) -> Iterator[str]:
    """Yield the statements for a server of ``version`` (None: one that knows all settings); each may be run again."""
    for name, profile in access.profiles.items():
        fixed = {setting: str(value) for setting, value in access.settings_of(name, version).items()}
        free = {setting: _sql_changeable(ends) for setting, ends in profile.changeable.items()}
        said = [f"{setting} = {value}{free.pop(setting, '')}" for setting, value in fixed.items()]
        said += [f"{setting}{words}" for setting, words in free.items()]
        yield f"CREATE SETTINGS PROFILE OR REPLACE jst_{name} SETTINGS {', '.join(said)}"
    for user in access.users:
        identified = f"IDENTIFIED WITH sha256_hash BY '{_hash(password(user.name))}'"
        yield f"CREATE USER IF NOT EXISTS `{user.name}` {identified}"
        yield f"ALTER USER `{user.name}` {identified} SETTINGS PROFILE 'jst_{user.profile}'"
    # rows before tables: else a user could for a moment read what the policy is still to close
    yield from _policies(access)
    for user in access.users:
        yield f"REVOKE ALL ON *.* FROM `{user.name}`"
        for verb, what in user.rights:
            yield f"{verb} {what} {'TO' if verb == 'GRANT' else 'FROM'} `{user.name}`"


def _policies(access: Access) -> Iterator[str]:
    """Yield one policy per table and condition; a login that is not named, made by hand later, is a stranger to all of
    them."""
    for table, condition in access.strangers.items():
        bound: dict[str, list[User]] = {}
        for user in access.users:
            if user.filters.get(table, condition) != condition:
                bound.setdefault(user.filters[table], []).append(user)
        for other, users in bound.items():
            yield f"CREATE ROW POLICY OR REPLACE jst_{users[0].name} ON {table} USING {other} TO {_names(users)}"
        named = [user for users in bound.values() for user in users]
        yield f"CREATE ROW POLICY OR REPLACE jst_stranger ON {table} USING {condition} TO ALL EXCEPT {_names(named)}"


def removal(access: Access) -> Iterator[str]:
    """Yield what takes away everything that ``sql`` makes; a policy outlives its table, and waits for the next of its
    name."""
    for policy in _policies(access):
        name, table = policy.removeprefix("CREATE ROW POLICY OR REPLACE ").split(" ON ")
        yield f"DROP ROW POLICY IF EXISTS {name} ON {table.split()[0]}"
    yield from (f"DROP USER IF EXISTS `{user.name}`" for user in access.users)
    yield from (f"DROP SETTINGS PROFILE IF EXISTS jst_{name}" for name in access.profiles)


def _names(users: Sequence[User]) -> str:
    return ", ".join(f"`{user.name}`" for user in users)


def _sql_changeable(ends: Mapping[str, int]) -> str:
    return "".join(f" {end.upper()} {value}" for end, value in ends.items()) + " CHANGEABLE_IN_READONLY"


def variable(user: str) -> str:
    """Return the environment variable that has the password of a user."""
    return f"JST_PASSWORD_{user.upper()}"


def _hash(password: str) -> str:
    return sha256(password.encode()).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Print the SQL and return 0, or print what is missing and return 2."""
    access = load_access()
    try:
        version = version_of(arguments[0]) if arguments else None
    except ValueError:
        print(f"“{arguments[0]}”不是 ClickHouse 的版本：写成 24.8 这样", file=sys.stderr)
        return 2
    missing = [name for name in (variable(user.name) for user in access.users) if not os.environ.get(name)]
    if missing:
        print(f"缺少密码：请设置环境变量 {'、'.join(missing)} 后再运行", file=sys.stderr)
        return 2
    for statement in sql(access, lambda user: os.environ[variable(user)], version):
        print(f"{statement};")
    if version is None:
        newest = ".".join(map(str, max(new.version for new in access.since)))
        print(f"以上用于 ClickHouse {newest} 及更新的版本；更旧的服务器请写上版本，如 24.8", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
