"""The course of a metric: bounded, with every extreme."""

import math

from headway.web.course import POINTS, Course


def values(course: Course) -> list[list[float]]:
    return [*course.points(0.0).values()]


def test_few_values_are_all_there() -> None:
    course = Course()
    for i in range(5):
        course.take(10.0 + i, i / 2)

    assert course.points(10.0) == {"0": [0, 0], "1": [1, 0.5], "2": [2, 1], "3": [3, 1.5], "4": [4, 2]}


def test_many_values_keep_their_extremes_and_the_last_one() -> None:
    course = Course()
    for i in range(10_000):
        course.take(i, 1000.0 if i == 4321 else -7.0 if i == 5 else math.sin(i))
    points = values(course)

    assert POINTS // 2 <= len(points) <= POINTS
    assert max(p[3] for p in points if len(p) == 4) == 1000
    assert min(p[2] for p in points if len(p) == 4) == -7
    assert points[-1][0] == 9999
    assert [p[0] for p in points] == sorted(p[0] for p in points)


def test_points_stand_for_equally_many_values() -> None:
    course = Course()
    for i in range(1000):
        course.take(i, i)
    times = [p[0] for p in values(course)]
    gaps = {b - a for a, b in zip(times[:-2], times[1:-1], strict=True)}

    assert len(gaps) == 1


def test_values_that_are_not_finite_are_left_out() -> None:
    course = Course()
    for value in (math.nan, 1.0, math.inf, -math.inf, 2.0):
        course.take(0.0, value)

    assert [p[1] for p in values(course)] == [1, 2]
