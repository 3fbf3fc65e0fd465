"""Keeps one service running: looks whether it lives, restarts it with growing pauses, stops it for good."""

from __future__ import annotations

import signal
import subprocess
import time

from local.layout import LocalError
from local.services.process import Service, kill_group, last_words, spawn
from local.supervise.state import Process

_FIRST_PAUSE, _LONGEST_PAUSE, _CALM_AFTER = 0.5, 30.0, 60.0


class Keeper:
    """Starts the service at once and writes what it sees into ``board[service.name]``. Times in seconds."""

    def __init__(self, service: Service, board: dict[str, Process]) -> None:
        self.service, self._board = service, board
        self._record = board[service.name] = Process(service.title)
        self._pause = _FIRST_PAUSE
        self._again_at = 0.0
        self._was_up = False
        self._process: subprocess.Popen[bytes] | None = None
        self._spawn()

    def _spawn(self) -> None:
        self._process = spawn(self.service)
        self._record.pid, self._record.since = self._process.pid, time.time()

    def is_up(self) -> bool:
        """Ready for the first time; raises LocalError when it died before it ever was."""
        if self._process is not None and self.service.ready():
            self._was_up = True
            self._record.state = "running"
        return self._was_up

    def look(self) -> bool:
        """Notice a death, restart when its pause is over; True when something changed."""
        if self._process is None:
            return self._restart() if time.monotonic() >= self._again_at else False
        if self._is_outlived():
            self._process.kill()
            self._process.wait()
        code = self._process.poll()
        if code is None:
            return self._notice_ready()
        kill_group(self._process.pid)
        if not self._was_up:
            raise LocalError(f"{self.service.title} 启动后退出（代码 {code}）：{last_words(self.service.log)}")
        if time.time() - self._record.since > _CALM_AFTER:
            self._pause = _FIRST_PAUSE
        self._process = None
        self._record.state, self._record.pid = "restarting", 0
        self._again_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return True

    def _is_outlived(self) -> bool:
        """Say whether what it needs has been started again since."""
        needed = self._board.get(self.service.needs)
        return needed is not None and self._record.since < needed.since

    def _restart(self) -> bool:
        self._record.restarts += 1
        try:
            self.service.prepare()
            self._spawn()
        except (OSError, LocalError):
            self._again_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return True

    def _notice_ready(self) -> bool:
        if self._record.state != "restarting" or not self.service.ready():
            return False
        self._record.state = "running"
        return True

    def ask_to_stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self.service.stop_signal)

    def wait_until_stopped(self) -> None:
        """Kill what does not end by itself in time, with everything it started."""
        if self._process is not None:
            try:
                self._process.wait(self.service.stop_seconds)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()
            kill_group(self._process.pid)
        self._record.state, self._record.pid = "down", 0
