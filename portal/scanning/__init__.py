"""What the code on a package says: a device's number, its lot, serial number and dates."""
