"""An espresso machine that is put together by choice, in the words of `demo`."""

PRODUCT = "EM-TWO"
FEATURES = (("groups", "", "Groups"), ("voltage", "", "Voltage"), ("finish", "", "Finish"), ("water", "", "Water"))
OPTIONS = (
    ("groups", "two", "", "Two groups", "0", "0", "0", True, "", 1, 0),
    ("groups", "three", "", "Three groups", "1240", "0", "90", False, "GROUP-3", 1, 4),
    ("voltage", "v230", "230 V", "230 V", "0", "0", "0", True, "", 1, 0),
    ("voltage", "v400", "", "400 V, three phases", "90", "0", "55", False, "", 1, 1),
    ("finish", "steel", "", "Stainless steel", "0", "0", "0", True, "", 1, 0),
    ("finish", "walnut", "", "Walnut panels", "0", "0.08", "30", False, "WALNUT", 1, 2),
    ("water", "mains", "", "Mains", "0", "0", "0", True, "", 1, 0),
    ("water", "tank", "", "Tank", "-60", "0", "-40", False, "", 1, 0),
)
COMPONENTS = (
    ("GROUP-3", "", "Third group for Vale machines", "MACHINE", "pc", "1180", "790", 9),
    ("WALNUT", "", "Walnut panels for Vale machines", "MACHINE", "pc", "210", "120", 14),
)
RULES = (
    ("", "Three groups need 400 V.", 'groups = "three"', 'voltage = "v400"'),
    ("", "Three groups do not run from a tank.", 'groups = "three"', 'water <> "tank"'),
)
CHOSEN = ("three", "v400", "walnut", "mains")
NAME = "For the roastery's bar"
