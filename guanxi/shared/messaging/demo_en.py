"""What Harbour & Vale writes to its customers, in the words of `demo`."""

KEPT, REAL = "Demo (sends nothing)", "Company mail"
WRITTEN = (
    ("Tasting box on its way", "Hello,\n\nthe tasting box left today; the number of the parcel follows.\n\nKind regards"),
    ("Your delivery in two parts", "Hello,\n\nthe first half leaves this week, the rest as soon as the ship is in.\n\nKind regards"),
    ("Prices for next year", "Hello,\n\nyou find the draft in the minutes of our meeting. Please say what does not suit you.\n\nKind regards"),
)
