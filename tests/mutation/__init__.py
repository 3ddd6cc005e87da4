"""`bin/mutate`: changes the code, one place at a time, and tells which changes no test notices."""
