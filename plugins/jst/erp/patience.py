"""How often one request is tried, and how long is waited between two tries."""

from __future__ import annotations

from tenacity import RetryCallState

from jst.errors import Retry

TRIES = 3
_LONGEST_PAUSE_SECONDS = 60.0


def failure(state: RetryCallState) -> Retry:
    """Return the trouble of the try that has just ended."""
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Retry)
    return error


def give_up(state: RetryCallState) -> bool:
    """Say whether to stop: after three tries, or when the source asks for a longer pause than a worker should sit
    through."""
    return state.attempt_number >= TRIES or failure(state).after > _LONGEST_PAUSE_SECONDS


def pause(state: RetryCallState) -> float:
    """Return the seconds to wait: 1 s, 2 s, or what the source asked for."""
    return max(2.0 ** (state.attempt_number - 1), failure(state).after)
