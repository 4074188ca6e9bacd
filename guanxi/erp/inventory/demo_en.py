"""What lies in Bristol and Rotterdam, in the words of `demo`."""

from decimal import Decimal

RATES = {"GBP": Decimal(1), "EUR": Decimal("1.18")}
EVERY = 8
ARRIVING = (5, 40, 110)
OPENING = (80, 160)
DEAR, SHARE = 200, 4
