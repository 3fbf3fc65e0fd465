"""Send what is due on one channel: each message once, or shown as one that may have been sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from jst.clock import Clock
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.control.request_budget import PostgresBudget
from jst.errors import JstError, Refused, Retry, Unaccepted
from jst.messages.channel_lock import hold_channel
from jst.messages.channels import Channel
from jst.messages.message import Posted
from jst.messages.outbox import Outbox
from jst.messages.robot import SLOWER, Addressee, Post, Robot
from jst.messages.robots import ChannelRobot, Connection
from jst.messages.web_post import OutcomeUnknown

log = logging.getLogger(__name__)
INCIDENT = "robot"
"""Kind of the incident of a robot that takes nothing; its subject is the channel."""
AGAIN_SECONDS = 300.0
"""How soon a robot that a person has to mend is tried again."""
BUSY_MINUTES, BUSY_SECONDS = (0, 30), 7.0
"""At the full and the half hour every company sends its reports: the first seconds are left to them."""
LONGEST_WAIT_SECONDS = 8.0
"""A longer pause is waited for in the outbox: what is more urgent by then goes first."""
_MOST = 200
"""Messages of one round: another process has a turn with the lock."""
Directory = Callable[[Sequence[str]], Sequence[Addressee]]
"""Looks accounts up in sheet 人员, an entry each; an account that is not in it has a name only."""


class Sender:
    """Sends on one channel; any number of processes may try, one of them does. Every effect is written before it
    happens: a kill at any line leaves a report either waiting or as one that may have been sent."""

    def __init__(
        self, database: Database, channel: Channel, connection: Connection, people: Directory, clock: Clock
    ) -> None:
        self._db, self._channel, self._people, self._clock = database, channel, people, clock
        self._outbox, self._incidents = Outbox(database), Incidents(database)
        self._robot = ChannelRobot(channel, connection, clock)
        self._budget = PostgresBudget(database, f"messages/{channel.connection}", clock, LONGEST_WAIT_SECONDS)

    def send_due(self) -> int:
        """Send what is due, the most urgent first; returns how many were accepted. 0 when another process sends."""
        name, sent = self._channel.name, 0
        with hold_channel(self._db, name) as held:
            if not held:
                return 0
            self._settle_left()
            for _ in range(_MOST):
                posted = self._outbox.next_due(name)
                if posted is None:
                    break
                sent += self._send(posted)
        return sent

    def _settle_left(self) -> None:
        """Say of what a killed sender left that it may have left: no process knows."""
        for posted in self._outbox.left(self._channel.name):
            self._unknown(posted, OutcomeUnknown("发送它的进程中断了，不知道有没有发出", do=_LOOK))

    def _send(self, posted: Posted) -> bool:
        try:
            robot = self._robot.get()
            if robot is None:
                self._skip(posted)
                return False
            post = self._prepared(robot, posted)
        except JstError as error:
            self._not_sent(posted, error, self._outbox.set_aside)
            return False
        claimed = self._outbox.claim(posted)
        if claimed is None:
            return False
        try:
            post()
        except OutcomeUnknown as error:
            self._unknown(claimed, error)
            return False
        except JstError as error:
            self._not_sent(claimed, error, self._outbox.mark)
            return False
        self._outbox.mark(claimed, "sent")
        self._incidents.close(INCIDENT, "", self._channel.name)
        self._outbox.release(self._channel.name)
        log.info("%s：已发送 %d “%s”", self._channel.title["zh"], posted.message_id, posted.message.title)
        return True

    def _prepared(self, robot: Robot, posted: Posted) -> Post:
        """Wait for the robot's turn and do all that may be repeated."""
        now = self._clock.now()
        if now.minute in BUSY_MINUTES and now.second < BUSY_SECONDS:
            self._clock.sleep(BUSY_SECONDS - now.second)
        try:
            self._budget.wait_for_slot(self._channel.name, robot.rates, "live")
        except Refused as full:
            raise Retry("机器人的限速用完了，或对方要求暂停", do=SLOWER, after=full.after) from None
        # rendered as it will be claimed: a repetition says that it is one
        picture = self._outbox.picture(posted.message_id)
        people = self._addressees(posted.message.mentions)
        try:
            return robot.prepare(posted.next_attempt(), picture, people)
        except JstError:
            raise
        except Exception as error:  # one message that cannot be written must not hold up those behind it
            log.exception("%s：%d 写不成报文", self._channel.title["zh"], posted.message_id)
            what = f"意外的错误 {type(error).__name__}，没有发送"
            raise Unaccepted(what, do="把 lingyang_messages 日志里的 traceback 交给开发") from error

    def _addressees(self, accounts: Sequence[str]) -> Sequence[Addressee]:
        if not accounts:
            return ()
        try:
            return self._people(accounts)
        except JstError as error:
            log.warning("工作表“人员”读不出来，只写名字不 @：%s", error)
            return [Addressee(account) for account in accounts]

    def _skip(self, posted: Posted) -> None:
        name = self._channel.connection
        self._outbox.set_aside(
            posted, "skipped", what=f"没有连接 {name}，没有发送", do=f"要发送时建立连接 {name}，再点“再发一次”"
        )
        log.info("没有连接 %s：%d “%s”没有发送，内容见消息页", name, posted.message_id, posted.message.title)

    def _unknown(self, posted: Posted, error: OutcomeUnknown) -> None:
        log.warning("%s：%d 不知道有没有发出：%s", self._channel.title["zh"], posted.message_id, error.what)
        if posted.message.kind == "incident":
            self._outbox.mark(posted, "waiting", what=error.what, do=_REPEATED, due_at=self._in(error.after))
        else:
            self._outbox.mark(posted, "maybe_sent", what=error.what, do=_LOOK)

    def _not_sent(self, posted: Posted, error: JstError, note: Callable[..., None]) -> None:
        """Note a message of which nothing has left, or which was refused."""
        log.warning("%s：%d 没有发出：%s", self._channel.title["zh"], posted.message_id, error)
        if isinstance(error, Retry):
            if isinstance(error, Refused):
                self._budget.refused(self._channel.name, error.after, "live")
            note(posted, "waiting", what=error.what, do=error.do, due_at=self._in(error.after))
        elif isinstance(error, Unaccepted):
            note(posted, "refused", what=error.what, do=error.do)
        else:
            later = self._in(AGAIN_SECONDS)
            note(posted, "refused", what=error.what, do=error.do, due_at=later)
            self._outbox.hold(self._channel.name, error.what, error.do, later)
            what = f"{self._channel.title['zh']}发不出消息：{error.what}"
            self._incidents.open(INCIDENT, "", self._channel.name, what, error.do)

    def _in(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


_LOOK = "到群里看一眼：没有收到就点“再发一次”"
_REPEATED = "会自动再发一次，带着事件编号"
