"""Pictures in a terminal: drawn in characters or pixels, as large as they are legible, or handed to a viewer."""
