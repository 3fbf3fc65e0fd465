"""The daily push on the servers, channels and storage that Airflow's connections and configuration name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from jst.airflow.connections import base_address, connection, connection_if_any
from jst.boards.logins import Logins
from jst.boards.shop_owners import shop_owners
from jst.boards.wall_accounts import COOKIE
from jst.control.viewer_tickets import ViewerTickets
from jst.errors import Misconfigured
from jst.messages.channels import channel
from jst.metrics.catalogue import load_catalogue
from jst.push.daily_push import DailyPush, Makers
from jst.push.day_figures import FigureReader
from jst.push.editions import PushPlan, load_push
from jst.push.picture import Camera
from jst.push.picture_ways import Way, way_of
from jst.push.public_pictures import PublicPictures
from jst.push.readiness import Readiness
from jst.push.slots import Slots
from jst.warehouse.cluster import Warehouse
from jst.wiring import Parts

_QUESTION_SECONDS = 10
"""As long as the boards' login may ask; no person waits here."""


def push_of(parts: Parts, edition: str, on: date) -> DailyPush:
    """Wire an edition that is due on a day. Raises Misconfigured for one that push.yaml does not name."""
    plan = load_push()
    if edition not in plan.editions:
        raise Misconfigured(f"push.yaml 里没有 {edition}", do=f"改用 {'、'.join(plan.editions)}")
    readiness = Readiness(parts.database, plan.modules)
    makers = _Connected(parts, plan).makers()
    return DailyPush(plan, plan.editions[edition], on, readiness, Slots(parts.database), makers, parts.clock)


def public_pictures(folder: str, public: str) -> PublicPictures:
    """Keep pictures in a folder of an object storage, written as Airflow writes it, connection included; ``public``:
    its address for the world."""

    def write(name: str, png: bytes) -> None:
        from airflow.sdk import ObjectStoragePath  # half a second to import, and used by few

        (ObjectStoragePath(folder) / name).write_bytes(png)

    return PublicPictures(write, public)


class _Connected:
    def __init__(self, parts: Parts, plan: PushPlan) -> None:
        self._parts, self._plan = parts, plan
        self._logins = Logins(self._login, parts.clock, seconds=_QUESTION_SECONDS)

    def makers(self) -> Makers:
        plan, boards = self._plan, base_address()
        camera = Camera(plan.airflow or boards, self._ticket, self._parts.clock)
        return Makers(
            figures=FigureReader(load_catalogue(), self._logins).read,
            picture=camera.take,
            publish=public_pictures(plan.folder, plan.public) if plan.folder else None,
            way=self._way,
            owners=self._owners_of,
            boards=boards,
        )

    def _login(self, name: str) -> Warehouse:
        conn = connection(f"clickhouse_{name}")
        return self._parts.warehouse_as(conn.login, conn.password)

    def _ticket(self, viewer: str) -> tuple[str, str]:
        return COOKIE, ViewerTickets(self._parts.database).make(viewer)

    def _way(self, name: str) -> Way:
        found = channel(name)
        return way_of(found, connection_if_any(found.connection), public=bool(self._plan.public))

    def _owners_of(self, shop: int) -> Sequence[str]:
        return self._owners.get(shop, ())

    @cached_property
    def _owners(self) -> dict[int, list[str]]:
        return shop_owners(self._logins)
