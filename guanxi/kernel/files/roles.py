"""Everybody who works here sees the files of what they see, adds to it, and takes back what they added or may change."""

from guanxi.kernel.access.roles import every_role

# The verbs beside “view” are for undoing; by hand nothing is written but through the operations.
every_role({
    "files.attachment": "view add:own change:own delete:own", "files.attach_file": "company",
    **dict.fromkeys(("files.rename_file", "files.replace_file", "files.remove_file"), "own changeable"),
})
