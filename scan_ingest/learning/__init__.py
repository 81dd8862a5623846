"""What the accepted reviews of a site teach: words, names, how far to believe a confidence; and lines to train on."""
