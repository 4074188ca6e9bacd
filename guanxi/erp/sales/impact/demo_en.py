"""What changed of the espresso machine, in the words of `demo`."""

OTHER = ("two", "v230", "walnut", "tank")
FORBIDDEN = ("", "Walnut panels do not go with a tank any more.", 'finish = "walnut"', 'water <> "tank"')
