"""A whole capability in a folder: dealers ask for samples. A manifest is all that it needs."""
