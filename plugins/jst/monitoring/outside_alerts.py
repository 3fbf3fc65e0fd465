"""What Alertmanager sends becomes incidents of ours: one from firing to resolved, known by its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from jst.control.incidents import OUTSIDE, Incidents
from jst.errors import Misconfigured


class OutsideAlert(msgspec.Struct, frozen=True):
    """One alert of a notification; Alertmanager derives the fingerprint from its labels."""

    status: Literal["firing", "resolved"]
    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = {}

    @property
    def what(self) -> str:
        """What a person reads: its own words, else its name."""
        name = self.labels.get("alertname", self.fingerprint)
        said = "：".join(words for key in ("summary", "description") if (words := self.annotations.get(key)))
        return f"{said}（{name}）" if said else name

    @property
    def do(self) -> str:
        """Where it says what to do."""
        page = self.annotations.get("runbook_url", "")
        return f"按 {page} 处理" if page else "按告警里写的处理"


class Notification(msgspec.Struct, frozen=True):
    """The body of Alertmanager's webhook, of which we need the alerts."""

    alerts: list[OutsideAlert]


def note(body: Any, incidents: Incidents) -> None:
    """Open and close the incidents of a notification; one that is sent again changes nothing. Raises Misconfigured for
    a body that is none."""
    try:
        notification = msgspec.convert(body, Notification)
    except msgspec.ValidationError as wrong:
        raise Misconfigured(f"这不是 Alertmanager 的通知：{wrong}", do="webhook 只从 Alertmanager 发送") from wrong
    for each in notification.alerts:
        if each.status == "resolved":
            incidents.close(OUTSIDE, "", each.fingerprint)
        else:
            detail = {"alert": each.labels.get("alertname", "")}
            incidents.open(OUTSIDE, "", each.fingerprint, each.what, each.do, detail)
