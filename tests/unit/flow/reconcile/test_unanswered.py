"""One failing question is put off, and a source that fails at every question ends the round."""

from __future__ import annotations

import pytest

from jst.errors import JstError, Misconfigured, Refused, Retry, Unaccepted
from jst.flow.reconcile.unanswered import IN_A_ROW, Unanswered


def failing(error: JstError) -> JstError:
    if isinstance(error, Retry):
        error.asked = 3
    return error


def ask(unanswered: Unanswered, error: JstError | None) -> None:
    with unanswered.bear():
        if error is not None:
            raise error


@pytest.mark.parametrize("error", [Retry("没有答复", do="再试"), Unaccepted("不接受", do="核对")])
def test_what_fails_now_and_then_is_raised_in_the_end(error: JstError) -> None:
    unanswered = Unanswered()
    unanswered.raise_first()
    for each in (None, failing(error), None):
        ask(unanswered, each)
    with pytest.raises(type(error), match=error.what):
        unanswered.raise_first()


def test_three_in_a_row_end_the_round() -> None:
    unanswered = Unanswered()
    for number in range(2 * IN_A_ROW - 1):
        ask(unanswered, None if number == IN_A_ROW - 1 else failing(Retry("没有答复", do="再试")))
    with pytest.raises(Retry):
        ask(unanswered, failing(Retry("没有答复", do="再试")))


@pytest.mark.parametrize(
    "error",
    [
        failing(Refused("太频繁", do="等")),
        Retry("Kafka 不可用", do="检查"),
        Misconfigured("密钥不对", do="改正"),
        KeyboardInterrupt(),
    ],
)
def test_what_is_no_matter_of_one_question_ends_the_round_at_once(error: BaseException) -> None:
    with pytest.raises(type(error)), Unanswered().bear():
        raise error
