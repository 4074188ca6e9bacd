"""What a role needs so that its holders may merge what they may change: modules put it into their roles."""

MERGING = {"merging.merge_records": "company", "merging.merge": "view:own view:team"}
