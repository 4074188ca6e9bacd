"""How Harbour & Vale prices, in the words of `demo`."""

from typing import Any

RATES = (("EUR", "GBP", "0.85", "0.86"), ("USD", "GBP", "0.78", "0.77"))
EVERY = {"distributor": 4, "online": 7, "agent": 9}
LIST = ("RESALE", "", "Prices for resale", "list_price * 0.9", "0.05")
LISTED = (("CF-HOUSE", 50, "12.60"), ("CUP-220", 20, "37.50"))
READERS = ("Sales",)
POLICIES: tuple[dict[str, Any], ...] = (
    {
        "code": "POL-01", "name": {"en": "Coffee by the pallet"}, "effect": "discount", "share": "3%", "category": "COFFEE", "min_quantity": "100",
        "text": {
            "en": "A hundred kilos of coffee or more in one order: 3% off the price that applies.\n\nBlends add up. A discount entered by hand takes "
            "its place.",
        },
    },
    {
        "code": "POL-02", "name": {"en": "Year-end rebate for resellers"}, "effect": "rebate", "share": "2.5%", "channel": "distributor",
        "text": {
            "en": "Resellers are paid 2.5% of the year's sales, without tax, in January.\n\nIt is not in the price: please do not take it off in a "
            "quotation.",
        },
    },
)
PROMOTIONS: tuple[dict[str, Any], ...] = (
    {
        "code": "PRO-01", "name": {"en": "Cups for the season"}, "kind": "percent", "share": "10%", "category": "TABLE", "budget": "1500",
        "priority": "10", "text": {"en": "10% off cups and tableware, as long as the budget lasts."},
    },
    {
        "code": "PRO-02", "name": {"en": "Cleaning tablets with a grinder"}, "kind": "gift", "category": "GRINDER", "min_quantity": "1",
        "lines": [{"product": "CL-TABS", "quantity": "1"}], "text": {"en": "A tub of cleaning tablets with every grinder."},
    },
    {
        "code": "PRO-03", "name": {"en": "Trade fair coupon"}, "kind": "percent", "share": "5%", "is_by_coupon": True, "is_exclusive": True,
        "priority": "5", "text": {"en": "Given out at the trade fair: 5% off, not together with other promotions."},
    },
)
COUPON = ("FAIR26", "PRO-03", 50)
BEGUN, ENDING = 75, 45
