"""An espresso machine that is put together by choice, in the words of `demo`."""

PRODUCT = "EM-TWO"
FEATURES = (("groups", "", "Groups"), ("voltage", "", "Voltage"), ("finish", "", "Finish"), ("water", "", "Water"))
OPTIONS = (
    ("groups", "two", "", "Two groups", "0", "0", "0", True),
    ("groups", "three", "", "Three groups", "1240", "0", "880", False),
    ("voltage", "v230", "230 V", "230 V", "0", "0", "0", True),
    ("voltage", "v400", "", "400 V, three phases", "90", "0", "55", False),
    ("finish", "steel", "", "Stainless steel", "0", "0", "0", True),
    ("finish", "walnut", "", "Walnut panels", "0", "0.08", "150", False),
    ("water", "mains", "", "Mains", "0", "0", "0", True),
    ("water", "tank", "", "Tank", "-60", "0", "-40", False),
)
RULES = (
    ("", "Three groups need 400 V.", 'groups = "three"', 'voltage = "v400"'),
    ("", "Three groups do not run from a tank.", 'groups = "three"', 'water <> "tank"'),
)
CHOSEN = ("three", "v400", "walnut", "mains")
NAME = "For the roastery's bar"
