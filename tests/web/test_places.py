"""The places of bars: those of one loop follow one another in one, those at one time have several."""

from headway.web.places import Places


def test_bars_that_follow_one_another_inside_a_bar_have_one_place() -> None:
    places = Places()
    places.open("run", None)
    found = []
    for epoch in ("1", "2", "3"):
        found.append(places.open(epoch, "run"))
        places.close(epoch)

    assert found == ["0.0", "0.0", "0.0"]


def test_bars_at_one_time_have_several() -> None:
    places = Places()
    places.open("pool", None)
    assert [places.open(worker, "pool") for worker in "abc"] == ["0.0", "0.1", "0.2"]

    places.close("b")

    assert places.open("d", "pool") == "0.1"


def test_outermost_bars_share_none() -> None:
    places = Places()
    first = places.open("download", None)
    places.close("download")

    assert (first, places.open("train", None)) == ("0", "1")


def test_a_bar_inside_of_one_that_is_not_open_is_outermost() -> None:
    assert Places().open("inner", "gone") == "0"


def test_a_bar_outlives_the_one_around() -> None:
    places = Places()
    places.open("outer", None)
    places.open("inner", "outer")
    places.close("outer")
    places.close("inner")

    assert places.open("next", "outer") == "1"
