"""Who asks Harbour & Vale for what, in the words of `demo`."""

from random import Random
from typing import Any

from guanxi.shared.parties.models import Region

TOWNS = ("Plymouth", "Cardiff", "Oxford", "Sheffield", "Harrogate", "Truro", "Leiden", "Arnhem", "Antwerp", "Oldenburg", "Breda", "Norwich")
HOUSES = ("Roastery", "Tea House", "Garden Café", "Lodge Hotel", "Deli", "Bistro", "Bakehouse", "Coffee Bar")
GIVEN = ("Anna", "Bram", "Charlotte", "David", "Esther", "Gareth", "Ingrid", "Jack", "Lucy", "Peter", "Sophie", "Wim")
FAMILY = ("Archer", "Bosman", "Carver", "Dekker", "Easton", "Greaves", "Hendriks", "Lamb", "Mulder", "Prior", "Stone", "Visser")
TITLES = ("Owner", "Purchasing manager", "Head chef", "General manager")
OFTEN, WON = 0.22, 0.75
AMOUNTS = (8, 190)
NEEDS = (
    "Opens in spring and needs a machine, a grinder and cups", "Present supplier delivers too late; about 30 kg a month",
    "Tasted the house blend at the fair and asks for an offer", "Wants to change to water-process decaf", "Asks for training for five people",
    "Asks what an agreement for the year would save",
)
SUBJECTS = ("Coffee for a new café", "Change of supplier", "Espresso machine", "Agreement for the year", "Cups and tableware", "Tea range")
SOURCES = ("exhibition", "website", "website", "call", "referral", "platform")
STEPS = ("Call again", "Send samples", "Visit for a tasting", "Send the offer", "Agree on the training")
RIVALS = (
    ("bw", "Bellwether Coffee", "quick delivery", "no service for machines"), ("gr", "Groothandel Rijnmond", "low prices", "old stock"),
    ("mc", "Maison Clairval", "well known", "dear"),
)
SITE = {
    "sites": "https://www.harbourvale.example", "name": {"en": "Ask us"}, "intro": {"en": "Tell us what you pour; we answer within one working day."},
    "consent": {"en": "You may contact me about this"},
}
RULE = {"en": "From the web site"}


def company_of(rng: Random) -> dict[str, Any]:
    name = f"{rng.choice(TOWNS)} {rng.choice(HOUSES)}"
    return {"company": name, "industry": "H", "region": Region.objects.get(code="EUROPE")}


def person_of(rng: Random) -> str:
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"


def phone_of(rng: Random) -> str:
    return f"+44 7700 900 {rng.randrange(100, 999)}"


def named(name: str) -> dict[str, str]:
    return {"en": name}
