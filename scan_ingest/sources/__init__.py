"""Files → pages, one at a time: PDF, TIFF, JPEG, PNG, and folders of them."""
