"""A migrated control database whose tables are empty before each test, and the stand-ins as a server."""

from tests.support.control_fixture import database
from tests.support.messengers_fixture import messengers, messengers_server

__all__ = ["database", "messengers", "messengers_server"]
