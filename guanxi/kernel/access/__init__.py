"""Who may do what: members, teams, roles, scopes, field rights, keys, and the reasons why."""
