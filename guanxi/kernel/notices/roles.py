"""What a role needs so that its holders are told things: modules put it into their roles."""

TOLD = {
    "notices.notification": "view:own", "notices.read_notifications": "company",
    "notices.notificationpreference": "view:own", "notices.choose_notices": "company",
}
