"""Returns at Harbour & Vale, in the words of `demo`."""

STORIES = (
    (150, "settled", "damaged", "credit", 1, 1, 0, "The box was crushed; two came back", "One as new, one dented"),
    (60, "settled", "wrong_item", "credit", 2, 0, 0, "Another blend than ordered", "Unopened, boxes intact"),
    (21, "settled", "defective", "exchange", 0, 2, 0, "The seals do not hold; please send new ones", "Leak confirmed, scrapped"),
    (12, "settled", "defective", "credit", 0, 0, 1, "Said to be too loud", "Within its limits; sent back to them"),
    (8, "inspected", "damaged", "credit", 1, 1, 0, "Stood in the rain on the way", "One was wet through"),
    (5, "received", "not_wanted", "credit", 0, 0, 0, "Ordered one too many, unopened", ""),
    (3, "announced", "defective", "exchange", 0, 0, 0, "Stopped after a day", ""),
    (4, "cancelled", "not_wanted", "credit", 0, 0, 0, "Wrong size chosen", ""),
)
KEPT = "They will keep it after all"
