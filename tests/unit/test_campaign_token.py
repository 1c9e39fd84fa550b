"""A campaign is a segment like any other: what looks made by a machine gives way, also where it is of letters (G3)."""

from kept.gather.minimise import campaign_of


def test_a_token_in_the_shape_of_words_gives_way() -> None:
    assert campaign_of("utm_source=Eoy-Dfhqkmqh.vctld.vn-v-L") == ":token/-/-"
    assert campaign_of("utm_source=news&utm_campaign=spring-sale-in-leeds") == "news/-/spring-sale-in-leeds"
