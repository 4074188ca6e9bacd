"""Countries and areas that companies trade with, by ISO 3166-1 code."""

from django.utils.translation import gettext_lazy as _

COUNTRIES: list[tuple[str, object]] = [
    ("CN", _("China")), ("HK", _("Hong Kong, China")), ("MO", _("Macao, China")), ("TW", _("Taiwan, China")),
    ("AE", _("United Arab Emirates")), ("AR", _("Argentina")), ("AT", _("Austria")), ("AU", _("Australia")),
    ("BD", _("Bangladesh")), ("BE", _("Belgium")), ("BG", _("Bulgaria")), ("BR", _("Brazil")), ("CA", _("Canada")),
    ("CH", _("Switzerland")), ("CL", _("Chile")), ("CO", _("Colombia")), ("CZ", _("Czechia")), ("DE", _("Germany")),
    ("DK", _("Denmark")), ("EC", _("Ecuador")), ("EE", _("Estonia")), ("EG", _("Egypt")), ("ES", _("Spain")),
    ("ET", _("Ethiopia")), ("FI", _("Finland")), ("FR", _("France")), ("GB", _("United Kingdom")), ("GH", _("Ghana")),
    ("GR", _("Greece")), ("HR", _("Croatia")), ("HU", _("Hungary")), ("ID", _("Indonesia")), ("IE", _("Ireland")),
    ("IL", _("Israel")), ("IN", _("India")), ("IQ", _("Iraq")), ("IR", _("Iran")), ("IS", _("Iceland")), ("IT", _("Italy")),
    ("JO", _("Jordan")), ("JP", _("Japan")), ("KE", _("Kenya")), ("KH", _("Cambodia")), ("KR", _("South Korea")),
    ("KW", _("Kuwait")), ("KZ", _("Kazakhstan")), ("LA", _("Laos")), ("LK", _("Sri Lanka")), ("LT", _("Lithuania")),
    ("LU", _("Luxembourg")), ("LV", _("Latvia")), ("MA", _("Morocco")), ("MM", _("Myanmar")), ("MN", _("Mongolia")),
    ("MX", _("Mexico")), ("MY", _("Malaysia")), ("NG", _("Nigeria")), ("NL", _("Netherlands")), ("NO", _("Norway")),
    ("NP", _("Nepal")), ("NZ", _("New Zealand")), ("OM", _("Oman")), ("PE", _("Peru")), ("PH", _("Philippines")),
    ("PK", _("Pakistan")), ("PL", _("Poland")), ("PT", _("Portugal")), ("QA", _("Qatar")), ("RO", _("Romania")),
    ("RS", _("Serbia")), ("RU", _("Russia")), ("SA", _("Saudi Arabia")), ("SE", _("Sweden")), ("SG", _("Singapore")),
    ("SI", _("Slovenia")), ("SK", _("Slovakia")), ("TH", _("Thailand")), ("TR", _("Türkiye")), ("TZ", _("Tanzania")),
    ("UA", _("Ukraine")), ("US", _("United States")), ("UY", _("Uruguay")), ("UZ", _("Uzbekistan")),
    ("VE", _("Venezuela")), ("VN", _("Vietnam")), ("ZA", _("South Africa")),
]
WRITTEN_CLOSE = frozenset({"CN", "HK", "MO", "TW", "JP", "KR"})
"""Where an address is written from the largest part to the smallest."""


def country_choices() -> list[tuple[str, object]]:
    """For model fields: a function, so that migrations do not repeat the list."""
    return COUNTRIES
