"""Keep a message within what a robot accepts: the end of it, the link and the mentions always stay."""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST_PART_BYTES = 4000


def within_bytes(parts: Sequence[str], tail: Sequence[str], most: int) -> str:
    """Join paragraphs of Markdown to at most ``most`` bytes of UTF-8; what is left out is counted. ``tail`` must be
    short."""
    room = most - sum(len(part.encode()) + 2 for part in tail) - 60
    kept: list[str] = []
    for number, part in enumerate(parts):
        cut = cut_bytes(part, _LONGEST_PART_BYTES)
        room -= len(cut.encode()) + 2
        if room < 0:
            kept.append(f"…还有 {len(parts) - number} 段没有写出")
            break
        kept.append(cut)
    return "\n\n".join([*kept, *tail])


def cut_bytes(text: str, most: int) -> str:
    """Cut a text to at most ``most`` bytes of UTF-8, the mark of the cut included."""
    raw = text.encode()
    return text if len(raw) <= most else raw[: most - 3].decode(errors="ignore") + "…"
