"""A whole capability in a folder: dealers ask for samples. It proves that a manifest is all a capability needs."""
