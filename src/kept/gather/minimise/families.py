"""The closed lists that a user agent is reduced to: names as `ua-parser` gives them, and what we call them.

One browser has many names on many devices; since the kind of device is kept apart, they are one family here.
"""

from collections.abc import Mapping

OTHER = "other"

_FAMILIES: Mapping[str, str] = {
    "Amazon Silk": "Amazon Silk",
    "Android": "Android",
    "AOL": "AOL",
    "Apple Mail": "Apple Mail",
    "BlackBerry": "BlackBerry, BlackBerry WebKit",
    "Brave": "Brave",
    "Chrome": "Chrome, Chrome Mobile, Chrome Mobile WebView, Chrome Mobile iOS, Chrome Frame, Chromium, "
    "HeadlessChrome, Iron",
    "Coc Coc": "Coc Coc",
    "DuckDuckGo": "DuckDuckGo, DuckDuckGo Mobile",
    "Ecosia": "Ecosia Android, Ecosia iOS",
    "Edge": "Edge, Edge Mobile",
    "Epiphany": "Epiphany",
    "Facebook": "Facebook, Facebook Messenger",
    "Firefox": "Firefox, Firefox Mobile, Firefox iOS, Firefox Alpha, Firefox Beta, Firefox Focus, Iceweasel, "
    "IceCat, Bon Echo, Minefield",
    "Google": "Google",
    "Huawei Browser": "Huawei Browser",
    "Instagram": "Instagram",
    "Internet Explorer": "IE, IE Mobile, IE Large Screen",
    "Konqueror": "Konqueror",
    "Line": "LINE",
    "LinkedIn": "LinkedIn",
    "Links": "Links, ELinks",
    "Lynx": "Lynx",
    "Maxthon": "Maxthon",
    "Midori": "Midori",
    "MIUI Browser": "MiuiBrowser",
    "Opera": "Opera, Opera Mini, Opera Mobile, Opera Touch, Opera GX, Opera Neon, Opera Coast, Opera Tablet",
    "Pale Moon": "Pale Moon",
    "Pinterest": "Pinterest",
    "Puffin": "Puffin",
    "QQ Browser": "QQ Browser, QQ Browser Mini, QQ Browser Mobile",
    "Safari": "Safari, Mobile Safari, Mobile Safari UI/WKWebView",
    "Samsung Internet": "Samsung Internet",
    "SeaMonkey": "SeaMonkey",
    "Snapchat": "Snapchat",
    "Sogou": "Sogou Explorer",
    "Thunderbird": "Thunderbird",
    "TikTok": "TikTok",
    "Twitter": "Twitter",
    "UC Browser": "UC Browser",
    "Vivaldi": "Vivaldi",
    "WeChat": "WeChat Browser, WeChat",
    "Whale": "Whale",
    "Yandex Browser": "Yandex Browser",
}

BROWSERS: Mapping[str, str] = {
    name: family for family, names in _FAMILIES.items() for name in names.split(", ")
}
"""The parser's name -> the family. What is not here is "other"."""

DESKTOPS = frozenset(
    {
        *("Windows", "Mac OS", "Mac OS X", "Linux", "Chrome OS", "Solaris", "FreeBSD", "OpenBSD", "NetBSD"),
        *(
            "Ubuntu",
            "Kubuntu",
            "Debian",
            "Fedora",
            "CentOS",
            "Red Hat",
            "SUSE",
            "Gentoo",
            "Linux Mint",
            "Mageia",
        ),
        *("Mandriva", "Slackware", "Arch Linux", "DragonFly", "BeOS", "AIX", "HP-UX"),
    }
)
PHONES = frozenset(
    {
        *("iPhone", "iPod", "iOS", "iOS-Device", "Windows Phone", "Windows Mobile", "BlackBerry OS", "Bada"),
        *("KaiOS", "Firefox OS", "Symbian OS", "Symbian^3", "Symbian^3 Anna", "Symbian^3 Belle", "Brew MP"),
        *("Nokia Series 30 Plus", "Nokia Series 40", "Generic Smartphone", "Generic Feature Phone", "Maemo"),
    }
)
TABLETS = frozenset({"iPad", "BlackBerry Tablet OS", "Kindle", "PlayBook", "Generic Tablet"})
GUESSES = frozenset({"", "Generic Smartphone", "Generic Feature Phone"})
"""Devices that the parser names when nothing but some letters speak for them."""
TVS = frozenset(
    {
        *("ATV OS X", "tvOS", "AppleTV", "GoogleTV", "FireHbbTV", "Chromecast", "Chromecast Android"),
        *("Chromecast Fuchsia", "Chromecast Linux", "Roku", "Web0S", "Generic_TV", "HbbTV"),
    }
)
