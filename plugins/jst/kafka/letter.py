"""Dead letters: what could not be read, why, and where it came from; scrubbed of anything personal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

import msgspec

from jst.errors import BadRecord, Retry
from jst.kafka.record import Headers, RawRecord, RecordOrigin
from jst.model.module import Module
from jst.model.plan import Plan
from jst.model.record_id import branch_key, spelled_id
from jst.model.scrub import mask_phones_in_id, scrub

PAGE_FAILED, TOO_LARGE_FOR_KAFKA = "page_failed", "too_large_for_kafka"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter. ``key``: the record's, as far as it can be read; '' for a page. ``body`` is JSON {module, reason,
    cause, window, page, key, text, identity}; ``text`` the scrubbed record, empty for a page.

    ``identity`` is equal for the same content with the same fault, on whatever page it stands.
    """

    key: str
    body: bytes
    headers: Headers
    page: int
    reason: str
    cause: str
    identity: bytes

    def without_text(self) -> Letter:
        """Return the letter for a topic that takes small messages only; the record is asked for again anyway."""
        return replace(self, body=msgspec.json.encode({**msgspec.json.decode(self.body), "text": ""}))


def record_letter(module: Module, row: object, bad: BadRecord, origin: RecordOrigin) -> Letter:
    """Return the letter of a record that cannot be read."""
    return _letter(module, bad.reason, str(bad), origin, scrub(row, module), _key(row, module))


def oversize_letter(module: Module, record_key: str, bad: BadRecord, origin: RecordOrigin) -> Letter:
    """Return the letter of a record that Kafka does not take. It carries the key alone, by which the record is asked
    for again: the letters' topic has a limit, too. It stays the same letter however the record changes."""
    key = _harmless(record_key)
    return _letter(module, bad.reason, str(bad), origin, f"{module.key[0]}={key}", key, content=record_key)


def page_letter(
    module: Module, plan: Plan, attempt: int, page: int, failure: Retry, at: datetime, branch: int = 0
) -> Letter:
    """Return the letter of a later page that failed while the plan's other pages were answered."""
    origin = RecordOrigin(plan.plan_id, attempt, str(plan.window), page, failure.where.ticket, "", at)
    content = f"{branch} {page}" if branch else ""
    return _letter(module, PAGE_FAILED, str(failure), origin, "", "", content=content)


def _key(row: object, module: Module) -> str:
    if not isinstance(row, dict):
        return ""
    fields = [row.get(name) for name in module.key]
    key = next((key for value in fields if isinstance(value, str | int) and (key := spelled_id(value))), "")
    return _harmless(branch_key(key, row[module.warehouse_field]) if key and module.per_warehouse else key)


def _harmless(found: str) -> str:
    return mask_phones_in_id(found)[:64] if found.isprintable() else ""


def _letter(
    module: Module, reason: str, cause: str, origin: RecordOrigin, text: str, key: str, *, content: str = ""
) -> Letter:
    identity = _identity(reason, content or text, origin.page)
    body = {
        "module": module.name,
        "reason": reason,
        "cause": cause,
        "window": origin.window,
        "page": origin.page,
        "key": key,
        "text": text,
        "identity": identity.hex(),
    }
    headers: Headers = [*origin.headers, ("module", module.name.encode()), ("reason", reason.encode())]
    return Letter(key, msgspec.json.encode(body), headers, origin.page, reason, cause, identity)


def letter_of(record: RawRecord) -> tuple[str, Letter] | None:
    """Return the module and the letter as it was written; None for what is no letter of ours: a person may have tried
    the topic with another tool."""
    try:
        said = msgspec.json.decode(record.body, type=_Body)
    except (msgspec.DecodeError, ValueError):
        return None
    # letters of earlier versions do not say their identity, and always have their text
    identity = bytes.fromhex(said.identity) or _identity(said.reason, said.text, record.page)
    return said.module, Letter(said.key, record.body.encode(), [], record.page, said.reason, said.cause, identity)


class _Body(msgspec.Struct):
    module: str
    reason: str
    cause: str
    text: str
    key: str = ""
    identity: str = ""


def _identity(reason: str, text: str, page: int) -> bytes:
    return blake2b(f"{reason}\n{text or page}".encode(), digest_size=16).digest()
