"""How the portal runs, for those who run it: what waits, what fails, what is kept safe."""
