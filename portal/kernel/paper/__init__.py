"""A4 in Chinese or English with its fonts embedded: what every document on paper is drawn with."""
