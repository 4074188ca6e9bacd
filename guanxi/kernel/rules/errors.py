"""What is wrong with a rule, for the person who wrote it."""


class RuleError(ValueError):
    """`message` says what is wrong and what to do, in the active language; `position` counts characters from 0."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
