"""The workspace as the rest of the program sees it, by who asks: each method is one transaction."""
