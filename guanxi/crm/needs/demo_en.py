"""What the customers of Harbour & Vale would like to have, in the words of `demo`."""

NEEDS = (
    ("Delivery twice a week", "delivery", "must", "No room to store coffee for more than four days.", "Before ten in the morning"),
    ("Bags that can be composted", "function", "should", "The council collects nothing else from next year.", "Same shelf life"),
    ("A price for the whole year", "price", "should", "About 1,200 kg a year; would like it fixed.", "Billed by quarter"),
    ("A machine on loan during repair", "service", "must", "A morning without espresso costs them the day.", "Within 24 hours"),
    ("A quieter grinder", "quality", "nice", "Guests sit next to the bar.", ""),
)
MET, ACCEPTED = "Arranged; it begins with the next delivery.", "Planned for next quarter."
DECLINED = "It would cost too much; explained to the customer."
TEAM = "Warehouses"
