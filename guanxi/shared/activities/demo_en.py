"""What is said with the customers of Harbour & Vale, in the words of `demo`."""

TALKS_A_DAY = (0, 0, 1)
CALLS = (
    "Confirmed the delivery for this week", "Asked for samples of the single estate coffee", "Promised payment next week",
    "Grinder runs well since the visit", "Wants a price for a second machine",
)
VISITS = (
    "Tasting with the kitchen; the dark roast won", "Saw the new site; two machines needed by spring",
    "Review of the quarter: content, wants shorter delivery",
    "Trained three baristas on the Vale Two",
)
NOTES = ("Pays in time", "Orders on Mondays", "Three offers needed for every machine", "Opens a second house next year")
TASKS = ("Call about the offer", "Send samples", "Prepare the agreement for the year", "Check the statement of account")
TALK = (
    ("amelia", 3, "@Oliver Hart They ask for a second machine by spring. Will you come along?", "oliver", "Yes, any week in March."),
    ("harry", 2, "@George Marsh They are short of coffee: can their bags go first on Friday?", "george", "First on the van."),
    ("lotte", 1, "@Oliver Hart They hope for two points less, see https://price.example/2026", "oliver", "Fine, if they sign this month."),
    ("emma", 1, "@Nora Whitby A credit note is missing on their statement, could you look?", "", ""),
)
