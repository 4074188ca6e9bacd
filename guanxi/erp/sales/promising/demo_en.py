"""What is short in Bristol, in the words of `demo_promises`."""

SELLER, OTHER = "amelia", "harry"
WAREHOUSE = ("WH-BATH", {"en": "Bath warehouse"}, "Unit 5, Locksbrook Yard, Bath BA1 3HV")
LEAD_DAYS = {"CF-HOUSE": 5, "CF-DARK": 5, "CF-DECAF": 8, "CF-SINGLE": 10, "EM-ONE": 20, "GR-64": 12, "CUP-90": 6, "CUP-220": 6}
SUBSTITUTES = (
    ("CF-DARK", "CF-HOUSE", 1, "milder roast"), ("CUP-220", "CUP-90", 1, "smaller"), ("GR-64", "GR-83", 1, "larger burrs, 3 kg heavier"),
)
SHORT, UNDATED, ELSEWHERE = "CF-DARK", "TE-EARL", "CUP-220"
DAYS_OFF = ((1, 1, "New Year's Day"), (12, 25, "Christmas Day"), (12, 26, "Boxing Day"))
REFERENCE = "urgent"
TRACKING = "JD0002771840"
