"""What a role needs so that its holders are told of what is there already: modules put it into their roles."""

ASKING = {"likeness.ask_owner": "company", "likeness.set_apart": "company"}
SORTING_OUT = {**ASKING, "likeness.look_for_duplicates": "company"}
