"""Files of Harbour & Vale's customers: minutes of a tasting, prices of the year, an offer."""

from guanxi.kernel.files.operations import attach, replace_file
from guanxi.shared.demo import Demo
from guanxi.shared.parties.demo_files import CUSTOMERS, letter, pages, stored, table

MINUTES = (
    "Minutes of the tasting", "House blend and Quayside dark roast were served blind.", "The dark roast won by five to two.",
    "Samples for all sites follow.",
)
PRICES = (("CF-HOUSE", "House blend, 1 kg", 14.8), ("CF-DARK", "Quayside dark roast, 1 kg", 15.6), ("TE-BREAK", "Breakfast tea, 1 kg", 21))
HEADINGS, SHEET = ("Code", "Product", "Price"), "Prices"
OFFER = (
    "Offer for two espresso machines", "2 pcs Vale Two, 3,480.00 GBP each, with installation",
    "Delivery within three weeks after receipt of order.",
)


def prepare(demo: Demo) -> None:
    """A few customers get what such folders usually hold, in the last days of the year."""
    days = demo.days()
    for number, customer in enumerate(demo.made["customers"][:CUSTOMERS]):
        actor = demo.acting(demo.owner_of(customer), days[-3 - number])
        if number % 3 == 2:
            attach(customer, stored(pages(OFFER)), "Offer espresso machines.pdf", actor)
            continue
        attach(customer, stored(letter(MINUTES)), "Minutes of the tasting.docx", actor)
        file = attach(customer, stored(table(PRICES, HEADINGS, SHEET)), "Prices of the year.xlsx", actor, description="Without tax, valid for a year")
        if number % 2 == 0:
            lower = [(code, name, round(price * 0.97, 2)) for code, name, price in PRICES]
            replace_file(file, actor=demo.acting(demo.owner_of(customer), days[-1]), content=stored(table(lower, HEADINGS, SHEET)))
