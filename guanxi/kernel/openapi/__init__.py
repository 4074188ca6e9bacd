"""What the API is, told to tools and to people: the OpenAPI description and the page drawn from it."""
