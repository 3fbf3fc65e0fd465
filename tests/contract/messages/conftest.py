"""The stand-ins as a server."""

from tests.support.messengers_fixture import messengers, messengers_server

__all__ = ["messengers", "messengers_server"]
