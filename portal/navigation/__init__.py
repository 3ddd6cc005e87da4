"""How people find their way: the pages they marked, the search across capabilities, the help."""
