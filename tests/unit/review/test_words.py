"""Numbers as people read them."""

from decimal import Decimal

import pytest

from pipegen.review import words


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "\u2013"), (Decimal("0.00"), "0"), (Decimal("950.40"), "950"), (999.6, "1.00k"),
        (Decimal("39000"), "39.0k"), (Decimal("663935.07"), "664k"), (999_600, "1.00M"),
        (Decimal("8301116.33"), "8.30M"), (Decimal("-550000"), "\u2212550k"), (14_729_556, "14.7M"),
        (1_000_000_000, "1.00B"), (46_000_000_000, "46.0B"), (Decimal("2500000000000"), "2.50T"),
    ],
)  # fmt: skip
def test_an_amount_has_three_digits_and_a_unit(amount: object, text: str) -> None:
    assert words.short(amount) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("sdr", "SDR"), ("close_date", "Close date"),
        ("mid_market", "Mid-market"), (None, "\u2013"), ("On Hold", "On Hold"),
        ("Ünbekannt_x", "Ünbekannt_x"), ("=1+1", "=1+1"),
    ],
)  # fmt: skip
def test_the_warehouses_words_are_written_out_and_peoples_are_left(word: str, text: str) -> None:
    assert words.name(word) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("less amount", "Less: no valid amount"), ("less close_date", "Less: no valid close date"),
        ("plus renewal", "Plus: renewals"), ("less =1+1", "Less: =1+1"), ("re_dated", "Re-dated"),
        ("probability_weighting", "Probability weighting"), ("amount_up", "Amount up"),
    ],
)  # fmt: skip
def test_a_step_says_why_a_deal_is_left_out(word: str, text: str) -> None:
    assert words.step(word) == text


def test_an_amount_to_the_cent_keeps_every_digit() -> None:
    assert words.money(Decimal("8301116.33")) == "8,301,116.33"
    assert words.money(Decimal("-0.05")) == "\u22120.05"
    assert words.money(Decimal("12345678901234.10")) == "12,345,678,901,234.10"


def test_two_of_one_name_are_told_apart() -> None:
    assert words.told_apart(["Al", "Bo", "Al"], ["1", "2", "3"]) == ["Al (1)", "Bo", "Al (3)"]


def test_a_count_of_nothing_is_none() -> None:
    assert [words.some(count) for count in (0, 1, 2000)] == ["none", "1", "2,000"]


def test_lists_are_written_as_people_say_them() -> None:
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.plural(1, "deal") == "1 deal"
    assert words.plural(2000, "deal") == "2,000 deals"
