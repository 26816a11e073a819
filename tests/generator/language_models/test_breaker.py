from threading import Thread

import pytest

from generator.errors import ServerPaused
from generator.language_models.breaker import Breaker


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock) -> Breaker:
    return Breaker(failures=2, pause_s=10.0, clock=clock)


def fail(breaker: Breaker) -> None:
    breaker.enter()
    breaker.failed()


def test_it_opens_after_failures_in_a_row_only(breaker):
    fail(breaker)
    breaker.enter()
    breaker.succeeded()
    fail(breaker)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"
    with pytest.raises(ServerPaused):
        breaker.enter()


def test_after_the_pause_one_call_may_try_and_closes_it(breaker, clock):
    fail(breaker), fail(breaker)
    clock.now = 9.9
    assert breaker.state == "open" and breaker.pause_left_s == pytest.approx(0.1)
    clock.now = 10.0
    assert breaker.state == "trial" and breaker.pause_left_s == 0
    breaker.enter()
    with pytest.raises(ServerPaused):
        breaker.enter()
    breaker.succeeded()
    assert breaker.state == "closed"
    breaker.enter()


def test_a_trial_that_fails_opens_it_for_another_pause(breaker, clock):
    fail(breaker), fail(breaker)
    clock.now = 10.0
    fail(breaker)
    clock.now = 19.9
    assert breaker.state == "open"
    clock.now = 20.0
    assert breaker.state == "trial"


def test_of_many_threads_one_makes_the_trial(breaker, clock):
    fail(breaker), fail(breaker)
    clock.now = 10.0
    outcomes: list[str] = []

    def call() -> None:
        try:
            breaker.enter()
            outcomes.append("tried")
        except ServerPaused:
            outcomes.append("paused")

    threads = [Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["paused"] * 19 + ["tried"]
