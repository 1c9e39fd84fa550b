"""What is remembered answers as if it were not, and stays within its bounds."""

from hypothesis import given
from hypothesis import strategies as st

from kept.base.remembered import Remembered


@given(st.lists(st.text(max_size=6)))
def test_it_answers_as_what_works_it_out(keys: list[str]) -> None:
    told = Remembered(str.upper, most=3, longest=4)
    for key in keys:
        assert told[key] == key.upper()
        assert len(told) <= 3
        assert all(len(kept) <= 4 for kept in told)


def test_of_a_pair_the_characters_of_both_count() -> None:
    told = Remembered[tuple[str, str | None], str](str, most=3, longest=4)
    told["ab", "cd"], told["ab", None], told["abc", "de"]
    assert list(told) == [("ab", "cd"), ("ab", None)]
