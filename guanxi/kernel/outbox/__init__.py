"""What leaves the company leaves through here: mail, webhooks, messages to other systems. See README.md."""
