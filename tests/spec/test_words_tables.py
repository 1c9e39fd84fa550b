"""What gives way in a title, a search or any other free text, and what does not (G3).

Left what a stranger sends, right what is kept of it. All numbers are invented, or stand as examples in the rules
themselves.
"""

import pytest

from kept.gather.minimise import clean_words

DIRECT = [
    # mail
    ("Inbox of ana@example.com - Mail", "Inbox of [e-mail] - Mail"),
    ("Ana <ana@example.com>", "Ana [e-mail]"),
    ("ana%40example.com", "[e-mail]"),
    ("ana%2540example.com", "[e-mail]"),
    ("ana&#64;example.com", "[e-mail]"),
    ("ana&#x40;example.com", "[e-mail]"),
    ("ana&commat;example.com", "[e-mail]"),
    ("ana＠example．com", "[e-mail]"),
    ("a\x00na\u200b@example.com", "[e-mail]"),
    ("ana\u00ad@\u200dexample.com", "[e-mail]"),
    ("follow @ana_smith", "follow [handle]"),
    # telephone
    ("call +49 (170) 123-4567 now", "call [phone] now"),
    ("call 0049 170 1234567 now", "call [phone] now"),
    ("call 0170/1234567 now", "call [phone] now"),
    ("(030) 1234-5678", "[phone]"),
    ("01 23 45 67 89", "[phone]"),
    ("020 7946 0958", "[phone]"),
    ("01701234567", "[phone]"),
    ("617-495-1000", "[phone]"),
    ("(617) 495-1000", "[phone]"),
    ("1-617-495-1000", "[phone]"),
    ("on 24.11.2026 10:30 call 0170 1234567", "on 24.11.2026 10:30 call [phone]"),
    # cards
    ("4111 1111 1111 1111", "[card]"),
    ("card 4111-1111-1111-1111 12/29", "card [card] 12/29"),
    ("3782 822463 10005", "[card]"),
    ("12 4111 1111 1111 1111", "12 [card]"),
    ("４１１１ １１１１ １１１１ １１１１", "[card]"),
    ("٤١١١ ١١١١ ١١١١ ١١١١", "[card]"),
    ("4111\u20131111\u20131111\u20131111", "[card]"),
    ("4111\u00a01111\u00a01111\u00a01111", "[card]"),
    ("4\u00ad111\u200d 1111 1111 1111", "[card]"),
    ("4\ufe0f\u20e31\ufe0f\u20e31\ufe0f\u20e31\ufe0f\u20e3 1111 1111 1111", "[card]"),
    ("order 4012888888881881 sent", "order [card] sent"),
    # accounts
    ("DE89 3704 0044 0532 0130 00 Bonn", "[bank account] Bonn"),
    ("to GB29NWBK60161331926819.", "to [bank account]."),
    ("nl91abna0417164300", "[bank account]"),
    # numbers that states give
    ("SSN 078-05-1120", "SSN [national id]"),
    ("ssn: 078051120", "ssn: [national id]"),
    ("BSN 123456782", "BSN [national id]"),
    ("123456782", "[national id]"),
    ("1234.56.782", "[national id]"),
    ("DNI 12345678Z", "DNI [national id]"),
    ("12.345.678-Z", "[national id]"),
    ("X1234567L", "[national id]"),
    ("RSSMRA85T10A562S", "[national id]"),
    ("1 84 12 76 451 089 46", "[national id]"),
    ("184122A45108933", "[national id]"),
    ("PESEL 44051401359", "PESEL [national id]"),
    ("811228-9874", "[national id]"),
    ("19811228-9874", "[national id]"),
    ("85.07.30-033.28", "[national id]"),
    ("131052-308T", "[national id]"),
    ("756.9217.0769.85", "[national id]"),
    # internet addresses
    ("from 192.0.2.77.", "from [IP address]."),
    ("from [2001:db8::1]:443", "from [[IP address]]:443"),
    ("from ::ffff:192.0.2.77", "from [IP address]"),
    # ten digits or more
    ("call 2026112400123", "call [number]"),
]

HARMLESS = [
    "",
    "Nurse, night shift",
    "Nurse @ night",
    "C++, 50 % off, 2026-11-23 10:00",
    "C++17 2020-2024",
    "Größe 日本語 café – Ärztin",
    "नौकरी खोजें",
    "❤️ Berlin",
    "order 4711",
    "order 100045678 sent",
    "302-1234567-1234567",
    "A-2026-000123",
    "RMA 012-34-56",
    "1,299.00 euros",
    "1.299.000,00 EUR",
    "100 000 – 120 000 EUR",
    "24.11.2026",
    "01-02-2026",
    "01.02.2026 - 03.04.2026",
    "01-02-2026 10:30",
    "03.2026-05.2026",
    "2026-11-24T09:30:00Z",
    "10:30:45",
    "2024/25",
    "version 1.2.3",
    "version 1.2.3.4",
    "v10.0.19045.3803",
    "Chrome/131.0.0.0",
    "std::vector<int>",
    "ISBN 978-3-16-148410-0",
    "ISBN 9783161484100",
    "9783161484100",
    "ISBN 0-306-40615-2",
    "ISBN 0306406152",
    "ISBN-10: 080442957X",
    "ISO 9001:2015, EN 13485",
    "DIN A4 210 x 297 mm",
    "DE 12345",
    "12345678A",  # the letter is wrong
    "811228-9875",  # the check digit is wrong
    "4111 1111 1111 1112",
    "DE89 3704 5678",
    "10.0.0.0/8",
    "§ 305 BGB, 2 BvR 1/20",
    "50.1109, 8.6821",
]


@pytest.mark.parametrize(("sent", "kept"), DIRECT)
def test_what_leads_to_one_person_gives_way_to_its_kind(sent: str, kept: str) -> None:
    assert clean_words(sent) == kept


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_texts_pass_unchanged(text: str) -> None:
    assert clean_words(text) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_words_hide_nothing_that_stands_beside_them(text: str) -> None:
    assert clean_words(f"{text} | 4111 1111 1111 1111") == f"{text} | [card]"
    assert clean_words(f"0170 1234567 | {text}") == f"[phone] | {text}"
