"""Short fields and the site's lists: which entries come near, and when one of them goes in."""
