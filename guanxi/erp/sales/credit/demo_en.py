"""Credit at Harbour & Vale, in the words of `demo_credit`."""

SELLER = "amelia"
POLICIES = (
    ({"en": "Usual customers", "zh-hans": "一般客户"}, {"tier": "other", "days_overdue": 30, "at_shipment": "none"}),
    ({"en": "Key customers", "zh-hans": "重点客户"}, {"tier": "A", "days_overdue": 60, "tolerance": "10%", "at_shipment": "none"}),
)
LARGE, SMALL = ("EM-TWO", 3), ("CF-HOUSE", 18)
ASKED = "They promised to settle last month's invoices this Friday; please let it go."
CHANGED = "A second bar opens: more is needed"
REFERENCE = "30 % in advance"
