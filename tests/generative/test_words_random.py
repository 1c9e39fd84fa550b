"""Whatever stands in a text: cleaning ends, never raises, is done after once, and leaves no number of a person."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kept.base.printing import is_clean
from kept.gather.minimise import clean_words, page_of, words
from kept.gather.minimise.reading import bare

at_leisure = settings(deadline=None, max_examples=300)
PIECES = [
    *("4111 1111 1111 1111", "DE89370400440532013000", "+49 170 1234567", "0170/1234567", "192.0.2.77"),
    *(
        "ana@example.com",
        "@",
        "%40",
        "&#64;",
        "2001:db8::1",
        "12345678Z",
        "X1234567L",
        "811228-9874",
        "123456782",
    ),
    *(
        "RSSMRA85T10A562S",
        "131052A308T",
        "078-05-1120",
        "ISBN 9783161484100",
        "ISBN 0306406152",
        "24.11.2026",
    ),
    *(
        "a",
        "Z",
        "word",
        " ",
        "  ",
        "-",
        ".",
        "/",
        ":",
        "+",
        "(",
        ")",
        "[",
        "]",
        "0",
        "1",
        "20",
        "978",
        "\u00ad",
        "１",
        "\x00",
    ),
]
PIECED = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
ANYTHING = st.one_of(
    st.text(), PIECED, st.text(alphabet="0123456789 -+().:/%@ABCDEFXZn１\u00ad\n", max_size=80)
)


@at_leisure
@given(ANYTHING)
@example("4111 1111 1111 11110170 1234567")
@example("@ISBN 0300001452")
def test_once_is_enough_and_nothing_is_left(text: str) -> None:
    kept = clean_words(text)
    assert words.find(bare(kept)) == []
    assert clean_words(kept) == kept
    assert is_clean(kept, but="\n\t")


@at_leisure
@given(ANYTHING)
def test_a_text_never_grows_beyond_its_bound(text: str) -> None:
    assert len(clean_words(text)) <= max(len(text), words.LEAST)
    assert len(clean_words("@a " * 500)) <= 1_500


@at_leisure
@given(ANYTHING)
def test_what_is_passed_over_in_haste_holds_nothing(text: str) -> None:
    """The quick look may send too much to the careful one, and never too little."""
    if text.isprintable() and clean_words(text) is text:
        assert words.find(bare(text)) == []


@at_leisure
@given(ANYTHING)
def test_paths_leave_nothing_either(text: str) -> None:
    path = page_of("/" + text).path
    assert path is None or "@" not in bare(path)
    assert path is None or page_of(path).path == path


@at_leisure
@given(
    st.sampled_from(PIECES[:7]),
    st.text(alphabet="abcdefg ,;", max_size=40),
    st.text(alphabet="abcdefg ,;", max_size=40),
)
def test_found_wherever_it_stands(number: str, before: str, after: str) -> None:
    if number in ("ana@example.com", "@"):
        return
    assert bare(number) not in clean_words(f"{before} {number} {after}")
