"""Where people live, by ISO 3166 code: countries (US), regions of them (US-CA), and groups such as EEA.

What is no place is refused wherever one is named, and never taken for a place that no audience names: there the
law is often weaker (promise G2).
"""

import re

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

_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND "
    "OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI"
)
_PROVINCES = "AB BC MB NB NL NS NT NU ON PE QC SK YT"
_REGIONS = {"US": frozenset(_STATES.split()), "CA": frozenset(_PROVINCES.split())}
"""ISO 3166-2, of the countries whose regions make such laws. A region of any other is held to its form alone."""

_OTHERWISE = {"UK": "GB", "EL": "GR"}
"""Codes in use that ISO 3166 does not have, or has for something else."""

_EU_CODES = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EU = frozenset(_EU_CODES.split())
EEA = EU | {"IS", "LI", "NO"}
GROUPS = {"EU": EU, "EEA": EEA}
GDPR_LIKE = EEA | {"GB"}
"""Where GDPR, or the UK GDPR, applies: Art. 6(1) knows six grounds for using data, and notice is none."""

TERMINAL_LAW = EEA | {"GB"}
"""Where a cookie needs consent unless strictly necessary (ePrivacy Directive Art. 5(3), PECR)."""

COUNTRY_NAMES = {
    "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BG": "Bulgaria", "BR": "Brazil", "CA": "Canada",
    "CH": "Switzerland", "CN": "China", "CY": "Cyprus", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark",
    "EE": "Estonia", "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "the United Kingdom",
    "GR": "Greece", "HR": "Croatia", "HU": "Hungary", "IE": "Ireland", "IL": "Israel", "IN": "India",
    "IS": "Iceland", "IT": "Italy", "JP": "Japan", "KR": "South Korea", "LI": "Liechtenstein",
    "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MT": "Malta", "MX": "Mexico",
    "NL": "the Netherlands", "NO": "Norway", "NZ": "New Zealand", "PL": "Poland", "PT": "Portugal",
    "RO": "Romania", "SE": "Sweden", "SG": "Singapore", "SI": "Slovenia", "SK": "Slovakia",
    "TR": "Türkiye", "US": "the United States", "US-CA": "California", "US-TX": "Texas", "ZA": "South Africa",
}  # fmt: skip
"""Names of places that policies often name; any other stands as its code."""

_BY_NAME = {name.removeprefix("the ").upper(): code for code, name in COUNTRY_NAMES.items()}


def is_place(code: str) -> bool:
    """Whether `code` is a country, a region of one (US-CA), or a group."""
    country, dash, region = code.partition("-")
    if not dash:
        return code in COUNTRIES or code in GROUPS
    if country in _REGIONS:
        return region in _REGIONS[country]
    return country in COUNTRIES and bool(re.fullmatch(r"[A-Z0-9]{1,3}", region))


def is_residence(code: str) -> bool:
    """Whether someone can be said to live there: a country or a region of one. A group is too coarse to tell."""
    return is_place(code) and code not in GROUPS


def nearest_place(found: str) -> str:
    """The code that was likely meant: GB for UK, DE for Germany or de. Empty where none is near."""
    said = found.strip().upper()
    code = _OTHERWISE.get(said) or _BY_NAME.get(said.removeprefix("THE "), said)
    return code if is_place(code) else ""


class Residence(str):
    """Where someone lives, as whoever knows them says it: DE, or US-CA.

    Raises ValueError for anything else, with the code that is nearest; what was said is not repeated.
    """

    __slots__ = ()

    def __new__(cls, said: object) -> "Residence":
        """The code, exactly as ISO 3166 has it."""
        if not isinstance(said, str) or not is_residence(said):  # enforces: residence-is-a-place
            better = nearest_place(said) if isinstance(said, str) else ""
            meant = f" Did you mean `{better}`?" if better and is_residence(better) else ""
            raise ValueError(f"This is no code of a place: ISO 3166 has such as DE or US-CA.{meant}")
        return super().__new__(cls, said)


def opened(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes with groups opened to their countries, sorted."""
    return tuple(sorted({country for code in codes for country in GROUPS.get(code, {code})}))


def country_of(code: str) -> str:
    """The country of a code: US for US-CA."""
    return code.partition("-")[0]


def lies_in(code: str, places: tuple[str, ...]) -> bool:
    """Whether the place `code` lies within one of `places`."""
    return code in places or country_of(code) in places
