"""Check digits of numbers that states and banks give to people: what tells them from any other number.

Each takes the number without separators and says whether its check digits are right. The rules are public:
ISO/IEC 7812 (Luhn), ISO 13616 and 7064 (IBAN), ISO 2108 (ISBN), and the laws or tax offices named beside each.
"""

from datetime import date

# ISO 13616 registry: how long the IBAN of a country is.
_IBAN_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 "
    "EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 "
    "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 "
    "NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 "
    "SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
IBAN_LENGTHS = {each[:2]: int(each[2:]) for each in _IBAN_LENGTHS.split()}
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
_FI = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_OMOCODIA = str.maketrans("LMNPQRSTUV", "0123456789")
_ODD_PLACES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_LETTERS = (*_ODD_PLACES, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (*_ODD_PLACES, *_ODD_LETTERS), strict=True))


def luhn(digits: str) -> bool:
    """Cards, Swedish personnummer: every second digit from the right doubled, its digits added; a multiple of ten."""
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """International bank account number: 1 modulo 97 when letters count from 10 and the first four stand last."""
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def isbn(text: str) -> bool:
    """International standard book number, of ten (modulo 11) or thirteen digits (modulo 10)."""
    if len(text) == 10:
        return sum((10 - at) * (10 if c in "Xx" else int(c)) for at, c in enumerate(text)) % 11 == 0
    return text.startswith(("978", "979")) and ean(text)


def ean(digits: str) -> bool:
    """Thirteen digits whose weights are 1 and 3 by turns: books, goods, the Swiss AHV number (AHVV art. 133)."""
    return len(digits) == 13 and sum(int(d) * (1 + 2 * (at % 2)) for at, d in enumerate(digits)) % 10 == 0


def bsn(digits: str) -> bool:
    """Dutch burgerservicenummer: the elfproef (Besluit burgerservicenummer)."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return int(digits) > 0 and sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 == 0


def dni(text: str) -> bool:
    """Spanish DNI or NIE: the letter is the number modulo 23 (Real Decreto 1553/2005)."""
    text = text.upper()
    number = text[:-1].translate(str.maketrans("XYZ", "012"))
    return _DNI[int(number) % 23] == text[-1]


def codice_fiscale(text: str) -> bool:
    """Italian codice fiscale: the last letter checks fifteen characters (DM 23 December 1976, art. 6)."""
    text = text.upper()
    even = (int(c) if c.isdigit() else ord(c) - ord("A") for c in text[1:15:2])
    total = sum(_ODD[c] for c in text[0:15:2]) + sum(even)
    return chr(ord("A") + total % 26) == text[15] and 1 <= int(text[9:11].translate(_OMOCODIA)) % 40 <= 31


def nir(text: str) -> bool:
    """French NIR: the key is 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18 (INSEE)."""
    text = text.upper().replace("2A", "19").replace("2B", "18")
    return text.isdigit() and int(text[13:]) == 97 - int(text[:13]) % 97


def pesel(digits: str) -> bool:
    """Polish PESEL: a birthday, whose month tells the century, and a weighted sum (law of 24 September 2010)."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    fits = sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 10 == 0
    return fits and _is_day(digits[:2], int(digits[2:4]) % 20, int(digits[4:6]))


def personnummer(digits: str) -> bool:
    """Swedish personnummer or samordningsnummer (day + 60): a birthday and Luhn (folkbokföringslagen 18 §)."""
    ten = digits[-10:]
    return luhn(ten) and _is_day(ten[:2], int(ten[2:4]), int(ten[4:6]) % 60)


def rijksregister(digits: str) -> bool:
    """Belgian national number: 97 less the number modulo 97, with a 2 before it from 2000 on (KB 3 April 1984)."""
    return int(digits[9:]) in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def henkilotunnus(text: str) -> bool:
    """Finnish henkilötunnus: the last sign is the nine digits modulo 31 (decree 128/2010)."""
    return _FI[int(text[:6] + text[7:10]) % 31] == text[-1].upper() and _is_day(
        text[4:6], int(text[2:4]), int(text[:2])
    )


def _is_day(year: str, month: int, day: int) -> bool:
    """Whether there was such a day in a year that ends so; 29 February counts in any."""
    try:
        date(2000 + int(year), month, min(day, 28) if month == 2 and day == 29 else day)
    except ValueError:
        return False
    return True
