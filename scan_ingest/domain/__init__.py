"""The shapes of the card room: frozen values, no reading or writing."""
