"""Where people live, by ISO 3166 code: countries (US), regions of them (US-CA), and groups such as EEA."""

_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS "
    "BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE "
    "EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC "
    "LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA "
    "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO "
    "TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
COUNTRIES = frozenset(_CODES.split())
"""ISO 3166-1 alpha-2, officially assigned."""

_EU_CODES = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EU = frozenset(_EU_CODES.split())
EEA = EU | {"IS", "LI", "NO"}
GROUPS = {"EU": EU, "EEA": EEA}
GDPR_LIKE = EEA | {"GB"}
"""Where GDPR, or the UK GDPR, applies: Art. 6(1) knows six grounds for using data, and notice is none."""

TERMINAL_LAW = EEA | {"GB"}
"""Where a cookie needs consent unless strictly necessary (ePrivacy Directive Art. 5(3), PECR)."""


def is_place(code: str) -> bool:
    """Whether `code` is a country, a region of one (US-CA), or a group."""
    country, dash, region = code.partition("-")
    if not dash:
        return code in COUNTRIES or code in GROUPS
    return country in COUNTRIES and 1 <= len(region) <= 3 and region.isascii() and region.isalnum()


def opened(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes with groups opened to their countries, sorted."""
    return tuple(sorted({country for code in codes for country in GROUPS.get(code, {code})}))


def country_of(code: str) -> str:
    """The country of a code: US for US-CA."""
    return code.partition("-")[0]


def lies_in(code: str, places: tuple[str, ...]) -> bool:
    """Whether the place `code` lies within one of `places`."""
    return code in places or country_of(code) in places
