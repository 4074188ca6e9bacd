"""The REST face: the same screens, columns, operations and rules as the pages, for programs."""
