"""Who follows orders of Harbour & Vale, in the words of `demo`."""

READERS = ("Purchasing, D. Moss", "Goods in")
