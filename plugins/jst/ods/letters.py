"""Dead letters: what could not be read, why, and where it came from; scrubbed of anything personal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import msgspec

from jst.errors import BadRecord, Retry
from jst.flow.plan import Plan
from jst.ods.messages import Headers, Origin
from jst.ods.scrub import mask_phones, scrub
from jst.spec import Module

PAGE_FAILED = "page_failed"


@dataclass(frozen=True, slots=True)
class Letter:
    """``key``: the record's, as far as it can be read; '' for a page. ``body`` is JSON {module, reason, cause, window,
    page, text}; ``text`` the scrubbed record, empty for a page.

    ``identity`` is equal for the same content with the same fault, on whatever page it is met.
    """

    key: str
    body: bytes
    headers: Headers
    page: int
    reason: str
    cause: str
    identity: bytes


def record_letter(module: Module, row: object, bad: BadRecord, origin: Origin) -> Letter:
    """A record that cannot be read."""
    return _letter(module, bad.reason, str(bad), origin, scrub(row, module), _key(row, module))


def page_letter(module: Module, plan: Plan, attempt: int, page: int, failure: Retry, at: datetime) -> Letter:
    """A later page that failed while the plan's other pages were answered."""
    origin = Origin(plan.plan_id, attempt, str(plan.window), page, failure.where.ticket, "", at)
    return _letter(module, PAGE_FAILED, str(failure), origin, "", "")


def _key(row: object, module: Module) -> str:
    fields = [row.get(name) for name in module.key] if isinstance(row, dict) else []
    found = next((str(value) for value in fields if isinstance(value, str | int) and str(value).strip()), "")
    return mask_phones(found.strip())[:64]


def _letter(module: Module, reason: str, cause: str, origin: Origin, text: str, key: str) -> Letter:
    body = {
        "module": module.name,
        "reason": reason,
        "cause": cause,
        "window": origin.window,
        "page": origin.page,
        "text": text,
    }
    headers: Headers = [*origin.headers, ("module", module.name.encode()), ("reason", reason.encode())]
    identity = blake2b(f"{reason}\n{text or origin.page}".encode(), digest_size=16).digest()
    return Letter(key, msgspec.json.encode(body), headers, origin.page, reason, cause, identity)
