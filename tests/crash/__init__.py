"""The whole story from web form to money, while web server and worker are killed at random. See README.md."""
