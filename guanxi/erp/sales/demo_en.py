"""How much Harbour & Vale sells, and why customers say no, in the words of `demo`."""

DEAR, SHARE = 300, 20
ORDERS_A_DAY = (0, 0, 1)
DAYS_TO_DELIVERY = (4, 18)
DECLINED = ("Price too high", "Delivery too late", "Opening postponed", "Stays with the present supplier")
CREDITED = ("Agreed price not applied; credited and billed again", "Two cartons arrived damaged; credited and billed again")
SECTIONS = ("Opening order", "For the season")
