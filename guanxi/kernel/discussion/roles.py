"""What a role needs so that its holders may speak about what they see: modules put it into their roles."""

SPEAKING = {
    "discussion.comment": "view", "discussion.add_comment": "company", "discussion.answer_comment": "company",
    "discussion.edit_comment": "own", "discussion.delete_comment": "own",
    "discussion.follower": "view", "discussion.follow_record": "company", "discussion.unfollow_record": "company",
}
"""One's own words are one's own."""
