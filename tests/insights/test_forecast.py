"""Conditional survival: probabilities are probabilities, and on small samples what counting by hand finds."""

from hypothesis import given
from hypothesis import strategies as st

from insights.forecast import Survival, forecast

minutes = st.integers(min_value=0, max_value=60)
finished = st.lists(minutes, min_size=1, max_size=25)
spells = st.lists(st.tuples(minutes, st.booleans()), min_size=0, max_size=25)


@given(spells, minutes, minutes)
def test_the_share_that_lasts_never_rises_and_stays_between_none_and_all(
    past: list[tuple[float, bool]], a: int, b: int
) -> None:
    curve = Survival(past)
    early, late = curve.beyond(min(a, b)), curve.beyond(max(a, b))
    assert 0 <= late <= early <= 1


@given(spells, minutes, st.integers(0, 80), st.integers(0, 80))
def test_a_later_deadline_is_never_likelier_to_be_missed(
    past: list[tuple[float, bool]], age: int, due: int, more: int
) -> None:
    curve = Survival(past)
    sooner, later = curve.late(age, due), curve.late(age, due + more)
    assert sooner is None or 0 <= sooner <= 1
    if sooner is not None and later is not None:
        assert later <= sooner + 1e-9


@given(finished, minutes, minutes)
def test_without_open_matters_it_is_the_plain_share_of_those_that_lasted_this_long(
    past: list[int], age: int, due: int
) -> None:
    curve = Survival([(length, True) for length in past])
    open_then = [length for length in past if length > age]
    said = curve.late(age, due)
    if age > due:
        assert said == 1.0
    elif not open_then:
        assert said is None
    else:
        assert said is not None
        assert abs(said - sum(length > due for length in open_then) / len(open_then)) < 1e-9
    assert curve.still_open(age) == len(open_then)


@given(finished, minutes, st.sampled_from([0.25, 0.5, 0.75]))
def test_the_remaining_time_is_the_quantile_of_those_that_lasted_this_long(
    past: list[int], age: int, share: float
) -> None:
    curve = Survival([(length, True) for length in past])
    left = sorted(length - age for length in past if length > age)
    said = curve.remaining(age, share)
    if not left:
        assert said is None
    else:
        by_hand = next(x for place, x in enumerate(left, start=1) if place / len(left) >= share - 1e-9)
        assert said == by_hand


@given(spells, minutes)
def test_quantiles_of_the_remaining_time_are_in_order(past: list[tuple[float, bool]], age: int) -> None:
    curve = Survival(past)
    quantiles = [curve.remaining(age, share) for share in (0.25, 0.5, 0.75)]
    known = [value for value in quantiles if value is not None]
    assert known == sorted(known) and all(value > 0 for value in known)


def test_a_matter_still_open_is_no_matter_that_ended() -> None:
    # Ten ended at 10; ten more have been watched for 20 and are open: half may still be open at 15.
    curve = Survival([(10, True)] * 10 + [(20, False)] * 10)
    assert curve.late(5, 15) == 0.5
    assert curve.remaining(5, 0.75) is None


def test_the_nearest_circle_with_enough_evidence_answers_and_says_so() -> None:
    few, many = Survival([(50, True)] * 5), Survival([(50, True)] * 30 + [(200, True)] * 10)
    said = forecast([("unit", few), ("duty", many)], age=10, due=100)
    assert (said.level, said.evidence, said.probability) == ("duty", 40, 0.25)
    assert said.expected == 40


def test_too_little_evidence_is_said_instead_of_a_number() -> None:
    said = forecast([("unit", Survival([(50, True)] * 5)), ("city", Survival([(50, True)] * 19))], age=10, due=100)
    assert not said.is_known and said.evidence == 19 and said.level == ""


def test_wider_circles_are_not_read_when_the_nearest_answers() -> None:
    def levels() -> object:
        yield "unit", Survival([(50, True)] * 30)
        raise AssertionError("asked for more")

    assert forecast(levels(), age=0, due=10).level == "unit"  # type: ignore[arg-type]
