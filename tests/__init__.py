"""What crosses modules: scenarios, borders, the browser, benches."""
