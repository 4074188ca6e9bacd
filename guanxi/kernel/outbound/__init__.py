"""The one client for HTTP requests that leave Guanxi. See README.md."""
